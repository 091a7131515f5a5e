package ui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/sessions"
)

// Once there is a whole answer, the model is asked for a title of the conversation: by
// the words of the first question and answer alone, behind everything that somebody waits
// for. The next question ends it. What comes of it takes the place of the first words if
// it looks like a title, and is never told of otherwise.

// titling is a model being asked for a title.
type titling struct {
	session *session
	cancel  context.CancelFunc
}

// titledMsg says what came of that.
type titledMsg struct {
	of    *titling
	title string // empty if there is none
	cost  float64
}

const (
	// mostTitlings is how often a model is asked for the title of a conversation while it
	// is open, as the next question may come in between.
	mostTitlings = 3
	// titlePatience is after how long a title is not waited for any more.
	titlePatience = 2 * time.Minute
	// titleTokens is how many it may take: titles are short, and some languages
	// take several for a word.
	titleTokens = 32
	// How many characters of the question and of the answer a model is told.
	titleQuestion, titleAnswer = 500, 1000
)

// titleRequest asks for a title. What a conversation is about stands behind it.
const titleRequest = "Give the conversation below a title of three to six words, in the language of the question. " +
	"Answer with the title alone: no quotes, no full stop."

// entitle asks the model for a title, if the conversation is to have one and there is room
// in the context beside it.
func (m *model) entitle() tea.Cmd {
	s := m.session
	if !m.options.Titles || m.setup.Untitled || m.keeper == nil || m.private || s.titleBy != sessions.ByWords || s.titlings >= mostTitlings ||
		m.titling != nil || m.busy() || m.change != nil {
		return nil
	}
	about := m.talk.subject()
	if about == "" || !m.fullness().hasRoom(len(about)+len(titleRequest)) {
		return nil
	}
	r := engine.Request{
		Messages:   []engine.Message{engine.Text(engine.User, titleRequest+"\n\n"+about+"\n\nTitle:")},
		Sampling:   engine.Sampling{TopP: 1, MaxTokens: titleTokens},
		Background: true, Private: true,
	}
	if m.status.info != nil && m.status.info.Capabilities.Thinking {
		r.Thinking = new(bool)
	}
	t := &titling{session: s}
	var ctx context.Context
	ctx, t.cancel = context.WithTimeout(m.ctx, titlePatience)
	m.titling = t
	s.titlings++
	e, prices := m.setup.Engine, m.setup.Prices
	return func() tea.Msg {
		defer t.cancel()
		msg := titledMsg{of: t}
		var said strings.Builder
		for event, err := range e.Chat(ctx, r) {
			if err != nil || event.Kind == engine.Wait {
				return msg // nobody needs it so much that it is tried again
			}
			switch event.Kind {
			case engine.Delta:
				said.WriteString(event.Text)
			case engine.Done:
				if event.Usage != nil {
					msg.cost = prices.Cost(*event.Usage)
				}
				msg.title = titleFrom(said.String())
			}
		}
		return msg
	}
}

// stopTitling gives up the title that a model is asked for.
func (m *model) stopTitling() {
	if m.titling != nil {
		m.titling.cancel()
		m.titling = nil
	}
}

// titled takes a title that a model has made, unless a person has given one.
func (m *model) titled(msg titledMsg) tea.Cmd {
	if m.titling == msg.of {
		m.titling = nil
	}
	s := msg.of.session
	if s == m.session {
		m.status.cost += msg.cost
	}
	if msg.title == "" || s.titleBy != sessions.ByWords || m.private {
		return nil
	}
	return m.name(s, msg.title, sessions.ByModel)
}

// name gives a conversation a title.
func (m *model) name(s *session, title string, by sessions.TitleBy) tea.Cmd {
	s.title, s.titleBy = title, by
	if !s.begun {
		return nil // it is written with the first message
	}
	k, id := s.kept, s.id
	m.keeper.add(job{do: func(ctx context.Context, store *sessions.Store) error {
		if k.removed {
			return nil
		}
		return k.gone(store.Rename(ctx, id, title, by))
	}})
	return m.write()
}

// subject is what the conversation is about: the first question on the path that was
// answered whole, and its answer. It is empty if there is none.
func (c *conversation) subject() string {
	for _, ex := range c.path() {
		said := strings.TrimSpace(ex.answer.raw.String())
		if ex.answer.state != answered || said == "" {
			continue
		}
		var all []string
		if asked := strings.TrimSpace(ex.question.text); asked != "" {
			all = append(all, "Question: "+firstRunes(asked, titleQuestion))
		}
		return strings.Join(append(all, "Answer: "+firstRunes(said, titleAnswer)), "\n\n")
	}
	return ""
}

// firstRunes cuts a text to so many characters.
func firstRunes(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most]) + "…"
}
