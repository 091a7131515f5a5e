package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// use is a command to be used: run as it is, or written for its argument.
type use struct {
	command string
	written bool // it has to have an argument, which the person is to write
}

// openPalette lets the person find a command by its name or by what it does. Those that
// were used come first, the last one before the others.
func (m *model) openPalette() tea.Cmd {
	all := commandEntries(m.keys, "")
	var entries []entry
	for _, name := range slices.Backward(m.used) {
		i := slices.IndexFunc(all, func(e entry) bool { return e.value.(use).command == name })
		if i >= 0 {
			all[i].section = "Used before"
			entries = append(entries, all[i])
			all = slices.Delete(all, i, i+1)
		}
	}
	for i := range all {
		if len(entries) > 0 {
			all[i].section = "All others"
		}
	}
	return m.openPicker(&picker{heading: "Commands", entries: append(entries, all...), does: "uses it",
		pick: func(m *model, e entry) tea.Cmd { return m.useCommand(e.value.(use)) }})
}

// useCommand runs a command, or puts it before what is written, where its argument goes.
func (m *model) useCommand(u use) tea.Cmd {
	if !u.written {
		return m.runCommand(u.command, "")
	}
	m.composer.giveBack("/" + u.command)
	if m.composer.value() == "/"+u.command {
		m.composer.insert(" ")
	}
	return nil
}

// remember notes that a command was used.
func (m *model) remember(name string) {
	m.used = append(slices.DeleteFunc(m.used, func(s string) bool { return s == name }), name)
}

// commandEntries are the commands as help has them, with the keys that do the same.
func commandEntries(k *Keys, section string) []entry {
	var all []entry
	for _, c := range commands {
		if c.usage == "" {
			continue
		}
		_, argument, _ := strings.Cut(c.usage, " ")
		e := entry{name: c.usage, about: c.does, section: section, value: use{command: c.name, written: argument != "" && argument[0] != '['}}
		if pressed := k.of(c.name); pressed != "" {
			e.about = pressed + dot + e.about
		}
		all = append(all, e)
	}
	return all
}
