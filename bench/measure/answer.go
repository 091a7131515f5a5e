package measure

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// Answer is what a client sees of an answer, and when.
type Answer struct {
	Text               strings.Builder
	Tokens             int // pieces of text: each side sends one for each token
	Asked, First, Last time.Time
	Ended              time.Time // when the client knew that it is whole
	Own                Clock
	Usage              engine.Usage // ours alone
}

// Clock is what a side says of its own generation.
type Clock struct {
	Tokens int
	Took   time.Duration
}

// TTFT is the time to the first text.
func (a *Answer) TTFT() time.Duration { return a.First.Sub(a.Asked) }

// Total is the time to the end.
func (a *Answer) Total() time.Duration { return a.Ended.Sub(a.Asked) }

func (a *Answer) add(text string) {
	if text == "" {
		return
	}
	a.Last = time.Now()
	if a.Tokens == 0 {
		a.First = a.Last
	}
	a.Tokens++
	a.Text.WriteString(text)
}

// ErrShort is the error of an answer that can't be timed.
var ErrShort = errors.New("too few tokens to time them")

func (a *Answer) check() error {
	if a.Tokens < 2 {
		return fmt.Errorf("the answer %q has %w", a.Text.String(), ErrShort)
	}
	if a.Own.Tokens == 0 || a.Own.Took <= 0 {
		return fmt.Errorf("nothing is told of how long the answer %q took", a.Text.String())
	}
	return nil
}

// Greedy makes the two sides say the same.
func (b *Bench) Greedy() engine.Sampling {
	return engine.Sampling{Temperature: 0, MaxTokens: b.MaxTokens}
}

// AskEngine asks an engine. The answer is an error if it has too little to time.
func AskEngine(ctx context.Context, e engine.Engine, req engine.Request) (*Answer, error) {
	a := &Answer{Asked: time.Now()}
	for ev, err := range e.Chat(ctx, req) {
		if err != nil {
			return nil, err
		}
		switch ev.Kind {
		case engine.Delta:
			a.add(ev.Text)
		case engine.Done:
			a.Ended = time.Now()
			a.Usage = *ev.Usage
			a.Own = Clock{ev.Usage.GeneratedTokens, ev.Usage.GenerateTime}
		}
	}
	return a, a.check()
}
