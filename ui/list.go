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

// draw writes every entry whole, as it is read out rather than seen.
func (l *list) draw(f frame) []string {
	p, width := l.picker, max(1, f.width-len(indent))
	var lines []string
	section := ""
	for i, e := range p.entries {
		if e.section != section {
			section = e.section
			lines = append(lines, section+":")
		}
		line := fmt.Sprintf("%d. %s", i+1, e.name)
		if e.current {
			line += " (now)"
		}
		if e.about != "" {
			line += ": " + e.about
		}
		lines = append(lines, f.styles.wrap(line, width)...)
	}
	if n := p.nothing(); n != nil {
		lines = append(lines, n.lines(width, f.styles)...)
	}
	if p.command != "" && len(p.entries) > 0 {
		how := note{text: fmt.Sprintf("/%s and a number picks one.", p.command)}
		lines = append(lines, how.lines(width, f.styles)...)
	}
	return indented(lines)
}
