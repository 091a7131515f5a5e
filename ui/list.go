package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/termtext"
)

// list is what there is to choose from, numbered. It is a block of the
// transcript.
type list struct {
	kind    kind
	entries []Named
	current int // index of what answers now, -1 if it is not among them
}

// newList makes a list in which the first of the entries that has one of the
// names current is marked.
func newList(k kind, entries []Named, current ...string) *list {
	l := &list{kind: k, entries: entries}
	l.current = slices.IndexFunc(entries, func(e Named) bool {
		return slices.ContainsFunc(current, func(name string) bool {
			return name != "" && (e.Name == name || e.Name == name+latest || fileName(e.Name) == name)
		})
	})
	return l
}

// fileName is what engines call a model whose server lists it by the whole path of
// its file, "" for any other.
func fileName(name string) string {
	if !strings.HasSuffix(name, ".gguf") {
		return ""
	}
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

func (l *list) version() int { return 0 }

func (l *list) draw(f frame) []string {
	width := max(1, f.width-len(indent))
	if len(l.entries) == 0 {
		none := note{text: fmt.Sprintf("There are no %ss.", l.kind)}
		if l.kind == profiles {
			none.hint = "One is a part [profiles.NAME] of the configuration file."
		}
		return indented(none.lines(width, f.styles))
	}
	digits, column := len(strconv.Itoa(len(l.entries))), 0
	for _, e := range l.entries {
		column = max(column, f.styles.width(termtext.Line(e.Name)))
	}
	column = min(column, width/2)
	var lines []string
	for i, e := range l.entries {
		mark := " "
		if i == l.current {
			mark = "•"
		}
		name := f.styles.cut(termtext.Line(e.Name), max(1, column), "…")
		pad := spaces(column - f.styles.width(name) + 2)
		if i == l.current {
			name = f.styles.strong.Render(name)
		}
		line := fmt.Sprintf("%*d %s %s", digits, i+1, mark, name) + pad + f.styles.faint.Render(termtext.Line(e.About))
		lines = append(lines, f.styles.cut(line, width, "…"))
	}
	how := note{text: fmt.Sprintf("/%s and a number, or the beginning of a name", l.kind)}
	return indented(append(lines, how.lines(width, f.styles)...))
}
