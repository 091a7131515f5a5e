package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// What llama-server holds of a prompt: nothing, or all but the last token, since
// the same request came just before.
const (
	computed = "prompt computed each time"
	held     = "prompt held by the server"
)

// client measures our client against the bare one, with the samples and with
// photos. llama-server makes requests cheaper that it has seen: it is told to
// compute each prompt from the beginning, for both sides, or both sides ask what
// it has just been asked, which leaves the least in which a client could hide.
func (b *bench) client(ctx context.Context) ([]*measure.Figure, error) {
	samples, err := b.pictures.Several(ctx, b.questions)
	if err != nil {
		return nil, err
	}
	photos, err := several(b.questions, b.asJPEG)
	if err != nil {
		return nil, err
	}
	var figures []*measure.Figure
	for _, cache := range []string{computed, held} {
		for _, s := range []subject{{"sample", samples}, {photoName(photos), photos}} {
			fs, err := b.compare(ctx, s, cache, nil)
			if err != nil {
				return nil, err
			}
			figures = append(figures, fs...)
		}
	}
	return figures, nil
}

// attach measures the first question about a picture, for which it is made ready
// for the wire; the bare client has it ready.
func (b *bench) attach(ctx context.Context) ([]*measure.Figure, error) {
	var figures []*measure.Figure
	for _, kind := range []struct {
		name string
		make func() (*images.Picture, error)
	}{
		{"sent as it is", b.asJPEG},
		{"encoded again for the server", b.asTransparentPNG},
	} {
		photos, err := several(b.questions, kind.make)
		if err != nil {
			return nil, err
		}
		fs, err := b.compare(ctx, subject{photoName(photos) + " that was just attached, " + kind.name, photos}, computed, unseen)
		if err != nil {
			return nil, err
		}
		figures = append(figures, fs...)
	}
	figures[2].Goal, figures[3].Goal = measure.Goal{}, measure.Goal{} // the bare client encodes nothing
	return figures, nil
}

// subject is what the questions of a round are about.
type subject struct {
	name     string
	pictures []*images.Picture
}

// compare measures the same questions by both clients, in turns. fresh, if there
// is one, makes the picture that ours is asked about.
func (b *bench) compare(ctx context.Context, s subject, cache string, fresh func(*images.Picture) (*images.Picture, error)) ([]*measure.Figure, error) {
	var more []string
	if cache == computed {
		more = []string{"--no-cache-prompt", "--cache-ram", "0"}
	}
	server, err := b.StartPeer(1, more...)
	if err != nil {
		return nil, err
	}
	defer server.Kill()
	var requests []engine.Request
	for _, p := range s.pictures {
		requests = append(requests, engine.Request{Messages: []engine.Message{engine.Ask(measure.Describe, p)}, Sampling: b.Greedy()})
	}
	ready, err := b.record(ctx, server.URL, requests)
	if err != nil {
		return nil, err
	}
	e, err := b.engine(server.URL)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	peer := newBare(server.URL)
	defer peer.close()

	goal := measure.Goal{AtMost: 1.02}
	first := &measure.Figure{Name: fmt.Sprintf("%s, %s: to the first text", s.name, cache), Unit: "ms", Goal: goal}
	whole := &measure.Figure{Name: fmt.Sprintf("%s, %s: to the end", s.name, cache), Unit: "ms", Goal: goal}
	differ := false
	err = b.Repeat(ctx, func(round int) error {
		var ours, theirs course
		for i := range requests {
			if cache == held {
				if _, err := peer.ask(ctx, ready[i]); err != nil {
					return err
				}
			}
			req := requests[i]
			if fresh != nil {
				p, err := fresh(s.pictures[i])
				if err != nil {
					return err
				}
				req.Messages = []engine.Message{engine.Ask(measure.Describe, p)}
			}
			runtime.GC() // what making the picture left behind is no client's
			err := measure.InTurns(round+i, func() error {
				return ours.add(measure.AskEngine(ctx, e, req))
			}, func() error {
				return theirs.add(peer.ask(ctx, ready[i]))
			})
			if err != nil {
				return err
			}
		}
		differ = differ || ours.text != theirs.text
		n := float64(len(requests))
		first.Ours, first.Peer = append(first.Ours, measure.Milliseconds(ours.first)/n), append(first.Peer, measure.Milliseconds(theirs.first)/n)
		whole.Ours, whole.Peer = append(whole.Ours, measure.Milliseconds(ours.whole)/n), append(whole.Peer, measure.Milliseconds(theirs.whole)/n)
		return nil
	}, first, whole)
	if differ {
		fmt.Fprintln(os.Stderr, "note: the two sides' answers are not all the same")
	}
	return []*measure.Figure{first, whole}, err
}

// course sums up one side's answers of a round.
type course struct {
	first, whole time.Duration
	text         string
}

func (c *course) add(a *measure.Answer, err error) error {
	if err != nil {
		return err
	}
	c.first += a.TTFT()
	c.whole += a.Total()
	c.text += a.Text.String() + "\n"
	return nil
}

// several makes n pictures.
func several(n int, one func() (*images.Picture, error)) ([]*images.Picture, error) {
	var all []*images.Picture
	for range n {
		p, err := one()
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// unseen is the picture as it is when it was just attached.
func unseen(p *images.Picture) (*images.Picture, error) {
	return images.Decode(p.Source, p.Data, images.Limits{})
}

// photoName says how large photos are.
func photoName(photos []*images.Picture) string {
	p := photos[0]
	return fmt.Sprintf("%s of %d×%d and %d kB", p.Format, p.Width, p.Height, len(p.Data)/1000)
}
