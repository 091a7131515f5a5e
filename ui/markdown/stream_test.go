package markdown

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func everything(t testing.TB) string {
	source, err := os.ReadFile("testdata/everything.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// whole draws a text that came at once.
func whole(text string, width int, theme *Theme) []string {
	var s Stream
	s.Add(text)
	s.End()
	return s.Lines(width, theme)
}

// cutUp adds a text in pieces of random sizes, draws it in between, and reports
// what is wrong: what was settled must stay, and in the end all be as if the text
// had come at once.
func cutUp(text string, random *rand.Rand, most, width int, theme *Theme) error {
	var s Stream
	var settled []string
	for rest := text; rest != ""; {
		n := min(1+random.IntN(most), len(rest))
		for n < len(rest) && !utf8.RuneStart(rest[n]) {
			n++
		}
		s.Add(rest[:n])
		rest = rest[n:]
		lines := s.Lines(width, theme)
		if len(lines) < len(settled) || !slices.Equal(lines[:len(settled)], settled) {
			return fmt.Errorf("%q was settled, and became %q", settled, lines)
		}
		if err := fits(lines[len(settled):], width, theme.By); err != nil {
			return err
		}
		settled = slices.Clone(s.parser.lines)
	}
	s.End()
	got, want := s.Lines(width, theme), whole(text, width, theme)
	if !slices.Equal(got, want) {
		return fmt.Errorf("in pieces:\n%s\nat once:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return fits(got, width, theme.By)
}

// ours are the control sequences that may be in a line: colours and addresses.
var ours = regexp.MustCompile(`\x1b\[[0-9;:]*m|\x1b\]8;;[!-~]*\x07`)

// fits reports a line that is too wide, or that has a control character.
func fits(lines []string, width int, by ansi.Method) error {
	for _, line := range lines {
		if n := by.StringWidth(line); n > width {
			return fmt.Errorf("%q is %d cells wide, not %d", line, n, width)
		}
		for _, r := range ours.ReplaceAllString(line, "") {
			if r < ' ' || r >= 0x7F && r < 0xA0 || r == 0x2028 || r == 0x202E || r == 0x2066 {
				return fmt.Errorf("%q has %U", line, r)
			}
		}
	}
	return nil
}

// In whatever pieces a text comes, what is seen at the end is the same.
func TestStreamInPieces(t *testing.T) {
	t.Parallel()
	text := everything(t)
	random := rand.New(rand.NewPCG(1, 1))
	for _, width := range []int{80, 40, 13, 5, 2, 1} {
		for _, most := range []int{1, 7, 200} {
			for _, by := range []ansi.Method{ansi.WcWidth, ansi.GraphemeWidth} {
				if most == 1 && width < 40 && by == ansi.WcWidth {
					continue
				}
				if err := cutUp(text, random, most, width, testTheme(by)); err != nil {
					t.Fatalf("width %d: %v", width, err)
				}
			}
		}
	}
}

// Texts that are longer than what is looked at at once.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	theme := testTheme(ansi.WcWidth)
	random := rand.New(rand.NewPCG(2, 2))
	words := strings.Repeat("some **bold** words and `code` 红色 ", 1000)
	for name, text := range map[string]string{
		"a paragraph of one line": words,
		"a paragraph of lines":    strings.ReplaceAll(words, "and ", "and\n"),
		"no blanks":               strings.Repeat("abcdefghij", 2000),
		"wide, no blanks":         strings.Repeat("红色", 3000),
		"in a list":               "- " + words + "\n- b",
		"code":                    "```go\n" + strings.Repeat("x := `a` + 1 // b\n", 2000) + "```\nend",
		"one line of code":        "```js\n" + strings.Repeat("f(1);", 3000) + "\nend",
		"a table":                 "| a | b |\n|---|---|\n" + strings.Repeat("| cell | another **cell** |\n", 300) + "\nend",
		"a heading":               "# " + words,
		"a row":                   "| a | b |\n|---|---|\n| " + words + " | c |\n",
	} {
		if err := cutUp(text, random, 3000, 60, theme); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A text may be drawn in another width at any time.
func TestResize(t *testing.T) {
	t.Parallel()
	text, theme := everything(t), testTheme(ansi.WcWidth)
	var s Stream
	s.Add(text[:len(text)/2])
	s.Lines(80, theme)
	s.Add(text[len(text)/2:])
	s.End()
	for _, width := range []int{40, 80} {
		if got, want := s.Lines(width, theme), whole(text, width, theme); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	var s Stream
	s.Add("A:\n```go\nfunc f() {\n\treturn\n}\n```\n- in a list\n  ```\n  a\n\n    b\n  ```\n\nand\n\n    by indentation\n\n    more\n\n~~~ {.py}\nun\x1b[31mfinished")
	want := []Block{
		{"go", "func f() {\n\treturn\n}\n"},
		{"", "a\n\n  b\n"},
		{"", "by indentation\n\nmore\n"},
		{"py", "unfinished\n"},
	}
	if got := s.Code(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzStream(f *testing.F) {
	for _, block := range strings.Split(everything(f), "\n\n") {
		f.Add(block, uint64(1), 40)
	}
	f.Add("&#27;[31m &#x9b;2J [a](https://x\u0301.example/\u0007) **a*b_c~~", uint64(3), 1)
	f.Add("| a |\n|-|\n\n1.\n- > ```\n", uint64(3), 3)
	f.Fuzz(func(t *testing.T, text string, seed uint64, width int) {
		if width < 1 || width > 120 || len(text) > 2000 || !utf8.ValidString(text) {
			return
		}
		by := []ansi.Method{ansi.WcWidth, ansi.GraphemeWidth}[seed%2]
		random := rand.New(rand.NewPCG(seed, 0))
		if err := cutUp(text, random, 1+int(seed>>1%64), width, testTheme(by)); err != nil {
			t.Fatal(err)
		}
		var s Stream
		s.Add(text)
		s.Code()
	})
}
