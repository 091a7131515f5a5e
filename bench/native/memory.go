package main

import (
	"context"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
)

// settle is how long after an answer a side's memory is looked at.
const settle = time.Second

// memory measures what is resident after an answer about a picture: of the chat
// in its terminal and its worker together, against llama-server, which has
// nobody in front of it. Only one side runs at a time, as both map the same
// files. A page that several processes have counts in full for each of them in
// the resident size, and in parts in the proportional one: those of others that
// run meanwhile and have loaded the same libraries take parts of it too.
func (b *bench) memory(ctx context.Context) ([]*measure.Figure, error) {
	var figures []*measure.Figure
	for _, name := range []string{"resident", "resident, shared pages once (PSS)", "resident at its peak", "anonymous, of the processes' own"} {
		figures = append(figures, &measure.Figure{Name: name, Unit: "MiB"})
	}
	figures[1].Goal, figures[1].Headline = measure.Goal{AtMost: 1.05}, true
	figures[2].Goal = measure.Goal{AtMost: 1.05}
	add := func(m footprint, side func(*measure.Figure) *[]float64) {
		for i, kilobytes := range []int{m.resident, m.proportional, m.peak, m.anonymous} {
			to := side(figures[i])
			*to = append(*to, float64(kilobytes)/1024)
		}
	}
	err := b.Repeat(ctx, func(round int) error {
		return measure.InTurns(round, func() error {
			m, err := b.ourMemory(ctx)
			add(m, func(f *measure.Figure) *[]float64 { return &f.Ours })
			return err
		}, func() error {
			m, err := b.peerMemory(ctx)
			add(m, func(f *measure.Figure) *[]float64 { return &f.Peer })
			return err
		})
	}, figures...)
	return figures, err
}

// ourMemory asks in a chat, as a person would.
func (b *bench) ourMemory(ctx context.Context) (footprint, error) {
	path, err := b.pictures.File(ctx, b.Dir)
	if err != nil {
		return footprint{}, err
	}
	chat, err := measure.OpenChat(ctx, append(b.vlmchat("0s"), path)[1:]...)
	if err != nil {
		return footprint{}, err
	}
	defer func() {
		chat.End()
		_ = b.WorkersGone()
	}()
	if _, err := chat.Await(measure.ReadyMark); err != nil {
		return footprint{}, err
	}
	if err := chat.Type(measure.Describe + "\r"); err != nil {
		return footprint{}, err
	}
	if _, err := chat.Await(measure.AnsweredMark); err != nil {
		return footprint{}, err
	}
	time.Sleep(settle)
	return footprintOf(chat.PID())
}

func (b *bench) peerMemory(ctx context.Context) (footprint, error) {
	p, err := b.pictures.Next(ctx)
	if err != nil {
		return footprint{}, err
	}
	server, err := b.StartPeer(1)
	if err != nil {
		return footprint{}, err
	}
	defer server.Kill()
	if _, err := b.AskPeer(ctx, server.URL, []engine.Message{engine.Ask(measure.Describe, p)}, true); err != nil {
		return footprint{}, err
	}
	time.Sleep(settle)
	return footprintOf(server.PID())
}
