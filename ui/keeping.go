package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/sessions"
)

// How often what changes all the time is written.
const (
	answerPace = time.Second     // an answer that is being written
	draftPace  = 2 * time.Second // what is being written by the person: see drafting.go
)

// keeping is what the chat knows of how it is kept.
type keeping struct {
	keeper  *keeper  // nil where nothing can be kept
	private bool     // nothing of this chat is to be kept
	session *session // this conversation

	pacing   bool   // an answer is written when a second has passed
	drafting bool   // likewise the draft
	failed   string // why nothing is kept at the moment
	retiring bool   // the limits of what is kept have been seen to
	errands  int    // what was asked for and is not done: a conversation to be opened, say
	late     []lateShot
}

type (
	// savedMsg says how writing went.
	savedMsg struct {
		err     error
		removed bool // the session that was written is not there any more
		of      *session
	}
	// errandMsg is what came of an errand.
	errandMsg     struct{ outcome tea.Msg }
	answerPaceMsg struct{}
	draftPaceMsg  struct{}
)

// keep writes what has changed since it was called last: it is called after everything
// that happens, and looks for itself.
func (m *model) keep() tea.Cmd {
	fresh := m.talk.fresh
	if m.keeper == nil || m.private {
		m.talk.fresh = nil
		return nil
	}
	s := m.session
	var cmds []tea.Cmd
	if jobs := s.changes(&m.talk); len(jobs) > 0 {
		m.keeper.add(jobs...)
		var shots []*shot // that are kept now
		for _, ex := range fresh {
			shots = append(shots, ex.question.shots...)
		}
		cmds = append(cmds, m.write(), m.thumbnails(shots))
	}
	if !m.pacing && slices.ContainsFunc(s.alive, s.behind) {
		m.pacing = true
		cmds = append(cmds, tea.Tick(answerPace, func(time.Time) tea.Msg { return answerPaceMsg{} }))
	}
	return tea.Batch(append(cmds, m.watchDraft())...)
}

// errand is a command for something that the person waits for: the next line of a plain
// chat does, too.
func (m *model) errand(do func() tea.Msg) tea.Cmd {
	m.errands++
	return func() tea.Msg { return errandMsg{do()} }
}

// write is a command that writes what waits to be written.
func (m *model) write() tea.Cmd {
	k, s := m.keeper, m.session
	return func() tea.Msg { return k.write(s) }
}

// settling returns what waits until all is written that is to be, for a command that asks
// something. If the session turns out to be removed, so is what an engine would keep of it.
func (m *model) settling() func(*engine.Request) {
	k, s := m.keeper, m.session
	if k == nil || m.private {
		return func(*engine.Request) {}
	}
	return func(r *engine.Request) {
		_ = k.settle() // what it can't write, who writes it tells
		k.turn.Lock()
		defer k.turn.Unlock()
		r.Private = r.Private || s.kept.removed
	}
}

// paced writes what has come of answers in the last second.
func (m *model) paced() tea.Cmd {
	m.pacing = false
	if m.keeper == nil || m.private {
		return nil
	}
	return m.writeAnswers()
}

func (m *model) writeAnswers() tea.Cmd {
	jobs := m.session.progress()
	if len(jobs) == 0 {
		return nil
	}
	m.keeper.add(jobs...)
	return m.write()
}

// written hears how writing went. That it does not go on is said once, and that it does
// again, too.
func (m *model) written(msg savedMsg) {
	switch {
	case msg.err != nil && m.failed == "":
		m.failed = msg.err.Error()
		n := &note{text: "This conversation is not being saved: " + m.failed, bad: true,
			hint: "It goes on unsaved. What was said is saved with the next message, as soon as that is possible."}
		if _, newer := errors.AsType[*sessions.NewerError](msg.err); newer {
			n.hint = "It goes on unsaved; /export writes it to a file."
		}
		m.say(n)
	case msg.err == nil && m.failed != "":
		m.failed = ""
		m.say(&note{text: "The conversation is saved again, with all that was said meanwhile."})
	case msg.removed && msg.of == m.session && !m.private:
		m.private = true
		m.say(&note{text: "This conversation is not saved any more: " + errRemoved.Error() + ".", bad: true, hint: "/clear begins one that is."})
	}
	m.status.unsaved = m.private || m.failed != ""
}

// saveDraft writes what is being written at once, with all that was said: for the end
// of the chat, however it comes.
func (m *model) saveDraft() error {
	if m.keeper == nil || m.private {
		return nil
	}
	m.keep()
	m.writeAnswers()
	m.addDraft()
	return m.keeper.settle()
}

// leave writes what is not written yet and lets go of the store. It is called when the
// chat has ended; the error is for the shell.
func (m *model) leave() error {
	if m.keeper == nil {
		return nil
	}
	m.stopTitling()
	err := m.saveDraft()
	m.session.kept.release()
	_ = m.keeper.close() // all is written
	if err != nil {
		return fmt.Errorf("this conversation was not saved: %w", err)
	}
	return nil
}

// newConversation begins another session, when what was said in this one is as it is to
// be kept.
func (m *model) newConversation() tea.Cmd {
	if m.keeper == nil {
		return nil
	}
	cmd, old := m.keep(), m.session
	m.session = newSession()
	m.savesAgain()
	s := m.session
	m.keeper.add(job{do: func(_ context.Context, store *sessions.Store) error {
		old.kept.release()
		return s.take(store)
	}})
	return tea.Batch(cmd, m.write())
}

// savesAgain has another conversation kept, though the one before was removed.
func (m *model) savesAgain() {
	m.private = m.options.NoSave
	m.status.unsaved = m.keeper != nil && m.private || m.failed != ""
}
