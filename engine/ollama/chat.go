package ollama

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// errDone ends the reading: behind the end nothing is worth waiting for.
var errDone = errors.New("the answer is whole")

// Chat streams the answer. Times are the server's, but for TTFT, which is
// measured here.
func (e *Engine) Chat(ctx context.Context, req engine.Request) iter.Seq2[engine.Event, error] {
	return e.calls.Stream(ctx, req, func(ctx context.Context, emit func(engine.Event) error) error {
		return e.chat(ctx, req, emit)
	}, e.known)
}

func (e *Engine) chat(ctx context.Context, req engine.Request, emit func(engine.Event) error) error {
	start := time.Now()
	f, err := e.lookUp(ctx)
	if err != nil {
		return err
	}
	pictures := len(engine.Pictures(req.Messages)) > 0
	if pictures && !f.vision {
		return e.notVision(f.name)
	}
	if req.Sampling.Seed == nil {
		seed := engine.DrawSeed() >> 1 // the server takes 31 bits
		req.Sampling.Seed = &seed
	}
	r, err := e.request(f, req)
	if err != nil {
		return err
	}
	if req.Logprobs {
		if err := e.tellsLogprobs(ctx); err != nil {
			return err
		}
	}
	x := &exchange{engine: e, model: f.name, pictures: pictures, stream: true}
	a := answer{logprobs: req.Logprobs, host: e.base.Host, emit: emit, from: e.origin(f, req)}
	err = e.client(x).Chat(ctx, r, a.add)
	last, first := a.last, a.first
	if errors.Is(err, remote.ErrLeft) {
		return err
	}
	if last == nil {
		return x.cut(ctx, err, !first.IsZero())
	}
	u := &engine.Usage{
		PromptTokens: last.PromptEvalCount, GeneratedTokens: last.EvalCount,
		LoadTime: last.LoadDuration, PromptTime: last.PromptEvalDuration, GenerateTime: last.EvalDuration,
	}
	if !first.IsZero() {
		u.TTFT = first.Sub(start)
	}
	done := engine.Event{Kind: engine.Done, Finish: engine.Stop, Usage: u, Provenance: a.from}
	if last.DoneReason == "length" {
		done.Finish = engine.Length
	}
	return emit(done)
}

// cut says why an answer ended without the server's "done": what the library
// returned, or what it kept to itself. begun tells whether some of the answer
// has come.
func (x *exchange) cut(ctx context.Context, err error, begun bool) error {
	host := x.engine.base.Host
	var known *engine.Error
	switch {
	case ctx.Err() != nil:
		return remote.Stopped(ctx)
	case errors.As(err, &known):
		return known
	case x.resp == nil:
		return err
	case errors.As(remote.Err(x.resp), &known):
		return known // what ended the body, behind an error that follows from it
	case err == nil, broken(err):
		return remote.Cut(host, "ended it", err)
	}
	// The server's own words, from {"error": "…"} in the stream.
	said := remote.OneLine(err.Error())
	if known = x.classify(said); known != nil {
		return known
	}
	known = &engine.Error{Kind: engine.Failed, Message: "the Ollama at " + host + " failed: " + said, Temporary: true, Err: err}
	if begun {
		known.Kind, known.Message = engine.AnswerCut, "the answer is not whole: "+known.Message
	}
	return known
}

// broken tells whether the library met half a piece. Where a line is no JSON it
// returns that line as the error.
func broken(err error) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) || strings.HasPrefix(strings.TrimSpace(err.Error()), "{")
}
