package native

import "context"

// within returns a context that ends with ctx, and when the engine is closed:
// nobody waits then for what is going on, and the worker is not to compute it.
func (e *Engine) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		cancel()
		return ctx, cancel
	}
	e.goingOn[ctx] = cancel
	return ctx, func() {
		cancel()
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.goingOn, ctx)
	}
}

// Close ends what is going on and lets go of the worker, which ends after its
// keep-alive.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	// Each knows that it is cancelled before its worker may end of it, which would
	// look like a failure.
	for _, cancel := range e.goingOn {
		cancel()
	}
	if e.connection != nil {
		e.connection.close()
		e.connection = nil
	}
	e.client.CloseIdleConnections()
	return nil
}
