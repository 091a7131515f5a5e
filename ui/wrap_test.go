package ui

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/termtext"
)

func TestWrap(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		text  string
		width int
		want  []string
	}{
		{"between words", "a red circle", 6, []string{"a red", "circle"}},
		{"a long word is cut", "abcdefgh", 3, []string{"abc", "def", "gh"}},
		{"newlines stay", "a\n\nb", 10, []string{"a", "", "b"}},
		{"indentation stays", "  a b", 10, []string{"  a b"}},
		{"tabs", "\ta", 10, []string{"    a"}},
		{"Chinese is two cells wide", "红色圆形", 4, []string{"红色", "圆形"}},
		{"an odd width", "红色圆形", 5, []string{"红色", "圆形"}},
		{"emoji stay whole", "👩‍👩‍👧👩‍👩‍👧", 2, []string{"👩‍👩‍👧", "👩‍👩‍👧"}},
		{"nothing", "", 5, []string{""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := wrap(test.text, test.width, ansi.GraphemeWidth); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A growing text must look at every step as if it had come whole.
func TestFlow(t *testing.T) {
	t.Parallel()
	text := "\n\nThe first paragraph is long enough to wrap.\n\n  - 红色的圆形\n  - two\n\nEnd 👋 of it. \n\n"
	by := ansi.WcWidth
	for _, width := range []int{1, 2, 7, 40} {
		var f flow
		for i, r := range text {
			f.add(string(r))
			whole := trimBlank(wrap(text[:i]+string(r), width, by))
			if got := f.lines(width, by); !slices.Equal(got, whole) {
				t.Fatalf("width %d, after %q: %q, want %q", width, text[:i], got, whole)
			}
		}
		// And again at another width.
		if got, want := f.lines(width+3, by), trimBlank(wrap(text, width+3, by)); !slices.Equal(got, want) {
			t.Errorf("resized: %q, want %q", got, want)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("a red\tcircle 红色 👩‍👩‍👧\n  x", 5)
	f.Fuzz(func(t *testing.T, text string, width int) {
		if width < 1 || width > 200 || len(text) > 2000 {
			return
		}
		for _, by := range []measure{ansi.WcWidth, ansi.GraphemeWidth} {
			for _, line := range wrap(termtext.Sanitize(text), width, by) {
				if w := by.StringWidth(line); w > width || strings.Contains(line, "\n") {
					t.Fatalf("%q is %d cells wide, not %d", line, w, width)
				}
			}
		}
	})
}

func TestCut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		width int
		tail  string
		by    measure
		want  string
	}{
		{"abc", 3, "…", ansi.WcWidth, "abc"},
		{"abcd", 3, "…", ansi.WcWidth, "ab…"},
		{"红色圆形", 5, "", ansi.WcWidth, "红色"},
		{"👩‍👩‍👧x", 3, "", ansi.GraphemeWidth, "👩‍👩‍👧x"},
		{"👩‍👩‍👧x", 3, "…", ansi.WcWidth, "…"},
		{"abc", 0, "", ansi.WcWidth, ""},
		{"abc", -1, "…", ansi.WcWidth, ""},
	}
	for _, test := range tests {
		if got := cut(test.text, test.width, test.tail, test.by); got != test.want {
			t.Errorf("cut(%q, %d) = %q, want %q", test.text, test.width, got, test.want)
		}
	}
}
