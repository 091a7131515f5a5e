package openai

import (
	"context"
	"errors"
	"io"
	"iter"
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
		return e.redact(remote.Explain(ctx, e.base.Host, "", err))
	})
}

func (e *Engine) chat(ctx context.Context, req engine.Request, emit func(engine.Event) error) error {
	start := time.Now()
	pictures := len(engine.Pictures(req.Messages)) + len(engine.URLs(req.Messages))
	model, err := e.modelFor(ctx, pictures > 0)
	if err != nil {
		return err
	}
	r, extra, err := e.request(model, req)
	if err != nil {
		return err
	}
	x := &exchange{engine: e, model: model, pictures: pictures > 0, extra: extra}
	stream, err := e.client(x).CreateChatCompletionStream(ctx, r)
	if err != nil {
		return err
	}
	defer stream.Close()

	a := answer{start: start, emit: emit}
	for err == nil {
		var piece client.ChatCompletionStreamResponse
		if piece, err = stream.Recv(); err == nil {
			err = a.add(piece)
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
	done := engine.Event{Kind: engine.Done, Finish: engine.Stop, Usage: a.totals(x.events.timings)}
	if a.finish == client.FinishReasonLength {
		done.Finish = engine.Length
	}
	return emit(done)
}

// answer is what has come of an answer.
type answer struct {
	emit        func(engine.Event) error
	start       time.Time
	first, last time.Time // text
	finish      client.FinishReason
	usage       *client.Usage
}

// add passes on what a piece of the stream holds.
func (a *answer) add(piece client.ChatCompletionStreamResponse) error {
	if piece.Usage != nil {
		a.usage = piece.Usage
	}
	for _, c := range piece.Choices {
		if c.Index != 0 {
			continue
		}
		if c.FinishReason != "" {
			a.finish = c.FinishReason
		}
		// A refusal is what the model answers.
		for _, ev := range []engine.Event{
			{Kind: engine.Thinking, Text: c.Delta.ReasoningContent},
			{Kind: engine.Delta, Text: c.Delta.Content},
			{Kind: engine.Delta, Text: c.Delta.Refusal},
		} {
			if ev.Text == "" {
				continue
			}
			a.last = time.Now()
			if a.first.IsZero() {
				a.first = a.last
			}
			if err := a.emit(ev); err != nil {
				return err
			}
		}
	}
	return nil
}

// cut makes an error that came in the middle of an answer one of a cut answer:
// what was said so far stands, whatever the reason.
func (a *answer) cut(err error) error {
	var e *engine.Error
	if !a.first.IsZero() && errors.As(err, &e) && e.Kind == engine.Failed && !errors.Is(err, context.DeadlineExceeded) {
		return &engine.Error{Kind: engine.AnswerCut, Message: "the answer is not whole: " + e.Message, Hint: e.Hint, Temporary: e.Temporary, Err: err}
	}
	return err
}

// totals sums the answer up.
func (a *answer) totals(t *timings) *engine.Usage {
	u := &engine.Usage{}
	if !a.first.IsZero() {
		u.TTFT, u.GenerateTime = a.first.Sub(a.start), a.last.Sub(a.first)
	}
	if a.usage != nil {
		u.PromptTokens, u.GeneratedTokens = a.usage.PromptTokens, a.usage.CompletionTokens
		if d := a.usage.PromptTokensDetails; d != nil {
			u.CachedTokens = d.CachedTokens
		}
	}
	if t != nil {
		u.PromptTime, u.GenerateTime = milliseconds(t.PromptMS), milliseconds(t.PredictedMS)
		u.CachedTokens = max(u.CachedTokens, t.CacheN)
	}
	return u
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
