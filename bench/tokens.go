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

// tokens measures generation: tokens a second between the first and the last one
// of an answer, as a client sees them come, and by each side's own clock, which
// leaves out how long they travel; and the time to the first text, of a first
// question about a picture and of a follow-up, which neither side has to compute
// from the beginning. A round asks about several pictures and sums up.
func (b *bench) tokens(ctx context.Context) ([]*figure, error) {
	pics, err := samplePictures(ctx)
	if err != nil {
		return nil, err
	}
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

	speed := &figure{name: "generation as a client sees it", unit: "tokens/s (more is better)"}
	inside := &figure{name: "generation by each side's own clock", unit: "tokens/s (more is better)"}
	first := &figure{name: "first text, new picture", unit: "ms"}
	next := &figure{name: "first text, follow-up", unit: "ms"}
	var answers, tokens int
	// The sides take turns within a round, question by question, so that what
	// else the machine does meets both.
	err = b.repeat(ctx, func(n int) error {
		var ours, peer round
		for i := range b.pictures {
			p := pics[(n*b.pictures+i)%len(pics)]
			if err := ours.ask(p, func(m []engine.Message, _ bool) (answer, error) { return b.askEngine(ctx, e, m) }); err != nil {
				return err
			}
			if err := peer.ask(p, func(m []engine.Message, cache bool) (answer, error) { return b.askPeer(ctx, server.URL, m, cache) }); err != nil {
				return err
			}
		}
		if ours.text.String() != peer.text.String() {
			fmt.Fprintln(os.Stderr, "note: the two sides' answers are not the same")
		}
		ours.record(&speed.ours, &inside.ours, &first.ours, &next.ours)
		peer.record(&speed.peer, &inside.peer, &first.peer, &next.peer)
		answers, tokens = ours.answers, ours.tokens
		return nil
	}, speed, inside, first, next)
	if err != nil {
		return nil, err
	}
	speed.name += fmt.Sprintf(", %d answers of %d tokens in all", answers, tokens)
	return []*figure{speed, inside, first, next}, nil
}

// round sums up one side's answers.
type round struct {
	tokens      int // after the first of each answer
	generating  time.Duration
	own         clock         // of the answers as a whole
	first, next time.Duration // to the first text
	pictures    int
	answers     int // two about each picture
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
	r.count(a)
	r.first += a.first.Sub(a.asked)
	messages = append(messages, engine.Text(engine.Assistant, a.text.String()), engine.Text(engine.User, followUp))
	b, err := ask(messages, true)
	if err != nil {
		return err
	}
	r.count(b)
	r.next += b.first.Sub(b.asked)
	r.pictures++
	fmt.Fprintln(&r.text, a.text.String(), b.text.String())
	return nil
}

func (r *round) count(a answer) {
	r.answers++
	r.tokens += a.tokens - 1
	r.generating += a.last.Sub(a.first)
	r.own.tokens += a.own.tokens
	r.own.took += a.own.took
}

const followUp = "What color is the background? Describe the image again."

func (r *round) record(speed, inside, first, next *[]float64) {
	*speed = append(*speed, float64(r.tokens)/r.generating.Seconds())
	*inside = append(*inside, float64(r.own.tokens)/r.own.took.Seconds())
	*first = append(*first, milliseconds(r.first)/float64(r.pictures))
	*next = append(*next, milliseconds(r.next)/float64(r.pictures))
}

func (b *bench) askEngine(ctx context.Context, e engine.Engine, messages []engine.Message) (answer, error) {
	a := answer{asked: time.Now()}
	for ev, err := range e.Chat(ctx, engine.Request{Messages: messages, Sampling: b.greedy()}) {
		if err != nil {
			return answer{}, err
		}
		switch ev.Kind {
		case engine.Delta:
			a.add(ev.Text)
		case engine.Done:
			a.own = clock{ev.Usage.GeneratedTokens, ev.Usage.GenerateTime}
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
