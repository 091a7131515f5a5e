package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

const followUp = "What color is the background? Describe the image again."

// turns measures two turns about a picture that nobody has seen: the time to the
// first text of both, and the tokens a second of both answers, as a client sees
// them come and by each side's own clock.
func (b *bench) turns(ctx context.Context) ([]*measure.Figure, error) {
	return b.turnsBeside(ctx, 0)
}

// crowd measures the same once a side has had other conversations before, which
// somebody may go on with: as many as its context holds.
func (b *bench) crowd(ctx context.Context) ([]*measure.Figure, error) {
	figures, err := b.turnsBeside(ctx, crowdSize)
	for _, f := range figures {
		f.Name += fmt.Sprintf(", beside %d idle conversations", crowdSize)
	}
	return figures, err
}

// crowdSize is how many conversations there are before those that are measured.
const crowdSize = 12

func (b *bench) turnsBeside(ctx context.Context, others int) ([]*measure.Figure, error) {
	e := b.engine(0)
	defer b.done(e)
	server, err := b.StartPeer(1)
	if err != nil {
		return nil, err
	}
	defer server.Kill()

	first := &measure.Figure{Name: "first turn, to the first text", Headline: others == 0, Unit: "ms", Goal: measure.Goal{AtMost: 1.02}}
	next := &measure.Figure{Name: "follow-up, to the first text", Headline: others == 0, Unit: "ms", Goal: measure.Goal{AtMost: 1}}
	speed := &measure.Figure{Name: "generation as a client sees it", Unit: "tokens/s", Goal: measure.Goal{AtLeast: 0.98}}
	inside := &measure.Figure{Name: "generation by each side's own clock", Headline: others == 0, Unit: "tokens/s", Goal: measure.Goal{AtLeast: 0.98}}
	work := &measure.Figure{Name: "processor time of both turns", Unit: "ms"}
	info, err := e.Info(ctx)
	if err != nil {
		return nil, err
	}
	clocks, err := clocksOf(server.PID())
	if err != nil {
		return nil, err
	}
	askEngine := func(m []engine.Message) (*measure.Answer, error) {
		return measure.AskEngine(ctx, e, engine.Request{Messages: m, Sampling: b.Greedy()})
	}
	askPeer := func(m []engine.Message) (*measure.Answer, error) { return b.AskPeer(ctx, server.URL, m, true) }
	for i := range others {
		// A word with its number has some three tokens.
		m := []engine.Message{engine.Text(engine.User, strings.Repeat(fmt.Sprintf("word%d ", i), info.ContextSize/others/4))}
		for _, ask := range []func([]engine.Message) (*measure.Answer, error){askEngine, askPeer} {
			if _, err := ask(m); err != nil && !errors.Is(err, measure.ErrShort) {
				return nil, err
			}
		}
	}
	differ := false
	err = b.Repeat(ctx, func(round int) error {
		var ours, peer talk
		for range b.subject.pictures {
			p, err := b.pictures.Next(ctx)
			if err != nil {
				return err
			}
			err = measure.InTurns(round, func() error {
				return ours.about(p, clocks.ours, askEngine)
			}, func() error {
				return peer.about(p, clocks.peer, askPeer)
			})
			if err != nil {
				return err
			}
		}
		differ = differ || ours.text.String() != peer.text.String()
		for f, of := range map[*measure.Figure]func(talk) float64{
			first: talk.firstTurn, next: talk.followUp, speed: talk.speed, inside: talk.ownSpeed, work: talk.processor,
		} {
			f.Ours, f.Peer = append(f.Ours, of(ours)), append(f.Peer, of(peer))
		}
		return nil
	}, first, next, speed, inside, work)
	if differ {
		fmt.Fprintln(os.Stderr, "note: the two sides' answers are not all the same")
	}
	return []*measure.Figure{first, next, speed, inside, work}, err
}

// talk sums up one side's conversations of a round.
type talk struct {
	pictures    int
	first, next time.Duration // to the first text
	tokens      int           // after the first of each answer
	generating  time.Duration
	own         measure.Clock
	work        time.Duration // of the side's process
	text        strings.Builder
}

// about asks for a description and then something about it.
func (t *talk) about(p *images.Picture, clock clock, ask func([]engine.Message) (*measure.Answer, error)) error {
	began, err := clock()
	if err != nil {
		return err
	}
	messages := []engine.Message{engine.Ask(measure.Describe, p)}
	a, err := ask(messages)
	if err != nil {
		return err
	}
	messages = append(messages, engine.Text(engine.Assistant, a.Text.String()), engine.Text(engine.User, followUp))
	b, err := ask(messages)
	if err != nil {
		return err
	}
	ended, err := clock()
	if err != nil {
		return err
	}
	t.work += ended - began
	t.pictures++
	t.first += a.TTFT()
	t.next += b.TTFT()
	for _, answer := range []*measure.Answer{a, b} {
		t.tokens += answer.Tokens - 1
		t.generating += answer.Last.Sub(answer.First)
		t.own.Tokens += answer.Own.Tokens
		t.own.Took += answer.Own.Took
		fmt.Fprintln(&t.text, answer.Text.String())
	}
	return nil
}

func (t talk) processor() float64 { return measure.Milliseconds(t.work) / float64(t.pictures) }
func (t talk) firstTurn() float64 { return measure.Milliseconds(t.first) / float64(t.pictures) }
func (t talk) followUp() float64  { return measure.Milliseconds(t.next) / float64(t.pictures) }
func (t talk) speed() float64     { return float64(t.tokens) / t.generating.Seconds() }
func (t talk) ownSpeed() float64  { return float64(t.own.Tokens) / t.own.Took.Seconds() }
