package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// help lists commands and keys, to be looked through and searched.
func (m *model) help(string) tea.Cmd {
	if m.plain {
		m.say(&note{text: commandsInWords()})
		return nil
	}
	return m.openPicker(m.manual("Help", append(commandEntries(m.keys, "Commands"), keyEntries(m.keys)...)))
}

// listKeys lists the keys alone.
func (m *model) listKeys(string) tea.Cmd {
	if m.plain {
		return m.noScreen("It reads lines, and Ctrl+C stops an answer. The keys of the chat with a screen are in docs/keys.md.")
	}
	return m.openPicker(m.manual("Keys", keyEntries(m.keys)))
}

// manual makes a picker of things to read, of which commands can be used, too.
func (m *model) manual(heading string, entries []entry) *picker {
	return &picker{heading: heading, entries: entries, does: "uses a command", names: 30, pick: func(m *model, e entry) tea.Cmd {
		if c, ok := e.value.(use); ok {
			return m.useCommand(c)
		}
		return nil
	}}
}

// keyEntries are the keys by what they do, where they act as their sections.
func keyEntries(k *Keys) []entry {
	var all []entry
	for _, s := range scopes {
		for _, a := range k.in(s) {
			all = append(all, entry{name: shownKeys(a.keys), about: a.does, section: string(s), value: a.name})
		}
		if s == inChat {
			all = append(all, entry{name: "Shift+drag", about: "select text (on a Mac: Option or Fn)", section: string(s), value: "the terminal's own"})
		}
	}
	return all
}

// commandsInWords is the list of commands, as a chat of plain lines has it.
func commandsInWords() string {
	lines := []string{"Commands:"}
	for _, c := range commands {
		if c.usage != "" {
			lines = append(lines, c.usage+": "+c.does)
		}
	}
	lines = append(lines, `A line that ends in \ goes on in the next; lines between two of """ are one message.`, "Ctrl+C stops an answer; twice, it leaves.")
	return strings.Join(lines, "\n")
}

func spaces(n int) string { return strings.Repeat(" ", max(0, n)) }
