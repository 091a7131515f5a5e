package openai

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"time"

	client "github.com/sashabaranov/go-openai"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// Chat streams the answer. TTFT is measured here; the other times are those
// that llama-server tells, and for other servers generation is timed from the
// first piece to the last.
func (e *Engine) Chat(ctx context.Context, req engine.Request) iter.Seq2[engine.Event, error] {
	return e.calls.Stream(ctx, req, func(ctx context.Context, emit func(engine.Event) error) error {
		return e.chat(ctx, req, emit)
	}, func(ctx context.Context, err error) *engine.Error {
		return e.secrets.hideIn(remote.Explain(ctx, e.base.Host, "", err))
	})
}

func (e *Engine) chat(ctx context.Context, req engine.Request, emit func(engine.Event) error) error {
	start := time.Now()
	pictures := engine.Pictures(req.Messages)
	among := len(pictures) + len(engine.URLs(req.Messages))
	model, err := e.modelFor(ctx, among > 0)
	if err != nil {
		return err
	}
	kind := e.server(ctx, matters(req))
	if req.Sampling.Seed == nil && kind.repeats() {
		seed := engine.DrawSeed() >> 1 // what all of them take
		req.Sampling.Seed = &seed
	}
	r, extra, err := e.request(kind, model, req)
	if err != nil {
		return err
	}
	x := &exchange{engine: e, model: model, pictures: among > 0, schema: len(req.Schema) > 0, streams: true, extra: extra}
	if x.inlines, err = e.inlines(pictures, among); err != nil {
		return err
	}
	stream, err := e.client(x).CreateChatCompletionStream(ctx, r)
	if err != nil {
		return err
	}
	defer stream.Close()

	a := answer{host: e.base.Host, start: start, emit: emit, logprobs: req.Logprobs, top: req.TopLogprobs, from: e.origin(kind, req), hide: e.secrets.hide}
	for err == nil {
		if _, err = stream.RecvRaw(); err == nil {
			err = a.add(x.events.next())
		}
	}
	switch {
	case errors.Is(err, remote.ErrLeft), !x.events.ended(), ctx.Err() != nil && a.finish == "":
		if errors.Is(err, io.EOF) {
			err = remote.Cut(e.base.Host, "ended it", io.ErrUnexpectedEOF)
		}
		return a.cut(err)
	case a.finish == "content_filter":
		return failed(nil, "the server at %s held the answer back: its content filter", e.base.Host)
	case a.finish == "error", a.finish == "abort":
		return remote.Cut(e.base.Host, "gave the answer up", nil)
	}
	done := engine.Event{Kind: engine.Done, Finish: engine.Stop, Usage: a.totals(), Provenance: &a.from}
	if a.finish == string(client.FinishReasonLength) {
		done.Finish = engine.Length
	}
	return emit(done)
}

// answer is what has come of an answer.
type answer struct {
	host        string
	emit        func(engine.Event) error
	start       time.Time
	first, last time.Time // text
	finish      string
	usage       *counts
	timings     *timings

	logprobs bool // are asked for
	top      int  // so many of the likeliest
	told     bool // some came
	pending  []engine.TokenLogprob

	from engine.Provenance
	hide func(string) string // what is secret
}

// add passes on what a piece of the stream holds.
func (a *answer) add(p piece) error {
	for _, u := range []*counts{p.Usage, p.XGroq.Usage} {
		if u != nil {
			a.usage = u
		}
	}
	if p.Timings != nil {
		a.timings = p.Timings
	}
	a.comesFrom(p)
	for _, c := range p.Choices {
		if c.Index != 0 {
			continue
		}
		if reason := c.finish(); reason != "" {
			a.finish = reason
		}
		if c.Usage != nil {
			a.usage = c.Usage
		}
		if err := a.say(c); err != nil {
			return err
		}
	}
	return nil
}

// say passes on what a choice adds to the answer.
func (a *answer) say(c choice) error {
	thought, text := c.Delta.thought(), c.Delta.text()
	if thought != "" {
		from := a.heard()
		if err := a.emit(engine.Event{Kind: engine.Thinking, Text: thought, Provenance: from}); err != nil {
			return err
		}
	}
	if a.logprobs && c.Logprobs != nil {
		tokens := slices.Concat(c.Logprobs.Content, c.Logprobs.Refusal)
		a.told = a.told || len(tokens) > 0
		for _, t := range tokens {
			if thought == "" || text != "" { // others were thought
				a.pending = append(a.pending, t.told(a.top))
			}
		}
	}
	if text == "" {
		return nil
	}
	if a.logprobs && !a.told {
		// Before anything is shown that would have to be thrown away.
		return noLogprobs(a.host)
	}
	ev := engine.Event{Kind: engine.Delta, Text: text, Logprobs: a.pending, Provenance: a.heard()}
	a.pending = nil
	return a.emit(ev)
}

// heard notes the time at which something came. With the first of it goes what is known
// by then of where the answer comes from.
func (a *answer) heard() *engine.Provenance {
	a.last = time.Now()
	if !a.first.IsZero() {
		return nil
	}
	a.first = a.last
	from := a.from
	from.Options = maps.Clone(from.Options) // more of them may come
	return &from
}

// cut makes an error that came in the middle of an answer one of a cut answer:
// what was said so far stands, whatever the reason.
func (a *answer) cut(err error) error {
	var e *engine.Error
	if !a.first.IsZero() && errors.As(err, &e) && e.Kind == engine.Failed {
		return &engine.Error{Kind: engine.AnswerCut, Message: "the answer is not whole: " + e.Message, Hint: e.Hint, Temporary: e.Temporary, Err: err}
	}
	return err
}

// totals sums the answer up.
func (a *answer) totals() *engine.Usage {
	u := &engine.Usage{}
	if !a.first.IsZero() {
		u.TTFT, u.GenerateTime = a.first.Sub(a.start), a.last.Sub(a.first)
	}
	if a.usage != nil {
		a.usage.into(u)
	}
	if t := a.timings; t != nil {
		u.PromptTime, u.GenerateTime = milliseconds(t.PromptMS), milliseconds(t.PredictedMS)
		u.CachedTokens = max(u.CachedTokens, t.CacheN)
	} else if u.TokensPerSecond() > mostPerSecond {
		u.GenerateTime = 0
	}
	return u
}

// mostPerSecond is how many tokens a second no server writes: an answer that comes faster was
// written before it was sent, by a server that sends it whole or through a proxy that gathers it,
// and when it came says nothing of how long it took to write.
const mostPerSecond = 10_000

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
