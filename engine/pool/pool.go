// Package pool makes one engine of several that have the same model, each behind a
// server of its own. Requests of a batch go to whichever is least busy, a chat
// stays where its prompt cache is warm, and what one server fails at another one
// does.
package pool

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/images"
)

// Member is an engine and the host that it asks, as people know it. It does not
// retry by itself: the pool does, elsewhere first.
type Member struct {
	Host string
	engine.Engine
}

// Engine is a pool.
type Engine struct {
	members []*member
	retries int
	pause   func(ctx context.Context, d time.Duration) error // tests have a clock of their own

	closed context.Context
	close  context.CancelFunc

	mu   sync.Mutex
	home *member // that chats used last
}

// New makes an engine of the members, which are preferred in their order where
// nothing else speaks for one. A request is tried with each member, and so many
// times more. What the engine can do besides chatting is what all members can.
func New(retries int, members ...Member) engine.Engine {
	p := &Engine{retries: retries, pause: remote.Pause}
	p.closed, p.close = context.WithCancel(context.Background())
	for _, m := range members {
		p.members = append(p.members, &member{Member: m})
	}
	p.home = p.members[0]
	return p.withAbilities()
}

// Info is what the first member says that answers. The host names all.
func (p *Engine) Info(ctx context.Context) (engine.Info, error) {
	info, err := first(ctx, p, func(m *member) (engine.Info, error) { return m.Info(ctx) })
	var hosts []string
	for _, m := range p.members {
		hosts = append(hosts, m.Host)
	}
	info.Host = strings.Join(hosts, ", ")
	// Whatever the members can: see withAbilities.
	info.Capabilities.Scoring, info.Capabilities.Embedding, info.Capabilities.Counting = false, false, false
	return info, err
}

// Close closes the members.
func (p *Engine) Close() error {
	p.close()
	var all []error
	for _, m := range p.members {
		all = append(all, m.Close())
	}
	return errors.Join(all...)
}

// TakePicture has all members prepare the picture, as each may be asked. Those
// that prepare nothing take it as it is.
func (p *Engine) TakePicture(ctx context.Context, picture *images.Picture, earlier []*images.Picture) error {
	for _, m := range p.members {
		if taker, ok := m.Engine.(engine.PictureTaker); ok {
			if err := taker.TakePicture(ctx, picture, earlier); err != nil {
				return err
			}
		}
	}
	return nil
}

// See returns what one of the members gets of a picture: they have the same model.
func (p *Engine) See(ctx context.Context, picture *images.Picture) (engine.Sight, error) {
	return first(ctx, p, func(m *member) (engine.Sight, error) {
		seer, ok := m.Engine.(engine.Seer)
		if !ok {
			return engine.Sight{}, &engine.Error{Kind: engine.BadOption, Message: m.Host + " does not tell what its model gets of a picture"}
		}
		return seer.See(ctx, picture)
	})
}

// first asks one member after the other until one answers.
func first[T any](ctx context.Context, p *Engine, ask func(*member) (T, error)) (T, error) {
	var none T
	var failed failures
	for {
		m, _ := p.choose(false, failed)
		if m == nil {
			return none, failed.sum()
		}
		v, err := ask(m)
		why := asError(err)
		p.leave(m, why)
		if err == nil || ctx.Err() != nil || !elsewhere(why) {
			return v, err
		}
		failed = append(failed, failure{m, why})
	}
}
