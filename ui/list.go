package ui

import (
	"fmt"
	"strconv"

	tea "charm.land/bubbletea/v2"
)

// list is what there is to pick from, numbered, as a plain chat has it in place of a
// picker. It is a block of the transcript.
type list struct {
	picker *picker
}

// openList lists what a picker has, when it has it.
func (m *model) openList(p *picker) tea.Cmd {
	if p.fetch != nil {
		return m.startSearch(p)
	}
	m.showList(p)
	return nil
}

// showList adds a list to the transcript.
func (m *model) showList(p *picker) {
	l := &list{p}
	m.transcript.add(l)
	m.transcript.show(l)
}

// pickNumber picks the entry of a number from what a command showed last, in a picker
// or a list. It reports whether the argument is a number.
func (m *model) pickNumber(command, argument string) (tea.Cmd, bool) {
	n, err := strconv.Atoi(argument)
	if err != nil {
		return nil, false
	}
	p := m.shown[command]
	if p == nil || n < 1 || n > len(p.entries) {
		m.say(&note{text: fmt.Sprintf("There is no number %d in a list of /%s.", n, command), hint: fmt.Sprintf("/%s lists them.", command)})
		return nil, true
	}
	return p.pick(m, p.entries[n-1]), true
}

func (l *list) version() int { return 0 }

func (l *list) draw(f frame) []string {
	p, st := l.picker, f.styles
	width := max(1, f.width-len(indent))
	digits, column := len(strconv.Itoa(len(p.entries))), 0
	for _, e := range p.entries {
		column = max(column, st.width(e.name))
	}
	column = min(column, width/2)
	var lines []string
	section := ""
	for i, e := range p.entries {
		if e.section != section {
			section = e.section
			lines = append(lines, st.strong.Render(st.cut(section, width, "…")))
		}
		mark := " "
		if e.current {
			mark = "•"
		}
		name := st.cut(e.name, max(1, column), "…")
		pad := spaces(column - st.width(name) + 2)
		if e.current {
			name = st.strong.Render(name)
		}
		line := fmt.Sprintf("%*d %s %s", digits, i+1, mark, name) + pad + st.faint.Render(e.about)
		lines = append(lines, st.cut(line, width, "…"))
	}
	if n := p.nothing(); n != nil {
		lines = append(lines, n.lines(width, st)...)
	}
	if p.command != "" && len(p.entries) > 0 {
		how := note{text: fmt.Sprintf("/%s and a number picks one.", p.command)}
		lines = append(lines, how.lines(width, st)...)
	}
	return indented(lines)
}
