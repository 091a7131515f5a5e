package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/pool"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

// A batch as the measurement has it.
const (
	batchRequests = 64
	batchClients  = 8 // ask at the same time
	batchSlots    = 4 // of each server
	batchRetries  = 3
)

// batch measures a batch of questions about pictures over two servers of which one
// is killed half-way: how long it takes beside two that live and one alone, and
// what becomes of the answers. What each answer is to be, a server says that is
// asked one question after the other. No server keeps anything of a prompt.
func (b *bench) batch(ctx context.Context) ([]*measure.Figure, error) {
	first, err := b.StartPeer(batchSlots, "--no-cache-prompt", "--cache-ram", "0")
	if err != nil {
		return nil, err
	}
	defer first.Kill()
	second, err := b.StartPeer(batchSlots, "--no-cache-prompt", "--cache-ram", "0")
	if err != nil {
		return nil, err
	}
	defer second.Kill()
	pics, err := b.pictures.Several(ctx, batchRequests)
	if err != nil {
		return nil, err
	}
	want, err := b.expected(ctx, first, pics)
	if err != nil {
		return nil, err
	}

	name := fmt.Sprintf("%d pictures described, %d at once, over two servers of which one is killed half-way", batchRequests, batchClients)
	beside := &measure.Figure{Name: name, Beside: "both live", Unit: "s"}
	alone := &measure.Figure{Name: "the same", Beside: "one server alone", Unit: "s"}
	both := &measure.Figure{Name: "over two servers that live", Beside: "one server alone", Unit: "s"}
	figures := []*measure.Figure{beside, alone, both}
	var killed, lived counts
	err = b.RepeatSeldom(ctx, func(int) error {
		run := func(doomed *llamaserver.Server, servers ...*llamaserver.Server) (*outcome, error) {
			o := &outcome{want: want, doomed: doomed}
			return o, b.overServers(ctx, servers, pics, o)
		}
		two, err := run(nil, first, second)
		if err != nil {
			return err
		}
		one, err := run(nil, first)
		if err != nil {
			return err
		}
		half, err := run(second, first, second)
		if err != nil {
			return err
		}
		if err := second.Restart(); err != nil {
			return err
		}
		beside.Ours, beside.Peer = append(beside.Ours, half.seconds()), append(beside.Peer, two.seconds())
		alone.Ours, alone.Peer = append(alone.Ours, half.seconds()), append(alone.Peer, one.seconds())
		both.Ours, both.Peer = append(both.Ours, two.seconds()), append(both.Peer, one.seconds())
		killed.add(half)
		lived.add(two)
		return nil
	}, figures...)
	if err != nil {
		return nil, err
	}
	return append(figures, append(killed.figures("one killed"), lived.figures("both live")...)...), nil
}

// question is one of a batch.
func (b *bench) question(p *images.Picture) engine.Request {
	return engine.Request{
		Messages: []engine.Message{engine.Ask(measure.Describe, p)}, Sampling: b.Greedy(),
		Background: true, Restart: true,
	}
}

// expected are the answers of a server that is asked one thing after the other.
func (b *bench) expected(ctx context.Context, s *llamaserver.Server, pics []*images.Picture) ([]string, error) {
	e, err := b.engine(s.URL)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	var all []string
	for _, p := range pics {
		a, err := measure.AskEngine(ctx, e, b.question(p))
		if err != nil {
			return nil, err
		}
		all = append(all, a.Text.String())
	}
	return all, nil
}

// overServers asks about all pictures by way of a pool.
func (b *bench) overServers(ctx context.Context, servers []*llamaserver.Server, pics []*images.Picture, o *outcome) error {
	var members []pool.Member
	for _, s := range servers {
		e, err := b.engine(s.URL)
		if err != nil {
			return err
		}
		members = append(members, pool.Member{Host: strings.TrimPrefix(s.URL, "http://"), Engine: e})
	}
	p := pool.New(batchRetries, members...)
	defer p.Close()
	waiting := make(chan int, len(pics))
	for i := range pics {
		waiting <- i
	}
	close(waiting)
	start := time.Now()
	var all sync.WaitGroup
	for range batchClients {
		all.Go(func() {
			for i := range waiting {
				o.follow(i, p.Chat(ctx, b.question(pics[i])))
			}
		})
	}
	all.Wait()
	o.took = time.Since(start)
	return ctx.Err()
}
