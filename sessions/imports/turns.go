package imports

import (
	"context"
	"encoding/json"
	"errors"
	"path"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
)

// turns puts a conversation together, one message behind the other, so that questions and
// answers take turns as they do here: what one side says in several messages is one.
type turns struct {
	c    sessions.Conversation
	look func(ctx context.Context, source string, data []byte) (*sessions.Picture, error)
}

// begin makes a conversation of a program, known by what the origin is there.
func (r *Reader) begin(program, title string, by sessions.TitleBy, origin ...string) *turns {
	t := &turns{look: r.Look}
	t.c.ID = sessions.DerivedID(append([]string{program}, origin...)...)
	t.c.Title, t.c.TitleBy = strings.Join(strings.Fields(title), " "), by
	t.c.Tags = []string{"imported", program}
	return t
}

// instruct adds to the system message.
func (t *turns) instruct(text string) {
	if text != "" && t.c.System != "" {
		text = "\n\n" + text
	}
	t.c.System += text
}

// last is the message that was added last; nil before there is one.
func (t *turns) last() *sessions.Message {
	if len(t.c.All) == 0 {
		return nil
	}
	return &t.c.All[len(t.c.All)-1]
}

// ask adds a question, unless there is nothing in it.
func (t *turns) ask(at time.Time, system string, parts []sessions.Part) {
	if len(parts) == 0 {
		return
	}
	if last := t.last(); last != nil && last.Role == sessions.User {
		last.Parts = append(last.Parts, parts...)
		return
	}
	m := sessions.Message{Role: sessions.User, State: sessions.Whole, Created: at, Parts: parts}
	if system != "" && system != t.c.System {
		m.By, _ = json.Marshal(map[string]string{"system": system}) // texts
	}
	t.add(m)
}

// answer adds an answer, unless there is nothing in it. What is said before every question
// follows an empty one.
func (t *turns) answer(m sessions.Message, text string) {
	if strings.TrimSpace(text) == "" && m.Thinking == "" {
		return
	}
	switch last := t.last(); {
	case last == nil:
		t.add(sessions.Message{Role: sessions.User, State: sessions.Whole, Created: m.Created, Parts: []sessions.Part{{}}})
	case last.Role == sessions.Assistant:
		last.Parts[0].Text = joined(last.Parts[0].Text, text)
		last.Thinking = joined(last.Thinking, m.Thinking)
		return
	}
	m.Role, m.State, m.Parts = sessions.Assistant, sessions.Whole, []sessions.Part{{Text: text}}
	t.add(m)
}

func joined(a, b string) string {
	if a != "" && b != "" {
		return a + "\n\n" + b
	}
	return a + b
}

func (t *turns) add(m sessions.Message) {
	if last := t.last(); last != nil {
		m.Parent = last.ID
		if m.Created.Before(last.Created) {
			m.Created = last.Created
		}
	}
	m.ID = int64(len(t.c.All) + 1)
	t.c.All = append(t.c.All, m)
}

// errNothing says that nobody has said anything.
var errNothing = errors.New("nothing is said in it")

// conversation is what was put together.
func (t *turns) conversation() (*sessions.Conversation, error) {
	last := t.last()
	if last == nil {
		return nil, errNothing
	}
	t.c.Leaf, t.c.Created, t.c.Updated = last.ID, t.c.All[0].Created, last.Created
	if t.c.Title == "" {
		t.c.Title, t.c.TitleBy = sessions.TitleOf(&t.c.All[0]), sessions.ByWords
	}
	return &t.c, nil
}

// text is a part that is one, none of an empty text.
func text(s string) []sessions.Part {
	if s == "" {
		return nil
	}
	return []sessions.Part{{Text: s}}
}

// picture is the part that some bytes are: a picture, or a note of what it is that is none.
// Bytes, if it is not nil, brings them again when the picture is kept.
func (t *turns) picture(ctx context.Context, source string, data []byte, again func() ([]byte, error)) sessions.Part {
	p, err := t.look(ctx, source, data)
	if err != nil {
		return note(source, "this is no picture that can be read")
	}
	if again != nil {
		p.Bytes = again
	}
	return sessions.Part{Picture: p}
}

// note stands where something is that can't be had.
func note(source, what string) sessions.Part {
	const most = 200
	name := source
	if !strings.Contains(source, "://") {
		name = path.Base(strings.ReplaceAll(source, `\`, "/"))
	}
	if letters := []rune(name); len(letters) > most {
		name = string(letters[:most]) + "…"
	}
	return sessions.Part{Text: "[" + name + ": " + what + "]"}
}
