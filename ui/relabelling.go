package ui

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
)

// The title and the tags of any conversation can be changed where one is chosen.

// askTitle asks for another title of a conversation, and goes back to the list.
func (m *model) askTitle(s *sessions.Session, at listPlace) tea.Cmd {
	return m.openForm(&form{
		heading: "Rename “" + termtext.Line(s.Title) + "”", does: "renames",
		back:   func(m *model) tea.Cmd { return m.openSessionsAt(at) },
		fields: []*formField{{name: "title", value: termtext.Line(s.Title), required: true}},
		send: func(m *model, values map[string]string) (tea.Cmd, map[string]string) {
			title := titleOf(values["title"])
			if title == "" {
				return nil, map[string]string{"title": "It needs one."}
			}
			return m.retitle(s.ID, title, at), nil
		},
	})
}

// askTags asks for the tags of a conversation, and goes back to the list.
func (m *model) askTags(s *sessions.Session, at listPlace) tea.Cmd {
	return m.openForm(&form{
		heading: "Tags of “" + termtext.Line(s.Title) + "”", does: "sets them",
		back:   func(m *model) tea.Cmd { return m.openSessionsAt(at) },
		fields: []*formField{{name: "tags", about: "words; “" + sessions.Kept + "” has it stay for good", value: strings.Join(s.Tags, " ")}},
		send: func(m *model, values map[string]string) (tea.Cmd, map[string]string) {
			c, err := parseTags(values["tags"])
			if err != nil {
				text, _ := explain(err)
				return nil, map[string]string{"tags": text}
			}
			c.remove = append(c.remove, without(s.Tags, c.add)...)
			return m.retag(s.ID, s.Title, c, at), nil
		},
	})
}

// without are those tags that others are not.
func without(tags, others []string) []string {
	return tagChange{remove: others}.apply(tags)
}

// titleOf is a text without what a title can't have.
func titleOf(text string) string { return strings.Join(strings.Fields(termtext.Line(text)), " ") }

// relabelledMsg says that another conversation has another title, or other tags.
type relabelledMsg struct {
	text string    // what is to be said of it where there is no list to go back to
	at   listPlace // in the list
	err  error
}

// retitle gives a conversation another title, this one or another.
func (m *model) retitle(id, title string, at listPlace) tea.Cmd {
	at.title = title
	if id == m.session.id {
		m.session.title, m.session.titleBy = title, sessions.ByPerson
	}
	return m.relabel(relabelledMsg{text: "The conversation is now “" + title + "”.", at: at}, func(ctx context.Context, s *sessions.Store) error {
		return s.Rename(ctx, id, title, sessions.ByPerson)
	})
}

// retag changes the tags of a conversation, this one or another.
func (m *model) retag(id, title string, c tagChange, at listPlace) tea.Cmd {
	if id == m.session.id {
		m.session.tags = c.apply(m.session.tags)
	}
	delete(m.completing.asked, tagNames)
	return m.relabel(relabelledMsg{text: "The tags of “" + termtext.Line(title) + "” are changed.", at: at}, func(ctx context.Context, s *sessions.Store) error {
		_, err := s.Tag(ctx, id, c.add, c.remove)
		return err
	})
}

func (m *model) relabel(msg relabelledMsg, do func(context.Context, *sessions.Store) error) tea.Cmd {
	k, ctx := m.keeper, m.ctx
	return m.errand(func() tea.Msg {
		if msg.err = k.settle(); msg.err == nil {
			msg.err = k.look(func(s *sessions.Store) error { return do(ctx, s) })
		}
		return msg
	})
}

func (m *model) relabelled(msg relabelledMsg) tea.Cmd {
	switch {
	case msg.err != nil:
		m.complain(msg.err)
		return nil
	case m.plain:
		m.say(&note{text: msg.text})
		return nil
	}
	return m.openSessionsAt(msg.at)
}

// relabelNumber is "rename 3 A title" or "tag 3 red -bikes" behind /sessions: about a
// conversation of the last list. It reports whether the argument is such.
func (m *model) relabelNumber(argument string) (tea.Cmd, bool) {
	verb, rest, _ := strings.Cut(argument, " ")
	number, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.Atoi(number)
	if err != nil || verb != "rename" && verb != "tag" {
		return nil, false
	}
	shown := m.sessionsShown()
	if n < 1 || n > len(shown) {
		m.say(&note{text: fmt.Sprintf("There is no number %d in a list of /sessions.", n), hint: "/sessions lists them."})
		return nil, true
	}
	s := hitOf(shown[n-1])
	if verb == "rename" {
		title := titleOf(rest)
		if title == "" {
			m.say(&note{text: "What shall it be called? /sessions rename N TITLE"})
			return nil, true
		}
		return m.retitle(s.ID, title, listPlace{}), true
	}
	c, err := parseTags(rest)
	switch {
	case err != nil:
		m.complain(err)
	case c.empty():
		m.say(&note{text: "Which tags? /sessions tag N red -bikes"})
	default:
		return m.retag(s.ID, s.Title, c, listPlace{title: s.Title}), true
	}
	return nil, true
}
