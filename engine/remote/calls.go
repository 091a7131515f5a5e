package remote

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// Calls is what an engine has going on with its server: all of it ends when the
// engine is closed.
type Calls struct {
	Transport *http.Transport

	retries int
	pause   func(ctx context.Context, d time.Duration) error // tests have a clock of their own

	closed context.Context
	close  context.CancelFunc
}

// NewCalls begins with none.
func NewCalls(o Options) Calls {
	c := Calls{Transport: newTransport(o.ConnectTimeout), retries: o.Retries, pause: Pause}
	c.closed, c.close = context.WithCancel(context.Background())
	return c
}

// Close ends what is going on. The model stays with its server, as long as the
// server keeps it.
func (c Calls) Close() error {
	c.close()
	c.Transport.CloseIdleConnections()
	return nil
}

// Within returns a context that ends with ctx and with the engine.
func (c Calls) Within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if c.closed.Err() != nil {
		cancel()
	}
	stop := context.AfterFunc(c.closed, cancel)
	return ctx, func() { stop(); cancel() }
}

// ErrLeft is what emit returns to a chat whose caller left the loop and wants to
// hear nothing more.
var ErrLeft = errors.New("the caller has left")

// Stream runs chat as the sequence that engine.Chat promises. explain makes of
// chat's error one for people.
//
// A chat that failed for a moment (engine.Error.Temporary) is run again after a
// pause, as often as Options.Retries allows: as long as nothing of the answer has
// come, and after that where req allows to begin anew. Events say so.
func (c Calls) Stream(
	ctx context.Context,
	req engine.Request,
	chat func(ctx context.Context, emit func(engine.Event) error) error,
	explain func(ctx context.Context, err error) *engine.Error,
) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		ctx, cancel := c.Within(ctx)
		defer cancel()
		yield = engine.Logged(ctx, "remote", req, yield)
		s := stream{yield: yield, asked: time.Now()}
		t := tries{calls: c, background: req.Background}
		for {
			s.began = time.Now()
			err := chat(ctx, s.emit)
			if err == nil || errors.Is(err, ErrLeft) {
				return
			}
			why := explain(ctx, err)
			if s.said && !req.Restart {
				yield(engine.Event{}, t.last(why))
				return
			}
			wait, ok := t.again(ctx, why)
			if !ok {
				yield(engine.Event{}, t.last(why))
				return
			}
			if s.said && s.emit(engine.Event{Kind: engine.Restart, Text: why.Message}) != nil {
				return
			}
			s.said = false
			if s.emit(WaitEvent(wait, why)) != nil {
				return
			}
			if c.pause(ctx, wait) != nil {
				yield(engine.Event{}, Stopped(ctx))
				return
			}
		}
	}
}

// stream is an answer on its way to the caller.
type stream struct {
	yield        func(engine.Event, error) bool
	asked, began time.Time // by the caller, and this time
	said         bool      // something of the answer has come
}

func (s *stream) emit(ev engine.Event) error {
	switch ev.Kind {
	case engine.Delta, engine.Thinking:
		s.said = true
	case engine.Done:
		ev.Usage = Delayed(ev.Usage, s.began.Sub(s.asked))
	}
	if !s.yield(ev, nil) {
		return ErrLeft
	}
	return nil
}

// Delayed is the usage of an answer that was asked for so much earlier, in vain.
func Delayed(u *engine.Usage, d time.Duration) *engine.Usage {
	if u == nil || u.TTFT == 0 {
		return u
	}
	later := *u
	later.TTFT += d
	return &later
}

// Explain makes an error for people of one that is none yet: the caller stopped,
// or host sent something that is not understood, for which there is a hint.
func Explain(ctx context.Context, host, hint string, err error) *engine.Error {
	var known *engine.Error
	switch {
	case errors.As(err, &known):
		return known
	case ctx.Err() != nil:
		return Stopped(ctx)
	}
	return &engine.Error{
		Kind:    engine.Failed,
		Message: "the server at " + host + " sent something that is not understood: " + OneLine(err.Error()),
		Hint:    hint,
		Err:     err,
	}
}
