package ui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/termtext"
)

// attach begins to read pictures for the next message.
func (m *model) attach(names []name, from *request) tea.Cmd {
	var commands []tea.Cmd
	for _, n := range names {
		a := &attachment{name: n, source: n.ways[0], from: from}
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
	room := mostAttachments - (len(m.attachments) - 1)
	switch {
	case msg.err == nil && len(msg.shots) > room:
		msg.err = tooManyAttachments
		fallthrough
	case msg.err != nil:
		m.refuse(msg.attachment, msg.err)
		return m.take()
	case msg.shots == nil && msg.attachment.mentioned:
		// Somebody's name, or a word.
	case msg.shots == nil:
		m.sentAsWords(msg.attachment.ways[len(msg.attachment.ways)-1], "there is no such file here")
	case m.outbox != nil && msg.source == m.outbox.text:
		m.outbox = nil // it was a name with blanks, and nothing else
	}
	for _, text := range msg.notes {
		m.say(&note{text: termtext.Line(text)})
	}
	at := slices.Index(m.attachments, msg.attachment)
	m.attachments = m.attachments.replaced(msg.attachment, msg.shots)
	if m.chips.selected == msg.attachment && msg.shots != nil {
		m.chips.selected = m.attachments[at]
	}
	return tea.Batch(m.take(), m.post())
}

// mostAttachments is how many pictures a message can have. More are rather a mistake.
const mostAttachments = 100

var tooManyAttachments = &engine.Error{Kind: engine.BadPicture, Message: fmt.Sprintf("These are too many pictures for one message, which takes %d.", mostAttachments)}

// sentAsWords says what could have been a picture and is none for the model.
func (m *model) sentAsWords(written, why string) {
	m.say(&note{text: fmt.Sprintf("%s was sent as words, not as a picture: %s.", termtext.Line(written), why)})
}

// takenMsg says whether an engine takes an attachment.
type takenMsg struct {
	attachment *attachment
	turn       int // of the engine
	err        error
}

// take has the engine look at the pictures that were read, one after the other:
// each is one more for the next. One that it refuses is told now, and not with
// every later question.
func (m *model) take() tea.Cmd {
	if m.taking != nil {
		return nil
	}
	earlier := m.behind().pictures()
	for _, a := range m.attachments {
		switch _, asks := m.setup.Engine.(engine.PictureTaker); {
		case a.shot == nil:
			continue
		case !a.taken && asks:
			m.taking = a
			ctx, e, turn := m.ctx, m.setup.Engine, m.turn
			return func() tea.Msg { return takenMsg{a, turn, take(ctx, e, a.shot.picture, earlier)} }
		}
		a.taken = true
		earlier = append(earlier, a.shot.picture)
	}
	return nil
}

// taken hears what an engine says to a picture.
func (m *model) taken(msg takenMsg) tea.Cmd {
	m.taking = nil
	switch {
	case msg.turn != m.turn || !m.attachments.has(msg.attachment):
		// Another engine answers by now, or nobody wants the picture any more.
	case msg.err != nil:
		m.refuse(msg.attachment, msg.err)
	default:
		msg.attachment.taken = true
	}
	return tea.Batch(m.take(), m.post())
}

// refuse leaves out an attachment and those that were named with it, and says
// why.
func (m *model) refuse(a *attachment, err error) {
	m.attachments = m.attachments.without(a.from)
	m.redraft()
	text, hint := explain(err)
	if m.outbox != nil && hint == "" {
		hint = "Nothing was sent. `Backticks` around a name make it words."
	}
	m.say(&note{text: text, hint: hint, bad: true})
	if original := a.from.original; original != "" {
		m.composer.giveBack(original)
	}
	if m.outbox != nil {
		m.unsend()
	}
}

// unsend gives back the message that waits for its pictures. Those that it names
// will be read when it is sent again.
func (m *model) unsend() {
	m.attachments = m.attachments.without(m.outbox.from)
	m.composer.giveBack(m.outbox.original)
	m.outbox = nil
}

// stopReading gives up the pictures that are being read, and those that were named
// with them.
func (m *model) stopReading() {
	for a := m.attachments.unread(); a != nil; a = m.attachments.unread() {
		m.attachments = m.attachments.without(a.from)
		if a.from.original != "" {
			m.composer.giveBack(a.from.original)
		}
	}
}

// post sends the message that waits for its pictures, once they are there.
func (m *model) post() tea.Cmd {
	if m.outbox == nil || m.attachments.reading() {
		return nil
	}
	o := m.outbox
	m.outbox = nil
	return m.askOn(o.text, o.terms)
}

// dropLast takes back the picture attached last.
func (m *model) dropLast() {
	if m.outbox != nil {
		m.unsend() // without this picture it is another message
	} else if n := len(m.attachments); n > 0 {
		m.attachments[n-1].drop()
		m.attachments = m.attachments[:n-1]
		m.redraft()
	}
}

// redraft shows those of the pictures of the start that are still there.
func (m *model) redraft() {
	if m.draft == nil {
		return
	}
	m.draft.shots = nil
	for _, a := range m.attachments {
		if a.drafted {
			m.draft.shots = append(m.draft.shots, a.shot)
		}
	}
	m.draft.changes++
	if m.draft.shots == nil {
		m.transcript.remove(m.draft)
		m.draft = nil
	}
}
