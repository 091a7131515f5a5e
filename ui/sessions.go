package ui

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/sessions"
	"github.com/vlmchat/vlmchat/termtext"
)

// sessionsCommand shows the conversations that are kept, to open one: all, or those that
// have some words. With "rm" it removes one.
func (m *model) sessionsCommand(argument string) tea.Cmd {
	if m.keeper == nil {
		m.say(&note{text: "Conversations are not kept here."})
		return nil
	}
	if which, is := strings.CutPrefix(argument+" ", "rm "); is {
		return m.removeSession(strings.TrimSpace(which))
	}
	if cmd, is := m.relabelNumber(argument); is {
		return cmd
	}
	if cmd, is := m.pickNumber("sessions", argument); is {
		return cmd
	}
	return m.openSessions(argument)
}

// openSessions opens the picker of conversations.
func (m *model) openSessions(words string) tea.Cmd { return m.openSessionsAt(words, "") }

// openSessionsAt opens it at the one of a title.
func (m *model) openSessionsAt(words, title string) tea.Cmd {
	g := &gallery{seen: map[string]glancedMsg{}}
	k, own := m.keeper, m.session.id
	p := &picker{
		heading: "Conversations", command: "sessions", does: "opens", doing: "listing the conversations",
		empty: "No conversation is kept yet.",
		pick:  func(m *model, e entry) tea.Cmd { return m.openSession(e.value.(*sessions.Session).ID) },
		fetch: func(ctx context.Context, found func(...entry)) error {
			return k.look(func(s *sessions.Store) error {
				hits, err := s.Listed(ctx, words, mostSought)
				var all []entry
				for _, h := range hits {
					all = append(all, sessionEntry(h, own, time.Now()))
				}
				found(all...)
				return err
			})
		},
		preview: g.draw, moved: g.look,
		sought: (*model).seekSessions,
		begin:  termtext.Line(title),
		keys: []pickerKey{
			{binding: m.keys.pickRename, does: func(m *model, _ *picker, e entry) tea.Cmd {
				return m.askTitle(e.value.(*sessions.Session), words)
			}},
			{binding: m.keys.pickTag, does: func(m *model, _ *picker, e entry) tea.Cmd {
				return m.askTags(e.value.(*sessions.Session), words)
			}},
			{binding: m.keys.pickRemove, does: func(m *model, _ *picker, e entry) tea.Cmd {
				return m.confirmRemoval(e.value.(*sessions.Session))
			}},
		},
	}
	if words != "" {
		p.heading, p.empty = "Conversations with “"+termtext.Line(words)+"”", "No conversation has these words."
	}
	return m.openPicker(p)
}

// mostSought is how many conversations a search finds.
const mostSought = 200

// sessionEntry is a conversation to be picked.
func sessionEntry(h sessions.Hit, own string, now time.Time) entry {
	about := aboutSession(&h.Session, now)
	if len(h.Models) > 0 {
		about = append(about, strings.Join(h.Models, ", "))
	}
	if h.Snippet != "" {
		about = append([]string{h.Snippet}, about...)
	}
	one := h.Session
	return entry{name: h.Title, about: strings.Join(about, dot), section: period(h.Updated, now), current: h.ID == own, value: &one}
}

// aboutSession says when a conversation was used, what there is in it, and its tags.
func aboutSession(s *sessions.Session, now time.Time) []string {
	about := []string{when(s.Updated, now), plural(s.Messages, "message")}
	if s.Pictures > 0 {
		about = append(about, plural(s.Pictures, "picture"))
	}
	if len(s.Tags) > 0 {
		about = append(about, hashed(s.Tags))
	}
	return about
}

// when says when something was, as people do: by the time today, by the day in this week.
func when(t, now time.Time) string {
	switch days := daysBetween(t, now); {
	case days <= 0:
		return t.Format("15:04")
	case days == 1:
		return "yesterday " + t.Format("15:04")
	case days < 7:
		return t.Format("Monday 15:04")
	case t.Year() == now.Year():
		return t.Format("2 January")
	}
	return t.Format("2 January 2006")
}

// daysBetween counts the midnights.
func daysBetween(t, now time.Time) int {
	noon := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	return int(noon(now).Sub(noon(t)) / (24 * time.Hour))
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// period says in words when something was.
func period(t, now time.Time) string {
	switch days := daysBetween(t, now); {
	case days <= 0:
		return "Today"
	case days == 1:
		return "Yesterday"
	case days <= 7:
		return "The last seven days"
	case t.Year() == now.Year():
		return t.Format("January")
	}
	return t.Format("January 2006")
}

// soughtMsg is what the full texts have of what was written in the picker.
type soughtMsg struct {
	picker *picker
	words  string
	hits   []sessions.Hit
	err    error
}

// seekSessions looks in what was said for what is written in the picker.
func (m *model) seekSessions(p *picker, words string) tea.Cmd {
	if words == "" {
		return nil
	}
	k, ctx := m.keeper, m.ctx
	return func() tea.Msg {
		msg := soughtMsg{picker: p, words: words}
		msg.err = k.look(func(s *sessions.Store) (err error) {
			msg.hits, err = s.Search(ctx, words, mostSought)
			return err
		})
		return msg
	}
}

// sought adds to the picker what was found in the full texts.
func (m *model) sought(msg soughtMsg) tea.Cmd {
	p := msg.picker
	if m.dialog != p || p.written() != msg.words {
		return nil // something else is written by now
	}
	if msg.err != nil {
		m.closeDialog()
		m.complain(msg.err)
		return nil
	}
	at := map[string]int{}
	for i, e := range p.entries {
		at[e.value.(*sessions.Session).ID] = i
	}
	for _, h := range msg.hits {
		i, there := at[h.ID]
		if !there {
			continue
		}
		p.entries[i].about = sessionEntry(h, "", time.Now()).about
		p.entries[i].alike = msg.words
		p.entries[i].clean()
	}
	p.update()
	return p.look(m)
}

// openSession goes on with another conversation, in the place of this one.
func (m *model) openSession(id string) tea.Cmd {
	switch {
	case id == m.session.id:
		return nil
	case !m.settled():
		return nil
	}
	return m.resume(id)
}

// rename gives the conversation a title.
func (m *model) rename(title string) tea.Cmd {
	title = titleOf(title)
	switch {
	case m.keeper == nil || m.private:
		m.say(&note{text: "This conversation is not kept, so it needs no title."})
		return nil
	case title == "":
		m.say(&note{text: "What shall it be called? /rename TITLE"})
		return nil
	}
	m.status.flash = "This conversation is now “" + title + "”."
	return m.name(m.session, title, sessions.ByPerson)
}
