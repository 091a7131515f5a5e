package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
)

// asked is what came of asking about one picture.
type asked[T any] struct {
	of      tasks.Image
	picture *images.Picture // nil if it could not be read
	found   T
	err     error
	notes   []string // what a person should know of it
	done    chan struct{}
}

// eachPicture asks about pictures as they are read, as many at once as jobs says, and hands
// what came of each to take, in their order. What is wrong with one of them is told on the
// way, and the others go on; where the engine can't be used they do not. The error is then
// someFailed.
func eachPicture[T any](ctx context.Context, a *app, s *status, read <-chan chan pictureRead, jobs int, ask func(context.Context, *asked[T]) (T, error), take func(*asked[T]) error) error {
	ctx, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	queue := make(chan *asked[T], jobs-1) // and one that is waited for
	all.Go(func() {
		defer close(queue)
		for r := range read {
			var one pictureRead
			select {
			case one = <-r:
			case <-ctx.Done():
				return
			}
			for _, next := range askedOf[T](one) {
				select {
				case queue <- next:
				case <-ctx.Done():
					return
				}
				if next.picture == nil {
					close(next.done)
					continue
				}
				all.Go(func() {
					defer close(next.done)
					next.found, next.err = ask(ctx, next)
				})
			}
		}
	})
	var some someFailed
	for next := range queue {
		if next.picture != nil {
			s.doing("asking about " + termtext.Line(next.of.Source))
		}
		select {
		case <-next.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		s.clear()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, note := range next.notes {
			s.note(note)
		}
		if next.picture == nil && next.err == nil {
			continue // notes alone
		}
		if next.err != nil {
			code := exitCode(next.err)
			if code == exitEngine || code == exitUsage {
				return next.err // as it would be of every other
			}
			if picture := (*images.Error)(nil); !errors.As(next.err, &picture) {
				next.err = fmt.Errorf("%s: %w", next.of.Source, next.err)
			}
			a.tell(next.err)
			if some.failed++; some.failed == 1 {
				some.code = code
			}
		}
		if err := take(next); err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case some.failed > 0:
		return some
	}
	return nil
}

// askedOf are the pictures that reading one name has brought, or what is wrong with it.
func askedOf[T any](r pictureRead) []*asked[T] {
	if r.err != nil || len(r.pictures) == 0 {
		return []*asked[T]{{of: r.image(), err: r.err, notes: r.notes, done: make(chan struct{})}}
	}
	var all []*asked[T]
	for _, p := range r.pictures {
		all = append(all, &asked[T]{of: imageOf(p), picture: p, done: make(chan struct{})})
	}
	all[0].notes = r.notes
	return all
}
