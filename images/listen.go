package images

import (
	"context"
	"fmt"
)

// Listener hears what there is to tell of reading pictures besides the pictures. Its
// functions may be called from several goroutines at once; those that are nil are not.
type Listener struct {
	Note  func(text string) // what a person should know: which files a pattern left out
	Doing func(text string) // what takes long just now
}

type listenerKey struct{}

// Listen has a listener hear what pictures that are read with the context have to
// tell.
func Listen(ctx context.Context, to Listener) context.Context {
	return context.WithValue(ctx, listenerKey{}, to)
}

// note tells what a person should know.
func note(ctx context.Context, format string, args ...any) {
	if l, _ := ctx.Value(listenerKey{}).(Listener); l.Note != nil {
		l.Note(fmt.Sprintf(format, args...))
	}
}

// doing tells what takes long just now.
func doing(ctx context.Context, format string, args ...any) {
	if l, _ := ctx.Value(listenerKey{}).(Listener); l.Doing != nil {
		l.Doing(fmt.Sprintf(format, args...))
	}
}
