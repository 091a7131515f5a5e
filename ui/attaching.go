package ui

import (
	tea "charm.land/bubbletea/v2"
)

// attach begins to read pictures for the next message. If one of them can't be
// had, original goes into the composer.
func (m *model) attach(sources []string, original string) tea.Cmd {
	from := &request{original: original}
	var commands []tea.Cmd
	for _, source := range sources {
		a := &attachment{source: source, from: from}
		m.attachments = append(m.attachments, a)
		commands = append(commands, a.read(m.ctx, m.options.Attach))
	}
	return tea.Batch(commands...)
}

// attached takes a picture that was read, or the reason why it could not be.
func (m *model) attached(msg attachedMsg) tea.Cmd {
	if !m.attachments.has(msg.attachment) {
		return nil // taken back, or failed with its fellows
	}
	if msg.err != nil {
		m.attachments = m.attachments.without(msg.attachment.from)
		text, hint := explain(msg.err)
		if m.outbox != nil && hint == "" {
			hint = "Nothing was sent. `Backticks` around a name make it words."
		}
		m.say(&note{text: text, hint: hint, bad: true})
		if original := msg.attachment.from.original; original != "" {
			m.composer.giveBack(original)
		}
		if m.outbox != nil {
			m.composer.giveBack(m.outbox.original)
			m.outbox = nil
		}
		return nil
	}
	msg.attachment.shot = msg.shot
	if m.outbox == nil || m.attachments.reading() {
		return nil
	}
	text := m.outbox.text
	m.outbox = nil
	return m.ask(text)
}

// dropLast takes back the picture attached last.
func (m *model) dropLast() {
	n := len(m.attachments)
	if n == 0 {
		return
	}
	m.attachments = m.attachments[:n-1]
	if m.draft == nil || n > len(m.draft.shots) {
		return
	}
	m.draft.shots = m.attachments.shots()
	m.draft.changes++
	if n == 1 {
		m.transcript.remove(m.draft)
		m.draft = nil
	}
}
