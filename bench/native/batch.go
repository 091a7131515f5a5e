package main

import (
	"context"
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
		f := &measure.Figure{
			Name: fmt.Sprintf("%d pictures described, %d at once", batchPictures, slots), Unit: "tokens/s", Goal: measure.Goal{AtLeast: 1},
		}
		if err := b.batchWith(ctx, slots, f); err != nil {
			return figures, err
		}
		figures = append(figures, f)
	}
	return figures, nil
}

func (b *bench) batchWith(ctx context.Context, slots int, f *measure.Figure) error {
	e := b.engine()
	defer b.done(e)
	server, err := b.StartPeer(slots)
	if err != nil {
		return err
	}
	defer server.Kill()
	return b.Repeat(ctx, func(round int) error {
		pics, err := b.pictures.several(ctx, batchPictures)
		if err != nil {
			return err
		}
		return inTurns(round, func() error {
			return throughput(&f.Ours, slots, pics, func(m []engine.Message) (*measure.Answer, error) {
				return measure.AskEngine(ctx, e, engine.Request{Messages: m, Sampling: b.Greedy(), Background: true})
			})
		}, func() error {
			return throughput(&f.Peer, slots, pics, func(m []engine.Message) (*measure.Answer, error) {
				return b.AskPeer(ctx, server.URL, m, true)
			})
		})
	}, f)
}

// throughput has so many clients ask about the pictures, each about the next one
// that nobody has asked about, and adds the tokens a second of all together.
func throughput(to *[]float64, clients int, pics []*images.Picture, ask func([]engine.Message) (*measure.Answer, error)) error {
	waiting := make(chan *images.Picture, len(pics))
	for _, p := range pics {
		waiting <- p
	}
	close(waiting)
	var (
		mu     sync.Mutex
		tokens int
		failed error
		wg     sync.WaitGroup
	)
	start := time.Now()
	for range clients {
		wg.Go(func() {
			for p := range waiting {
				a, err := ask([]engine.Message{engine.Ask(measure.Describe, p)})
				mu.Lock()
				if err == nil {
					tokens += a.Own.Tokens
				} else {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return failed
	}
	*to = append(*to, float64(tokens)/time.Since(start).Seconds())
	return nil
}
