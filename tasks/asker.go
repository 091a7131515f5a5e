package tasks

import (
	"context"
	"iter"
	"math"
	"sync/atomic"

	"github.com/vlmchat/vlmchat/engine"
)

// Asker asks an engine for whole answers, and how sure the model was of them, as far as the
// engine tells. Several goroutines may ask.
type Asker struct {
	Engine engine.Engine

	silent atomic.Bool // the engine tells no log-probabilities
}

// Telling tells whether the engine tells log-probabilities, as far as is known by now.
func (a *Asker) Telling() bool { return !a.silent.Load() }

// Ask returns the answer to a request. It asks for the log-probabilities of its tokens, and
// for req.TopLogprobs of the likeliest in the place of each; of an engine that tells none, it
// asks without. hear, which may be nil, hears what happens.
func (a *Asker) Ask(ctx context.Context, req engine.Request, hear func(engine.Event)) (*Collector, error) {
	req.Restart, req.Logprobs = true, a.Telling()
	without := req
	without.Logprobs, without.TopLogprobs = false, 0
	if !req.Logprobs {
		return collect(a.Engine.Chat(ctx, without), hear)
	}
	c, err := collect(a.Engine.Chat(ctx, req), hear)
	if kind := engine.KindOf(err); err == nil || kind != engine.BadOption && kind != engine.BadRequest {
		return c, err
	}
	// It may be refused for the log-probabilities.
	c, again := collect(a.Engine.Chat(ctx, without), hear)
	if again != nil {
		return nil, err
	}
	a.silent.Store(true)
	return c, nil
}

func collect(events iter.Seq2[engine.Event, error], hear func(engine.Event)) (*Collector, error) {
	var c Collector
	for ev, err := range events {
		if err != nil {
			return nil, err
		}
		c.Take(ev)
		if hear != nil {
			hear(ev)
		}
	}
	return &c, nil
}

// Confidence is how sure a model was of what it wrote: its own probabilities, before
// temperature and filters. A model can be sure and wrong.
type Confidence struct {
	Probability float64 `json:"probability"` // of the whole text: the product of its tokens'
	PerToken    float64 `json:"per_token"`   // the geometric mean of its tokens'
	Logprob     float64 `json:"logprob"`     // natural logarithm of PerToken
	Tokens      int     `json:"tokens"`
}

// Confidence is that of the answer, nil where the engine does not tell.
func (c *Collector) Confidence() *Confidence {
	if len(c.logprobs) == 0 {
		return nil
	}
	s := engine.Score{Tokens: c.logprobs}
	mean := s.Logprob() / float64(len(c.logprobs))
	return &Confidence{Probability: math.Exp(s.Logprob()), PerToken: math.Exp(mean), Logprob: mean, Tokens: len(c.logprobs)}
}
