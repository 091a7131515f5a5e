package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/vlmchat/vlmchat/bench/measure"
	"github.com/vlmchat/vlmchat/engine"
)

// resume measures a conversation that goes on after its worker ended: what the
// next question takes on another worker, which finds on disk what was computed,
// against the first question, for which nothing was. Both workers have loaded the
// model when they are asked.
func (b *bench) resume(ctx context.Context) ([]*measure.Figure, error) {
	loaded := &measure.Figure{Name: "follow-up after the worker ended, to the first text", Beside: "first turn", Headline: true, Unit: "ms", Goal: measure.Goal{AtMost: 0.25}}
	whole := &measure.Figure{Name: "the same with the load of the model", Beside: "first turn without", Unit: "ms"}
	var usage engine.Usage
	err := b.Repeat(ctx, func(int) error {
		if err := os.RemoveAll(b.CacheDir()); err != nil {
			return err
		}
		p, err := b.pictures.Next(ctx)
		if err != nil {
			return err
		}
		messages := []engine.Message{engine.Ask(measure.Describe, p)}
		first, _, err := b.askFresh(ctx, messages)
		if err != nil {
			return err
		}
		messages = append(messages, engine.Text(engine.Assistant, first.Text.String()), engine.Text(engine.User, followUp))
		next, load, err := b.askFresh(ctx, messages)
		if err != nil {
			return err
		}
		usage = next.Usage
		loaded.Ours, loaded.Peer = append(loaded.Ours, measure.Milliseconds(next.TTFT())), append(loaded.Peer, measure.Milliseconds(first.TTFT()))
		whole.Ours, whole.Peer = append(whole.Ours, measure.Milliseconds(load+next.TTFT())), append(whole.Peer, measure.Milliseconds(first.TTFT()))
		return nil
	}, loaded, whole)
	loaded.Name += fmt.Sprintf(" (%d of %d tokens were not computed again)", usage.CachedTokens, usage.PromptTokens)
	return []*measure.Figure{loaded, whole}, err
}

// askFresh asks on a worker that is started for the question and ends with it,
// and tells how long it took to load the model.
func (b *bench) askFresh(ctx context.Context, messages []engine.Message) (*measure.Answer, time.Duration, error) {
	e := b.engine(0)
	defer b.done(e)
	start := time.Now()
	if _, err := e.Info(ctx); err != nil {
		return nil, 0, err
	}
	load := time.Since(start)
	a, err := measure.AskEngine(ctx, e, engine.Request{Messages: messages, Sampling: b.Greedy()})
	return a, load, err
}
