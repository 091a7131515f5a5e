package main

import (
	"context"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/native"
)

// estimate measures how true the memory is that is estimated before a model is loaded:
// beside what the worker has at its peak, once it has answered about a picture.
func (b *bench) estimate(ctx context.Context) ([]*measure.Figure, error) {
	f := &measure.Figure{
		Name: "memory as estimated before loading", Beside: "what the worker has at its peak", Headline: true, Unit: "MiB",
		Goal: measure.Goal{AtLeast: 0.85, AtMost: 1.15},
	}
	err := b.Repeat(ctx, func(int) error {
		p, err := b.pictures.Next(ctx)
		if err != nil {
			return err
		}
		estimate, err := native.EstimateMemory(b.options(0), nil, p.Width, p.Height)
		if err != nil {
			return err
		}
		e := b.engine(0)
		defer b.done(e)
		if _, err := measure.AskEngine(ctx, e, engine.Request{Messages: []engine.Message{engine.Ask(measure.Describe, p)}, Sampling: b.Greedy()}); err != nil {
			return err
		}
		worker, err := measure.Worker()
		if err != nil {
			return err
		}
		peak, err := measure.PeakMemory(worker)
		const mib = 1 << 20
		f.Ours, f.Peer = append(f.Ours, float64(estimate.Host+estimate.Copied)/mib), append(f.Peer, float64(peak)/mib)
		return err
	}, f)
	return []*measure.Figure{f}, err
}
