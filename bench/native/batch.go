package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// batchPictures is how many pictures a batch describes.
const batchPictures = 8

// batch measures how long it takes to describe several pictures, when so many of
// them are worked on at once, as both sides allow.
func (b *bench) batch(ctx context.Context) ([]*measure.Figure, error) {
	var figures []*measure.Figure
	for _, slots := range b.slots {
		what := fmt.Sprintf("%d pictures described, %d at once", batchPictures, slots)
		speed := &measure.Figure{Name: what, Unit: "tokens/s", Goal: measure.Goal{AtLeast: 1}, Headline: slots == batchPictures}
		work := &measure.Figure{Name: what + ", processor time", Unit: "ms per token"}
		if err := b.batchWith(ctx, slots, speed, work); err != nil {
			return figures, err
		}
		figures = append(figures, speed, work)
	}
	return figures, nil
}

func (b *bench) batchWith(ctx context.Context, slots int, speed, work *measure.Figure) error {
	e := b.engine(slots + 1) // it keeps one free for somebody who waits for an answer
	defer b.done(e)
	server, err := b.StartPeer(slots)
	if err != nil {
		return err
	}
	defer server.Kill()
	if _, err := e.Info(ctx); err != nil {
		return err
	}
	clocks, err := clocksOf(server.PID())
	if err != nil {
		return err
	}
	return b.RepeatSeldom(ctx, func(round int) error {
		pics, err := b.pictures.Several(ctx, batchPictures)
		if err != nil {
			return err
		}
		return measure.InTurns(round, func() error {
			t := tally{clock: clocks.ours}
			err := t.describe(pics, slots, func(m []engine.Message) (*measure.Answer, error) {
				return measure.AskEngine(ctx, e, engine.Request{Messages: m, Sampling: b.Greedy(), Background: true})
			})
			speed.Ours, work.Ours = append(speed.Ours, t.speed()), append(work.Ours, t.processor())
			return err
		}, func() error {
			t := tally{clock: clocks.peer}
			err := t.describe(pics, slots, func(m []engine.Message) (*measure.Answer, error) {
				return b.AskPeer(ctx, server.URL, m, true)
			})
			speed.Peer, work.Peer = append(speed.Peer, t.speed()), append(work.Peer, t.processor())
			return err
		})
	}, speed, work)
}

// tally is what one side did in a batch.
type tally struct {
	clock      clock
	mu         sync.Mutex
	tokens     int
	failed     error
	took, work time.Duration
}

// describe has so many clients ask about the pictures, each about the next one
// that nobody has asked about.
func (t *tally) describe(pics []*images.Picture, clients int, ask func([]engine.Message) (*measure.Answer, error)) error {
	waiting := make(chan *images.Picture, len(pics))
	for _, p := range pics {
		waiting <- p
	}
	close(waiting)
	began, err := t.clock()
	if err != nil {
		return err
	}
	start := time.Now()
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for p := range waiting {
				t.add(ask([]engine.Message{engine.Ask(measure.Describe, p)}))
			}
		})
	}
	all.Wait()
	t.took = time.Since(start)
	ended, err := t.clock()
	t.work = ended - began
	return errors.Join(t.failed, err)
}

func (t *tally) add(a *measure.Answer, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.failed = err
		return
	}
	t.tokens += a.Own.Tokens
}

func (t *tally) speed() float64     { return float64(t.tokens) / t.took.Seconds() }
func (t *tally) processor() float64 { return measure.Milliseconds(t.work) / float64(t.tokens) }
