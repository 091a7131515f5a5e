package ui

import (
	"context"
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

// listPlace is where a person is in the list of conversations, to come back to it.
type listPlace struct {
	words   string // that those in the list have
	written string // in the picker
	title   string // of the conversation that would be opened
}

// openSessions opens the picker of conversations, of those that have some words.
func (m *model) openSessions(words string) tea.Cmd { return m.openSessionsAt(listPlace{words: words}) }

func (m *model) openSessionsAt(at listPlace) tea.Cmd {
	g := &gallery{seen: map[string]glancedMsg{}}
	k, own, words := m.keeper, m.session.id, at.words
	place := func(p *picker, title string) listPlace { return listPlace{words, p.written(), title} }
	p := &picker{
		heading: "Conversations", command: "sessions", does: "opens", doing: "listing the conversations",
		empty: "No conversation is kept yet.",
		pick:  func(m *model, e entry) tea.Cmd { return m.openSession(hitOf(e).ID) },
		fetch: func(ctx context.Context, found func(...entry)) error {
			return k.look(func(s *sessions.Store) error {
				all, err := listed(ctx, s, words, at.written, own)
				found(all...)
				return err
			})
		},
		preview: g.draw, moved: g.look,
		sought: (*model).seekSessions,
		begin:  termtext.Line(at.title), begun: at.written,
		keys: []pickerKey{
			{binding: m.keys.pickRename, does: func(m *model, p *picker, e entry) tea.Cmd {
				return m.askTitle(&hitOf(e).Session, place(p, e.name))
			}},
			{binding: m.keys.pickTag, does: func(m *model, p *picker, e entry) tea.Cmd {
				return m.askTags(&hitOf(e).Session, place(p, e.name))
			}},
			{binding: m.keys.pickRemove, does: func(m *model, p *picker, e entry) tea.Cmd {
				stays, goes := place(p, e.name), place(p, p.beside())
				return m.confirmRemoval(&hitOf(e).Session, &stays, &goes)
			}},
		},
	}
	if words != "" {
		p.heading, p.empty = "Conversations with “"+termtext.Line(words)+"”", "No conversation has these words."
	}
	return m.openPicker(p)
}

// listed are the conversations that have some words, as entries of the picker; what is
// written in it already is looked for in their texts.
func listed(ctx context.Context, s *sessions.Store, words, written, own string) ([]entry, error) {
	hits, err := s.Listed(ctx, words, mostSought)
	if err != nil {
		return nil, err
	}
	var all []entry
	for _, h := range hits {
		all = append(all, sessionEntry(h, own, time.Now()))
	}
	if written != "" {
		var texts []sessions.Hit
		texts, err = s.Search(ctx, written, mostSought)
		alike(all, texts, written)
	}
	return all, err
}

// hitOf is the conversation that an entry stands for.
func hitOf(e entry) *sessions.Hit { return e.value.(*sessions.Hit) }

// mostSought is how many conversations a search finds.
const mostSought = 200

// sessionEntry is a conversation to be picked.
func sessionEntry(h sessions.Hit, own string, now time.Time) entry {
	about := aboutSession(&h.Session, now)
	if len(h.Tags) > 0 {
		about = append(about, hashed(h.Tags))
	}
	if len(h.Models) > 0 {
		about = append(about, strings.Join(h.Models, ", "))
	}
	if h.Snippet != "" {
		about = append([]string{h.Snippet}, about...)
	}
	return entry{name: h.Title, about: strings.Join(about, dot), section: period(h.Updated, now), current: h.ID == own, value: &h}
}

// aboutSession says when a conversation was used, and what there is in it.
func aboutSession(s *sessions.Session, now time.Time) []string {
	about := []string{when(s.Updated, now), plural(s.Messages, "message")}
	if s.Pictures > 0 {
		about = append(about, plural(s.Pictures, "picture"))
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
		alike(p.entries, nil, "")
		p.update()
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
	alike(p.entries, msg.hits, msg.words)
	p.update()
	return p.look(m)
}

// alike has those of the entries found in whose texts words are, and shows where: instead of
// those that were found by others before.
func alike(entries []entry, hits []sessions.Hit, words string) {
	show := func(e *entry, h sessions.Hit, words string) {
		found := sessionEntry(h, "", time.Now())
		e.about, e.value, e.alike = found.about, found.value, words
		e.clean()
	}
	at := map[string]int{}
	for i := range entries {
		h := *hitOf(entries[i])
		at[h.ID] = i
		if entries[i].alike != "" {
			h.Snippet = ""
			show(&entries[i], h, "")
		}
	}
	for _, h := range hits {
		if i, there := at[h.ID]; there {
			show(&entries[i], h, words)
		}
	}
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
