package ui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/sessions"
)

// retire is a command that removes the conversations beyond the limits that the person
// has set, when the one that is open is known to be: it stays.
func (m *model) retire() tea.Cmd {
	k, ctx, limits := m.keeper, m.ctx, m.options.Limits
	if m.private || limits.None() || m.retiring {
		return nil
	}
	m.retiring = true
	return m.errand(func() tea.Msg {
		var msg retiredMsg
		msg.err = k.look(func(s *sessions.Store) error {
			retired, err := s.Retire(ctx, limits)
			msg.number = len(retired)
			return err
		})
		return msg
	})
}

// retiredMsg says how many conversations were beyond the limits and are gone.
type retiredMsg struct {
	number int
	err    error
}

func (m *model) retired(msg retiredMsg) {
	if msg.err != nil {
		m.complain(msg.err)
	}
	if msg.number > 0 {
		m.say(&note{text: plural(msg.number, "conversation") + " removed, beyond session-age or session-size.",
			hint: "/tag keep has one stay."})
	}
}
