package native

import "context"

// within returns a context that ends with ctx, and when the engine is closed:
// nobody waits then for what is going on, and the worker is not to compute it.
func (e *Engine) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(e.closed, cancel)
	return ctx, func() { stop(); cancel() }
}
