package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
)

// words are what is spoken of.
var words = strings.Fields(`picture light colour corner sign bicycle window shadow bridge river street number
	person table bottle label chart axis value page title face hand paper cloud roof wheel door wall leaf water
	green yellow narrow broken bright distant wooden painted empty small left upper behind between`)

// talker says the same to both sides.
type talker struct {
	random *rand.Rand
	said   int
}

func newTalker() *talker { return &talker{random: rand.New(rand.NewPCG(1, 2))} }

// exchange is a question of a dozen words, and an answer of some sixty. Every hundredth
// question has a word that few have, and each has one of its own.
func (t *talker) exchange() (question, answer string) {
	t.said++
	question = fmt.Sprintf("What about the %s, case%d?", t.sentence(8), t.said)
	if t.said%100 == 0 {
		question += " Is there a heron?"
	}
	return question, fmt.Sprintf("The %s. It has a %s.", t.sentence(40), t.sentence(20))
}

func (t *talker) sentence(n int) string {
	var s []string
	for range n {
		s = append(s, words[t.random.IntN(len(words))])
	}
	return strings.Join(s, " ")
}

// fill keeps the same conversations on both sides.
func (b *bench) fill(ctx context.Context) error {
	var err error
	if b.store, err = sessions.Open(filepath.Join(b.Dir, "sessions")); err != nil {
		return err
	}
	filled := make(chan error, 1)
	lines, write := io.Pipe()
	go func() {
		err := b.peer.fill(ctx, b.conversations, b.exchanges, lines)
		lines.CloseWithError(errors.Join(err, io.ErrClosedPipe)) // it reads no more
		filled <- err
	}()
	t := newTalker()
	at := time.Now().AddDate(-1, 0, 0)
	for range b.conversations {
		c := sessions.Conversation{Session: sessions.Session{ID: sessions.NewID(), Created: at}}
		for i := range b.exchanges {
			question, answer := t.exchange()
			b.raw += int64(len(question) + len(answer))
			if _, err := fmt.Fprintf(write, "%s\n%s\n", question, answer); err != nil {
				return errors.Join(err, <-filled)
			}
			if i == 0 {
				c.Title = question
			}
			c.All = append(c.All, asked(2*i, question, at), answered(2*i+1, answer, at))
			at = at.Add(time.Minute)
		}
		c.Leaf, c.Updated = c.All[len(c.All)-1].ID, at
		if err := b.store.Add(ctx, &c); err != nil {
			return err
		}
	}
	return errors.Join(write.Close(), <-filled)
}

func asked(after int, text string, at time.Time) sessions.Message {
	return sessions.Message{ID: int64(after + 1), Parent: int64(after), Role: sessions.User, State: sessions.Whole, Created: at,
		Parts: []sessions.Part{{Text: text}}}
}

func answered(after int, text string, at time.Time) sessions.Message {
	return sessions.Message{ID: int64(after + 1), Parent: int64(after), Role: sessions.Assistant, State: sessions.Whole, Created: at,
		Engine: "native", Model: "teller", Parts: []sessions.Part{{Text: text}}}
}
