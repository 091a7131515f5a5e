package remote

import (
	"context"
	"errors"
	"iter"
	"net/http"

	"github.com/vlmchat/vlmchat/engine"
)

// Calls is what an engine has going on with its server: all of it ends when the
// engine is closed.
type Calls struct {
	Transport *http.Transport

	closed context.Context
	close  context.CancelFunc
}

// NewCalls begins with none.
func NewCalls() Calls {
	c := Calls{Transport: NewTransport()}
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
	stop := context.AfterFunc(c.closed, cancel)
	return ctx, func() { stop(); cancel() }
}

// ErrLeft is what emit returns to a chat whose caller left the loop and wants to
// hear nothing more.
var ErrLeft = errors.New("the caller has left")

// Stream runs chat as the sequence that engine.Chat promises. explain makes of
// chat's error one for people.
func (c Calls) Stream(
	ctx context.Context,
	chat func(ctx context.Context, emit func(engine.Event) error) error,
	explain func(ctx context.Context, err error) *engine.Error,
) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		ctx, cancel := c.Within(ctx)
		defer cancel()
		err := chat(ctx, func(ev engine.Event) error {
			if !yield(ev, nil) {
				return ErrLeft
			}
			return nil
		})
		if err != nil && !errors.Is(err, ErrLeft) {
			yield(engine.Event{}, explain(ctx, err))
		}
	}
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
