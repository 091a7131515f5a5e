package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/images"
)

// pictures is how many different ones a round of tokens asks about.
const pictures = 12

// tokens measures generation as a client sees it: tokens a second between the
// first and the last one of long answers, summed over a round's pictures; and
// the time to the first text, of a first question about a picture and of a
// follow-up, which neither side has to compute from the beginning.
func (b *bench) tokens(ctx context.Context) ([]*figure, error) {
	pics, err := samplePictures(ctx)
	if err != nil {
		return nil, err
	}
	pics = pics[:min(pictures, len(pics))]
	e := native.New(native.Options{Model: b.model, Runtime: b.runtime, Threads: 1})
	defer func() {
		_ = e.Close()
		_ = b.workersGone()
	}()
	server, err := b.startPeer()
	if err != nil {
		return nil, err
	}
	defer server.Kill()

	speed := &figure{name: fmt.Sprintf("generation, %d answers", len(pics)), unit: "tokens/s (more is better)"}
	first := &figure{name: "first text, new picture", unit: "ms"}
	next := &figure{name: "first text, follow-up", unit: "ms"}
	tokens := 0
	// The sides take turns within a round, question by question, so that what
	// else the machine does meets both.
	err = b.repeat(ctx, func(int) error {
		var ours, peer round
		for _, p := range pics {
			if err := ours.ask(p, func(m []engine.Message, _ bool) (answer, error) { return askEngine(ctx, e, m) }); err != nil {
				return err
			}
			if err := peer.ask(p, func(m []engine.Message, cache bool) (answer, error) { return askPeer(ctx, server.URL, m, cache) }); err != nil {
				return err
			}
		}
		if ours.text.String() != peer.text.String() {
			fmt.Fprintln(os.Stderr, "note: the two sides' answers are not the same")
		}
		ours.record(&speed.ours, &first.ours, &next.ours)
		peer.record(&speed.peer, &first.peer, &next.peer)
		tokens = ours.tokens
		return nil
	}, speed, first, next)
	if err != nil {
		return nil, err
	}
	speed.name += fmt.Sprintf(" of %d tokens in all", tokens)
	return []*figure{speed, first, next}, nil
}

// round sums up one side's answers.
type round struct {
	tokens      int
	generating  time.Duration
	first, next time.Duration // to the first text
	answers     int
	text        strings.Builder
}

// ask asks for a description and then something about it. The description is
// computed afresh, the follow-up may use what is held of it.
func (r *round) ask(p *images.Picture, ask func(messages []engine.Message, cache bool) (answer, error)) error {
	messages := []engine.Message{engine.Ask(describe, p)}
	a, err := ask(messages, false)
	if err != nil {
		return err
	}
	r.answers++
	r.tokens += a.tokens - 1
	r.generating += a.last.Sub(a.first)
	r.first += a.first.Sub(a.asked)
	messages = append(messages, engine.Text(engine.Assistant, a.text.String()), engine.Text(engine.User, followUp))
	b, err := ask(messages, true)
	if err != nil {
		return err
	}
	r.next += b.first.Sub(b.asked)
	fmt.Fprintln(&r.text, a.text.String(), b.text.String())
	return nil
}

const followUp = "What color is the background? Describe the image again."

func (r *round) record(speed, first, next *[]float64) {
	*speed = append(*speed, float64(r.tokens)/r.generating.Seconds())
	*first = append(*first, milliseconds(r.first)/float64(r.answers))
	*next = append(*next, milliseconds(r.next)/float64(r.answers))
}

func askEngine(ctx context.Context, e engine.Engine, messages []engine.Message) (answer, error) {
	a := answer{asked: time.Now()}
	for ev, err := range e.Chat(ctx, engine.Request{Messages: messages, Sampling: greedy}) {
		if err != nil {
			return answer{}, err
		}
		if ev.Kind == engine.Delta {
			a.add(ev.Text)
		}
	}
	return a, a.check()
}

// samplePictures loads the pictures that the samples' questions are about, each
// once, in their order.
func samplePictures(ctx context.Context) ([]*images.Picture, error) {
	paths, err := samplePaths()
	if err != nil {
		return nil, err
	}
	var pics []*images.Picture
	for _, path := range paths {
		p, err := images.Load(ctx, path, images.Limits{})
		if err != nil {
			return nil, err
		}
		pics = append(pics, p)
	}
	return pics, nil
}

func samplePaths() ([]string, error) {
	f, err := os.Open(filepath.Join(samples, "vqa.jsonl"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var paths []string
	for d := json.NewDecoder(f); d.More(); {
		var q struct{ Image string }
		if err := d.Decode(&q); err != nil {
			return nil, err
		}
		if path := filepath.Join(samples, q.Image); len(paths) == 0 || paths[len(paths)-1] != path {
			paths = append(paths, path)
		}
	}
	return paths, nil
}
