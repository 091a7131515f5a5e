package markdown

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// bare is a theme without looks.
var bare = &Theme{By: ansi.WcWidth}

// drawn draws a text without looks.
func drawn(text string, width int, ended bool) string {
	var s Stream
	s.Add(text)
	if ended {
		s.End()
	}
	return ansi.Strip(strings.Join(s.Lines(width, bare), "\n"))
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"nothing", "\n \n", ""},
		{"paragraphs", "\n\na\nb\n\n\n\nc\n", "a\nb\n\nc"},
		{"headings", "a\n# b #\nc\n### d\n#no", "a\n\nb\nc\n\nd\n#no"},
		{"underlined", "a\nb\n===\n\nc\n---\n", "a\nb\n\nc"},
		{"a rule below two lines", "a\nb\n---\nc", "a\nb\n\n────────────────────\n\nc"},
		{"rules", "***\n\n- - -\n\n__", "────────────────────\n\n────────────────────\n\n__"},
		{"a list after text", "a:\n- b\n- c\n\nd", "a:\n• b\n• c\n\nd"},
		{"a loose list", "- a\n\n- b\n- c", "• a\n\n• b\n• c"},
		{"numbers are the model's", "3. a\n7) b\n", "3. a\n7) b"},
		{"a year is no item", "It was in\n1987. Or so.", "It was in\n1987. Or so."},
		{"an item is one", "In a list:\n1. a\n2. b\n3. c", "In a list:\n1. a\n2. b\n3. c"},
		{"lists in lists", "- a\n  - b\n    - c\n      - d\n- e", "• a\n  ◦ b\n    ▪ c\n      ▪ d\n• e"},
		{"under a number by two", "1. a\n  - b\n2. c", "1. a\n   ◦ b\n2. c"},
		{"by four", "- a\n    - b\n        - c", "• a\n  ◦ b\n    ▪ c"},
		{"by tabs", "- a\n\t- b", "• a\n  ◦ b"},
		{"empty items", "-\n- \n- a", "•\n•\n• a"},
		{"in its second line", "-\n  a", "• a"},
		{"tasks", "- [ ] a\n- [X] b\n- [y] c", "[ ] a\n[x] b\n• [y] c"},
		{"a box in a task", "- [ ] [x] a\n- [x] [ ] b\n- [x]", "[ ] [x] a\n[x] [ ] b\n[x]"},
		{"an item's paragraphs", "- a\n\n  b\n\nc", "• a\n\n  b\n\nc"},
		{"a lazy line", "- a\nb\n\n> c\nd", "• a\n  b\n\n│ c\n│ d"},
		{"long items", "1. one two three four five six", "1. one two three\n   four five six"},
		{"quotes", "> a\n>\n> - b\n> > c\n\nd", "│ a\n│\n│ • b\n│ │ c\n\nd"},
		{"two quotes", "> a\n\n> b", "│ a\n\n│ b"},
		{"code", "a\n```go\nx\n\n\ty\n```\nb", "a\n\ngo\n  x\n\n      y\n\nb"},
		{"code by tildes, with a longer fence", "~~~~\n~~~\n```\n~~~~", "  ~~~\n  ```"},
		{"code in an item, and out of it", "1. a\n   ```\n   x\ny\n   ```\n2. b", "1. a\n\n     x\n     y\n\n2. b"},
		{"code that never ends", "```\nx\n\n", "  x\n"},
		{"no code", "a ```b``` c\n``` d ` e", "a b c\n``` d ` e"},
		{"by indentation", "a\n\n    b\n\n\n      c\n\nd", "a\n\n  b\n\n\n    c\n\nd"},
		{"not in a paragraph", "a\n    b", "a\nb"},
		{"HTML", "<details>\n<summary>a</summary>\n\nb", "<details>\n<summary>a</summary>\n\nb"},
		{"references stay", "[a][1]\n\n[1]: http://b", "[a][1]\n\n[1]: http://b"},
		{"a table", "a | b\n--|--:\nc | 1\nd", "a │ b\n──┼──\nc │ 1\n\nd"},
		{"below text", "Look:\n| a | b |\n|---|---|\n| c | d |", "Look:\n\na │ b\n──┼──\nc │ d"},
		{"no table", "| a | b |\n|---|\n\na | b\nc", "| a | b |\n|---|\n\na | b\nc"},
		{"too few cells and too many", "|a|b|\n|-|-|\n|c|\n|d|e|f|", "a │ b\n──┼──────\nc │ \nd │ e | f"},
		{"bars in cells", "|a|b|\n|-|-|\n|`c\\|d`|\\||", "a   │ b\n────┼──\nc|d │ |"},
		{"in the middle", "|aaaa|b|\n|:-:|-|\n|c|d|", "aaaa │ b\n─────┼──\n c   │ d"},
		{"rows of several lines", "|a|b|\n|-|-|\n|1|one two three four|\n|2|five|", "a │ b\n──┼─────────────────\n1 │ one two three\n  │ four\n┈┈┼┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈\n2 │ five"},
		{"lines in cells", "|a|b|\n|-|-|\n|c<br>d|e|", "a │ b\n──┼──\nc │ e\nd │ "},
		{"pairs", "|first|second|third|\n|-|-|-|\n|one two three|four five six|seven|\n|x|y|z|", "first: one two three\nsecond: four five\nsix\nthird: seven\n\nfirst: x\nsecond: y\nthird: z"},
		{"pairs with a gap", "|first|second|third|\n|-|-|-|\n|one|two|three|\n|x||z|", "first: one\nsecond: two\nthird: three\n\nfirst: x\nthird: z"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := drawn(test.in, 20, true); got != test.want {
				t.Errorf("%q: got\n%s\nwant\n%s", test.in, got, test.want)
			}
		})
	}
}

// What a text looks like while its last line comes: not as something else first.
func TestTail(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"a\n\n-", "a"},
		{"a\n\n1", "a"},
		{"a\n\n12.", "a"},
		{"a\n\n12", "a"},
		{"a\n\n- b", "a\n\n• b"},
		{"a\n##", "a"},
		{"a\n## b **c", "a\n\nb c"},
		{"a\n`", "a"},
		{"```", ""},
		{"```go", "go"},
		{"```go\nx\n``", "go\n  x"},
		{"```go\nx = `", "go\n  x = `"},
		{"a\n|", "a"},
		{"| a | b", "a │ b\n──┼──"},
		{"| a | b |\n|--", "a │ b\n──┼──"},
		{"| a | b |\n|---|---|\n| c", "a │ b\n──┼──\nc │ "},
		{"a | b", "a | b"},
		{"> ", ""},
		{"a **b", "a b"},
	}
	for _, test := range tests {
		if got := drawn(test.in, 20, false); got != test.want {
			t.Errorf("%q: got\n%s\nwant\n%s", test.in, got, test.want)
		}
	}
}

func TestLay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		text  string
		width int
		by    ansi.Method
		want  []string
	}{
		{"between words", "a red circle", 6, ansi.WcWidth, []string{"a red", "circle"}},
		{"a long word is cut", "ab abcdefgh", 3, ansi.WcWidth, []string{"ab", "abc", "def", "gh"}},
		{"behind a dash", "well-known", 6, ansi.WcWidth, []string{"well-", "known"}},
		{"before numbers it is a sign", "a -1234", 5, ansi.WcWidth, []string{"a", "-1234"}},
		{"Chinese breaks anywhere", "ab红色圆形", 6, ansi.WcWidth, []string{"ab红色", "圆形"}},
		{"but not before a full stop", "红色圆。形", 6, ansi.WcWidth, []string{"红色", "圆。形"}},
		{"nor behind a bracket", "红色（圆", 6, ansi.WcWidth, []string{"红色", "（圆"}},
		{"emoji stay whole", "👩‍👩‍👧👩‍👩‍👧", 2, ansi.GraphemeWidth, []string{"👩‍👩‍👧", "👩‍👩‍👧"}},
		{"too wide for any line", "a红b", 1, ansi.WcWidth, []string{"a", "b"}},
		{"combining", "e\u0301e\u0301", 1, ansi.GraphemeWidth, []string{"e\u0301", "e\u0301"}},
		{"lines end", "a\n\nb", 10, ansi.WcWidth, []string{"a", "", "b"}},
		{"nothing", "", 5, ansi.WcWidth, []string{""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range lay([]span{{text: test.text}}, test.width, &Theme{By: test.by}) {
				got = append(got, r.text)
				if n := test.by.StringWidth(r.text); n != r.width {
					t.Errorf("%q is %d cells wide, not %d", r.text, n, r.width)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A row of two letters is not a thousand lines, whatever the table's head is.
func TestWideTable(t *testing.T) {
	t.Parallel()
	const columns, rows = 1000, 1000
	text := strings.Repeat("|a", columns) + "\n" + strings.Repeat("|-", columns) + "\n" + strings.Repeat("|b\n", rows)
	if n := strings.Count(drawn(text, 80, true), "\n") + 1; n > 3*rows {
		t.Errorf("%d lines are drawn", n)
	}
}
