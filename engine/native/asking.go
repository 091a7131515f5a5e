package native

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// asking is a question on its way to its answer. When a worker ends under it, a
// fresh one goes on where the answer was, once: a request holds the whole
// conversation, and what was said of the answer is known here.
type asking struct {
	engine *Engine
	req    engine.Request
	start  time.Time
	yield  func(engine.Event, error) bool

	left    bool // nobody wants to hear more
	second  bool // a second worker is asked
	said    strings.Builder
	thought bool
	// What is measured, over both workers.
	loadTime, ttft time.Duration
}

// run answers the question.
func (a *asking) run(ctx context.Context) error {
	if err := engine.RefuseURLs(nativeEngine, a.req.Messages...); err != nil {
		return err
	}
	grammar, err := grammarOf(a.req)
	if err != nil {
		return err
	}
	a.req.Grammar, a.req.Schema = grammar, nil
	if a.req.Sampling.Seed == nil {
		// Drawn here, for the second worker to have the same, and to be told.
		seed := engine.DrawSeed()
		a.req.Sampling.Seed = &seed
	}
	err = a.try(ctx)
	var end *ending
	if !errors.As(err, &end) || !a.canGoOn(ctx, end) {
		return err
	}
	if !a.pass(engine.Event{Kind: engine.Note, Text: "A fresh worker goes on: " + end.Error()}) {
		return nil
	}
	a.second = true
	return a.try(ctx)
}

// canGoOn reports whether a fresh worker may go on after the end of the first.
func (a *asking) canGoOn(ctx context.Context, end *ending) bool {
	// What a model thought can't be handed over, and an answer belongs to its
	// thoughts.
	handedOver := !a.thought || a.said.Len() == 0
	return ctx.Err() == nil && !a.left && end.again && handedOver
}

// pass tells an event, unless nobody listens any more.
func (a *asking) pass(ev engine.Event) bool {
	a.left = a.left || !a.yield(ev, nil)
	return !a.left
}

// try asks one worker.
func (a *asking) try(ctx context.Context) error {
	before := time.Now()
	c, err := a.engine.attach(ctx, a.pass)
	if err != nil {
		return err
	}
	if c.fresh.Swap(false) {
		a.loadTime += time.Since(before)
	}
	return a.answer(ctx, c)
}

// answer sends the request and passes the answer's events on.
func (a *asking) answer(ctx context.Context, c *connection) error {
	wire := toWire(a.req)
	wire.Said, wire.Client = a.said.String(), a.engine.name
	return a.engine.ask(ctx, c, "/chat", wire, engine.Pictures(a.req.Messages), func(l line) (bool, error) {
		if l.Event == nil {
			return true, nil // a beat
		}
		ev := a.take(*l.Event)
		return a.pass(ev) && ev.Kind != engine.Done, nil
	})
}

// take notes what an event says of the answer, and completes it.
func (a *asking) take(ev engine.Event) engine.Event {
	if ev.Provenance != nil {
		ev.Provenance = a.completed(ev.Provenance)
	}
	switch ev.Kind {
	case engine.Thinking:
		a.thought = true
	case engine.Delta:
		if a.ttft == 0 {
			a.ttft = time.Since(a.start)
		}
		a.said.WriteString(ev.Text)
	case engine.Done:
		if ev.Usage != nil {
			ev.Usage.LoadTime, ev.Usage.TTFT = a.loadTime, a.ttft
		}
	}
	return ev
}
