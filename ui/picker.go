package ui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termtext"
)

// entry is something that can be picked.
type entry struct {
	name    string // what the person writes to find it
	about   string // more of it, fainter
	current bool   // it is what is chosen now
	value   any    // for whoever opened the picker
}

// picker is a dialog in which one of many is chosen, by moving to it or by writing
// some of its name.
type picker struct {
	heading string
	entries []entry
	empty   string // said in place of entries if there are none
	filter  textinput.Model
	at      int // index of the entry that would be picked, in those that are found
	first   int // index of the one that is drawn first

	// pick is called with what was chosen, when the picker is closed already.
	pick func(m *model, e entry) tea.Cmd
}

// openPicker opens a picker of some entries.
func (m *model) openPicker(p *picker) tea.Cmd {
	p.filter = textinput.New()
	p.filter.Prompt = prompt
	p.filter.SetVirtualCursor(false)
	for i, e := range p.entries {
		if e.current {
			p.at = i
		}
	}
	m.dialog = p
	return p.filter.Focus()
}

func (p *picker) title() string { return p.heading }

func (p *picker) hint() string { return "Enter chooses · Esc leaves" }

// found returns the entries that have every word of the filter.
func (p *picker) found() []entry {
	words := strings.Fields(strings.ToLower(p.filter.Value()))
	var found []entry
next:
	for _, e := range p.entries {
		text := strings.ToLower(e.name + " " + e.about)
		for _, w := range words {
			if !strings.Contains(text, w) {
				continue next
			}
		}
		found = append(found, e)
	}
	return found
}

func (p *picker) draw(f frame, height int) panel {
	found := p.found()
	rows := max(1, height-1)
	p.at = max(0, min(p.at, len(found)-1))
	p.first = max(min(p.first, p.at), p.at-rows+1, 0)
	st := f.styles
	p.filter.SetWidth(max(1, f.width-len(indent)-1))
	out := panel{lines: []string{p.filter.View()}, cursor: p.filter.Cursor()}
	column := 0
	for _, e := range found {
		column = max(column, st.width(termtext.Line(e.name)))
	}
	column = min(column, f.width/2)
	for i, e := range found {
		if i < p.first || len(out.lines) > rows {
			continue
		}
		name := st.cut(termtext.Line(e.name), column, "…")
		pad := spaces(column - st.width(name) + 2)
		mark := "  "
		if i == p.at {
			mark, name = st.bar.Render("› "), st.strong.Render(name)
		}
		if e.current {
			name += " •"
		}
		out.lines = append(out.lines, st.cut(mark+name+pad+st.faint.Render(termtext.Line(e.about)), f.width, "…"))
	}
	if len(found) == 0 {
		text := p.empty
		if len(p.entries) > 0 {
			text = fmt.Sprintf("Nothing here matches %q.", p.filter.Value())
		}
		out.lines = append(out.lines, indented((&note{text: text}).lines(max(1, f.width-len(indent)), st))...)
	}
	return out
}

func (p *picker) press(m *model, msg tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(msg, keys.stop):
		m.closeDialog()
	case key.Matches(msg, keys.send):
		if found := p.found(); len(found) > 0 {
			m.closeDialog()
			return p.pick(m, found[p.at])
		}
	case key.Matches(msg, keys.historyPrev):
		p.at--
	case key.Matches(msg, keys.historyNext):
		p.at++
	default:
		var cmd tea.Cmd
		p.filter, cmd = p.filter.Update(msg)
		return cmd
	}
	return nil
}

func (p *picker) paste(_ *model, text string) tea.Cmd {
	var cmd tea.Cmd
	p.filter, cmd = p.filter.Update(tea.PasteMsg{Content: termtext.Line(text)})
	return cmd
}

func (p *picker) mouse(m *model, msg tea.MouseMsg, at int) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			p.at--
		case tea.MouseWheelDown:
			p.at++
		}
	case tea.MouseClickMsg:
		found := p.found()
		if i := p.first + at - 1; at >= 1 && i < len(found) {
			m.closeDialog()
			return p.pick(m, found[i])
		}
	}
	return nil
}
