package ui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"
)

// edit is a message that is being changed in the composer, its pictures the chips above
// it. When it is sent it is asked anew in its place; what it was stays as a branch.
type edit struct {
	of    *exchange
	draft string // what was in the composer before
}

// editHint says which keys end the change of a message.
func (m *model) editHint() string {
	return hints(hint("asks it anew", m.keys.send), hint("leaves it", m.keys.stop))
}

// editCommand begins to change a message: the last one, or that of a number.
func (m *model) editCommand(argument string) tea.Cmd {
	ex := m.talk.leaf
	if argument != "" || ex == nil {
		if ex = m.numbered(argument); ex == nil {
			return nil
		}
	}
	return m.startEdit(ex)
}

// startEdit begins to change a message. An answer on its way goes on meanwhile, and is
// stopped when the message is asked anew.
func (m *model) startEdit(ex *exchange) tea.Cmd {
	m.leaveEdit()
	if len(m.attachments) > 0 {
		m.say(&note{text: "Pictures wait for the next message. Send them first, or remove them: Backspace on an empty line."})
		return nil
	}
	m.edit = &edit{of: ex, draft: m.composer.value()}
	m.composer.set(ex.question.text)
	for _, s := range ex.question.shots {
		m.attachments = append(m.attachments, &attachment{source: s.picture.Source, shot: s, from: &request{}})
	}
	if m.plain {
		m.say(&note{text: fmt.Sprintf("Message %d: %s", ex.number, ex.question.text), hint: "What is written next is asked in its place; Ctrl+C leaves it as it was."})
	}
	return m.take()
}

// editLast is what ↑ does first: on an empty composer it begins to change the last
// message, and on one that was not changed yet it goes on to the messages before. It
// reports whether the key was for it.
func (m *model) editLast() (tea.Cmd, bool) {
	switch {
	case m.edit == nil:
		if !m.composer.empty() || len(m.attachments) > 0 || m.talk.leaf == nil {
			return nil, false
		}
		return m.startEdit(m.talk.leaf), true
	case m.composer.value() != m.edit.of.question.text || !m.composer.atTop():
		return nil, false
	}
	text := m.composer.value()
	m.leaveEdit()
	if m.composer.older() && m.composer.value() == text {
		m.composer.older()
	}
	return nil, true
}

// leaveEdit puts the composer back to what it was before a message was edited.
func (m *model) leaveEdit() {
	if m.edit == nil {
		return
	}
	for _, a := range m.attachments {
		a.drop()
	}
	m.attachments = nil
	m.composer.set(m.edit.draft)
	m.edit = nil
}

// behind is the exchange that the next question follows upon; nil at the beginning.
func (m *model) behind() *exchange {
	if m.edit != nil {
		return m.edit.of.parent
	}
	return m.talk.leaf
}

// makesWay stops an answer for a message that is asked anew, and reports whether the
// way is free then.
func (m *model) makesWay() bool {
	if m.edit == nil || m.outbox != nil {
		return false
	}
	m.stop()
	return true
}

// changed reports whether a question is another one than that which is edited.
func (e *edit) changed(q *question) bool {
	old := e.of.question
	return q.text != old.text || !slices.Equal(q.shots, old.shots)
}

// unattached leaves out the names of pictures that wait for the next message already,
// as the text of a message that is edited may name those that it has.
func (m *model) unattached(names []name) []name {
	if m.edit == nil {
		return names
	}
	var rest []name
	for _, n := range names {
		if !slices.ContainsFunc(m.attachments, func(a *attachment) bool { return slices.Contains(n.ways, a.source) }) {
			rest = append(rest, n)
		}
	}
	return rest
}
