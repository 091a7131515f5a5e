package ui

import (
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
)

// removeSession removes a conversation that is meant by its number, its ID or its words.
func (m *model) removeSession(which string) tea.Cmd {
	for i, e := range m.sessionsShown() {
		if which == fmt.Sprint(i+1) {
			return m.confirmRemoval(&hitOf(e).Session, nil, nil)
		}
	}
	if which == "" {
		m.say(&note{text: "Which conversation? /sessions rm N, with a number of the list, its ID or its title."})
		return nil
	}
	k, ctx := m.keeper, m.ctx
	return m.errand(func() tea.Msg {
		var msg meantMsg
		msg.err = k.look(func(s *sessions.Store) (err error) {
			msg.session, err = s.Named(ctx, which)
			return err
		})
		return msg
	})
}

// sessionsShown are the conversations of the last list.
func (m *model) sessionsShown() []entry {
	if p := m.shown["sessions"]; p != nil {
		return p.entries
	}
	return nil
}

// meantMsg is the conversation that is to be removed.
type meantMsg struct {
	session sessions.Session
	err     error
}

func (m *model) meant(msg meantMsg) tea.Cmd {
	if errors.Is(msg.err, sessions.ErrNotFound) {
		m.say(&note{text: "There is no such conversation.", hint: "/sessions lists them."})
		return nil
	}
	if msg.err != nil {
		m.complain(msg.err)
		return nil
	}
	return m.confirmRemoval(&msg.session, nil, nil)
}

// confirmRemoval asks before a conversation is removed. Where it was chosen in the list, one
// comes back to it: to where it stays, or goes.
func (m *model) confirmRemoval(s *sessions.Session, stays, goes *listPlace) tea.Cmd {
	if s.ID == m.session.id {
		m.closeDialog()
		m.say(&note{text: "This is the conversation that is open.", hint: "/clear begins a new one, and then it can be removed."})
		return nil
	}
	about := plural(s.Messages, "message")
	if s.Pictures > 0 {
		about += ", and its pictures unless another conversation has them"
	}
	back := func(m *model) tea.Cmd {
		if stays == nil {
			return nil
		}
		return m.openSessionsAt(*stays)
	}
	return m.openPicker(&picker{
		back:    back,
		heading: "Remove “" + termtext.Line(s.Title) + "” for good?", command: "remove",
		entries: []entry{
			{name: "Keep it", value: false},
			{name: "Remove it", about: about, value: true},
		},
		pick: func(m *model, e entry) tea.Cmd {
			delete(m.shown, "remove")
			if !e.value.(bool) {
				m.status.flash = "“" + termtext.Line(s.Title) + "” stays."
				return back(m)
			}
			k, ctx, id, title := m.keeper, m.ctx, s.ID, s.Title
			return m.errand(func() tea.Msg {
				err := k.look(func(s *sessions.Store) error { return s.Remove(ctx, id) })
				return removedMsg{title, goes, err}
			})
		},
	})
}

// removeCommand answers the question whether a conversation is to be removed, where
// there is no picker.
func (m *model) removeCommand(argument string) tea.Cmd {
	if m.shown["remove"] == nil {
		m.say(&note{text: "There is nothing to remove.", hint: "/sessions rm N removes a conversation."})
		return nil
	}
	cmd, is := m.pickNumber("remove", argument)
	if !is {
		m.showList(m.shown["remove"])
	}
	return cmd
}

// removedMsg says that a conversation is gone.
type removedMsg struct {
	title string
	at    *listPlace // in the list, if one comes from there
	err   error
}

func (m *model) removed(msg removedMsg) tea.Cmd {
	if msg.err != nil && !errors.Is(msg.err, sessions.ErrNotFound) {
		m.complain(msg.err)
		return nil
	}
	m.say(&note{text: "“" + msg.title + "” is removed."})
	if msg.at == nil {
		return nil
	}
	return m.openSessionsAt(*msg.at)
}
