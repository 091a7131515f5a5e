package eval

import (
	"context"
	"sync"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// What is encoded in one request. More gains nothing, and holds more pixels at once.
const (
	mostPictures = 16
	mostTexts    = 64
)

// Gathered is an encoder whose callers are several, each with a picture or a text: while one
// request is computed the next is gathered from what has come in the meantime.
func Gathered(e engine.Encoder) engine.Encoder {
	return &gathered{
		Encoder:  e,
		pictures: gather[*images.Picture]{most: mostPictures, encode: e.EncodePictures},
		texts:    gather[string]{most: mostTexts, encode: e.EncodeTexts},
	}
}

type gathered struct {
	engine.Encoder
	pictures gather[*images.Picture]
	texts    gather[string]
}

// EncodePictures encodes pictures with those of others.
func (g *gathered) EncodePictures(ctx context.Context, pictures []*images.Picture) ([][]float32, error) {
	return g.pictures.do(ctx, pictures)
}

// EncodeTexts encodes texts with those of others.
func (g *gathered) EncodeTexts(ctx context.Context, texts []string) ([][]float32, error) {
	return g.texts.do(ctx, texts)
}

// gather puts the inputs of several callers into one request.
type gather[T any] struct {
	most   int
	encode func(context.Context, []T) ([][]float32, error)

	mu      sync.Mutex
	waiting []*gatherer[T]
	busy    bool // somebody sees to those who wait
}

// gatherer is a caller.
type gatherer[T any] struct {
	ctx     context.Context
	inputs  []T
	vectors [][]float32
	err     error
	done    chan struct{}
}

func (g *gather[T]) do(ctx context.Context, inputs []T) ([][]float32, error) {
	if len(inputs) >= g.most {
		return g.encode(ctx, inputs)
	}
	c := &gatherer[T]{ctx: ctx, inputs: inputs, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, c)
	begin := !g.busy
	g.busy = true
	g.mu.Unlock()
	if begin {
		go g.all()
	}
	select {
	case <-c.done:
		return c.vectors, c.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// all sees to those who wait until there are none.
func (g *gather[T]) all() {
	for {
		g.mu.Lock()
		var now []*gatherer[T]
		count := 0
		for len(g.waiting) > 0 && (count == 0 || count+len(g.waiting[0].inputs) <= g.most) {
			now = append(now, g.waiting[0])
			count += len(g.waiting[0].inputs)
			g.waiting = g.waiting[1:]
		}
		g.busy = len(now) > 0
		g.mu.Unlock()
		if len(now) == 0 {
			return
		}
		g.together(now)
	}
}

// together encodes what some callers have. Where that fails, it may be for one of them.
func (g *gather[T]) together(callers []*gatherer[T]) {
	var all []T
	for _, c := range callers {
		all = append(all, c.inputs...)
	}
	ctx, stop := whileAny(callers)
	vectors, err := g.encode(ctx, all)
	stop()
	if err != nil && len(callers) > 1 {
		for _, c := range callers {
			g.together([]*gatherer[T]{c})
		}
		return
	}
	for _, c := range callers {
		if c.err = err; err == nil {
			c.vectors, vectors = vectors[:len(c.inputs)], vectors[len(c.inputs):]
		}
		close(c.done)
	}
}

// whileAny is a context that ends when nobody waits any more.
func whileAny[T any](callers []*gatherer[T]) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(callers[0].ctx))
	var mu sync.Mutex
	left := len(callers)
	var stops []func() bool
	for _, c := range callers {
		stops = append(stops, context.AfterFunc(c.ctx, func() {
			mu.Lock()
			defer mu.Unlock()
			if left--; left == 0 {
				cancel()
			}
		}))
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}
