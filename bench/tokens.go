package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/images"
)

// tokens measures generation: tokens a second between the first and the last one
// of an answer, as a client sees them come, and by each side's own clock, which
// leaves out how long they travel; and the time to the first text, of a first
// question about a picture and of a follow-up, which neither side has to compute
// from the beginning. A round asks about several pictures and sums up.
func (b *bench) tokens(ctx context.Context) ([]*measure.Figure, error) {
	pics, err := measure.SamplePictures(ctx)
	if err != nil {
		return nil, err
	}
	e := native.New(native.Options{Model: b.Model, Runtime: b.Runtime, Threads: 1})
	defer func() {
		_ = e.Close()
		_ = b.WorkersGone()
	}()
	server, err := b.StartPeer(1)
	if err != nil {
		return nil, err
	}
	defer server.Kill()

	speed := &measure.Figure{Name: "generation as a client sees it", Unit: "tokens/s (more is better)"}
	inside := &measure.Figure{Name: "generation by each side's own clock", Unit: "tokens/s (more is better)"}
	first := &measure.Figure{Name: "first text, new picture", Unit: "ms"}
	next := &measure.Figure{Name: "first text, follow-up", Unit: "ms"}
	var answers, tokens int
	// The sides take turns within a round, question by question, so that what
	// else the machine does meets both.
	err = b.Repeat(ctx, func(n int) error {
		var ours, peer round
		for i := range b.pictures {
			p := pics[(n*b.pictures+i)%len(pics)]
			if err := ours.ask(p, func(m []engine.Message, _ bool) (*measure.Answer, error) {
				return measure.AskEngine(ctx, e, engine.Request{Messages: m, Sampling: b.Greedy()})
			}); err != nil {
				return err
			}
			if err := peer.ask(p, func(m []engine.Message, cache bool) (*measure.Answer, error) {
				return b.AskPeer(ctx, server.URL, m, cache)
			}); err != nil {
				return err
			}
		}
		if ours.text.String() != peer.text.String() {
			fmt.Fprintln(os.Stderr, "note: the two sides' answers are not the same")
		}
		ours.record(&speed.Ours, &inside.Ours, &first.Ours, &next.Ours)
		peer.record(&speed.Peer, &inside.Peer, &first.Peer, &next.Peer)
		answers, tokens = ours.answers, ours.tokens
		return nil
	}, speed, inside, first, next)
	if err != nil {
		return nil, err
	}
	speed.Name += fmt.Sprintf(", %d answers of %d tokens in all", answers, tokens)
	return []*measure.Figure{speed, inside, first, next}, nil
}

// round sums up one side's answers.
type round struct {
	tokens      int // after the first of each answer
	generating  time.Duration
	own         measure.Clock // of the answers as a whole
	first, next time.Duration // to the first text
	pictures    int
	answers     int // two about each picture
	text        strings.Builder
}

// ask asks for a description and then something about it. The description is
// computed afresh, the follow-up may use what is held of it.
func (r *round) ask(p *images.Picture, ask func(messages []engine.Message, cache bool) (*measure.Answer, error)) error {
	messages := []engine.Message{engine.Ask(measure.Describe, p)}
	a, err := ask(messages, false)
	if err != nil {
		return err
	}
	r.count(a)
	r.first += a.TTFT()
	messages = append(messages, engine.Text(engine.Assistant, a.Text.String()), engine.Text(engine.User, followUp))
	b, err := ask(messages, true)
	if err != nil {
		return err
	}
	r.count(b)
	r.next += b.TTFT()
	r.pictures++
	fmt.Fprintln(&r.text, a.Text.String(), b.Text.String())
	return nil
}

func (r *round) count(a *measure.Answer) {
	r.answers++
	r.tokens += a.Tokens - 1
	r.generating += a.Last.Sub(a.First)
	r.own.Tokens += a.Own.Tokens
	r.own.Took += a.Own.Took
}

const followUp = "What color is the background? Describe the image again."

func (r *round) record(speed, inside, first, next *[]float64) {
	*speed = append(*speed, float64(r.tokens)/r.generating.Seconds())
	*inside = append(*inside, float64(r.own.Tokens)/r.own.Took.Seconds())
	*first = append(*first, measure.Milliseconds(r.first)/float64(r.pictures))
	*next = append(*next, measure.Milliseconds(r.next)/float64(r.pictures))
}
