package pool

import (
	"context"
	"iter"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// Chat asks a member, and another one where that fails before anything of the
// answer has come, or later where req allows to begin anew. In a chat a note says
// which one answers then.
func (p *Engine) Chat(ctx context.Context, req engine.Request) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(p.closed, cancel)()
		a := asking{pool: p, req: req, yield: yield, asked: time.Now()}
		a.run(ctx)
	}
}

// asking is a request on its way through the pool.
type asking struct {
	pool   *Engine
	req    engine.Request
	yield  func(engine.Event, error) bool
	asked  time.Time
	failed failures
	said   bool // something of the answer has come
}

func (a *asking) run(ctx context.Context) {
	for {
		m, wait := a.next()
		if m == nil {
			a.yield(engine.Event{}, a.failed.sum())
			return
		}
		why, left := a.await(ctx, m, wait)
		if why == nil && !left {
			why, left = a.ask(ctx, m)
		}
		if left {
			a.pool.leave(m, &engine.Error{Kind: engine.Cancelled}) // which says nothing about m
			return
		}
		a.pool.leave(m, why)
		switch {
		case why == nil:
			return
		case ctx.Err() != nil, !elsewhere(why), a.said && !a.req.Restart:
			a.yield(engine.Event{}, why)
			return
		case a.said && !a.yield(engine.Event{Kind: engine.Restart, Text: why.Message}, nil):
			return
		}
		a.said = false
		a.failed = append(a.failed, failure{m, why})
	}
}

// next is the member to ask now: one that was not asked yet, else, as often as a
// request is sent again, the one that is due first. It is nil if there is none, or
// none within the time that somebody waits.
func (a *asking) next() (*member, time.Duration) {
	m, wait := a.pool.choose(a.req.Background, a.failed)
	if m == nil && len(a.failed) < len(a.pool.members)+a.pool.retries && (a.req.Background || a.failed.temporary()) {
		m, wait = a.pool.chooseAgain()
	}
	if m == nil || wait <= remote.LongestRetryAfter+remote.LongestRetryAfter/10 {
		return m, wait
	}
	a.pool.leave(m, &engine.Error{Kind: engine.Cancelled})
	if a.failed.have(m) {
		return nil, 0
	}
	a.failed = append(a.failed, failure{m, busyUntil(m, wait)})
	return a.next()
}

// await waits until m is due.
func (a *asking) await(ctx context.Context, m *member, wait time.Duration) (why *engine.Error, left bool) {
	if wait <= 0 {
		return nil, false
	}
	reason := &engine.Error{Message: "the server at " + m.Host + " asked for patience"}
	if n := len(a.failed); n > 0 {
		reason = a.failed[n-1].why
	}
	if !a.yield(remote.WaitEvent(wait, reason), nil) {
		return nil, true
	}
	if a.pool.pause(ctx, wait) != nil {
		return remote.Stopped(ctx), false
	}
	return nil, false
}

// ask has m answer. It returns what m failed with, nil if the answer is whole,
// and whether the caller has left.
func (a *asking) ask(ctx context.Context, m *member) (why *engine.Error, left bool) {
	began := time.Now()
	told := a.req.Background
	for ev, err := range m.Chat(ctx, a.req) {
		if err != nil {
			return asError(err), false
		}
		if !told && answers(ev.Kind) {
			told = true
			if moved := a.pool.settle(m); moved && len(a.failed) > 0 && !a.yield(a.note(m), nil) {
				return nil, true
			}
		}
		switch ev.Kind {
		case engine.Delta, engine.Thinking:
			a.said = true
		case engine.Restart:
			a.said = false
		case engine.Done:
			ev.Usage = remote.Delayed(ev.Usage, began.Sub(a.asked))
		}
		if !a.yield(ev, nil) {
			return nil, true
		}
	}
	return nil, false
}

// answers tells whether an event is part of an answer, so that its member is there.
func answers(kind engine.EventKind) bool {
	return kind == engine.Delta || kind == engine.Thinking || kind == engine.Done
}

func (a *asking) note(m *member) engine.Event {
	last := a.failed[len(a.failed)-1]
	return engine.Event{Kind: engine.Note, Text: m.Host + " answers in place of " + last.member.Host + ": " + last.why.Message}
}
