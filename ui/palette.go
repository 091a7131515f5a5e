package ui

import tea "charm.land/bubbletea/v2"

// openPalette lets the person find a command by its name or by what it does.
func (m *model) openPalette() tea.Cmd {
	p := &picker{heading: "Commands", pick: func(m *model, e entry) tea.Cmd { return m.runCommand(e.value.(string), "") }}
	for _, c := range commands {
		if c.usage != "" {
			p.entries = append(p.entries, entry{name: c.usage, about: c.does, value: c.name})
		}
	}
	return m.openPicker(p)
}
