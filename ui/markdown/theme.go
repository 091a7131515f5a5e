package markdown

import (
	"slices"

	"github.com/charmbracelet/x/ansi"
)

// Role is what a piece of text is, as far as that is seen.
type Role uint8

// The roles. Text has no look but its weight.
const (
	Text Role = iota
	Title
	Heading
	Mark // a list's numbers and bullets, a quote's bar, rules, a table's lines
	Label
	Link
	Address
	Code // in a line of text

	Source // code in a block, and of it what is nothing else
	Keyword
	Name
	String
	Number
	Comment
	Inserted
	Deleted

	roles // how many there are
)

// Theme is how the roles look, and how the terminal counts cells. A Stream draws
// anew when it gets another one, by its address: a theme that is in use stays as
// it is.
type Theme struct {
	By    ansi.Method
	Looks [roles]ansi.Style
}

// weight is what emphasis does to a text, whatever its role.
type weight uint8

const (
	bold weight = 1 << iota
	italic
	struck
)

// look is everything that what a text looks like depends on.
type look struct {
	role   Role
	weight weight
}

// style returns what switches a look on, "" if there is nothing to switch.
func (t *Theme) style(l look) string {
	s := slices.Clone(t.Looks[l.role])
	if l.weight&bold != 0 {
		s = s.Bold()
	}
	if l.weight&italic != 0 {
		s = s.Italic(true)
	}
	if l.weight&struck != 0 {
		s = s.Strikethrough(true)
	}
	if len(s) == 0 {
		return ""
	}
	return s.String()
}

// width is how many cells a text without control sequences takes.
func (t *Theme) width(text string) int {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return t.By.StringWidth(text)
		}
	}
	return len(text)
}
