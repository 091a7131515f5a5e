package pool

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// How long a member rests after its failures: a time that doubles, half of it and a
// random part of the rest.
const (
	firstRest   = time.Second
	longestRest = time.Minute
)

// member is an engine and how it fares. The pool's lock guards it.
type member struct {
	Member
	busy     int // requests that are on their way
	failed   int // in a row
	due      time.Time
	demanded bool // due is what the server asked for, and not a guess
}

func (m *member) rests(now time.Time) bool { return now.Before(m.due) }

// choose takes a member for a request that has failed at some already, and how
// long it wants to be left alone, or nil if each was tried. Whoever chooses
// leaves later.
func (p *Engine) choose(background bool, failed failures) (*member, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	fresh := slices.DeleteFunc(slices.Clone(p.members), failed.have)
	awake := slices.DeleteFunc(slices.Clone(fresh), func(m *member) bool { return m.rests(now) })
	var m *member
	switch {
	case len(fresh) == 0:
		return nil, 0
	case len(awake) == 0:
		// Better one that may have come back than nobody.
		m = soonest(fresh)
	case background:
		m = slices.MinFunc(awake, func(a, b *member) int { return a.busy - b.busy })
	case slices.Contains(awake, p.home):
		m = p.home
	default:
		m = awake[0]
	}
	return m, p.enter(m, now, false)
}

// chooseAgain takes the member that is due first, each having failed.
func (p *Engine) chooseAgain() (*member, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := soonest(p.members)
	return m, p.enter(m, time.Now(), true)
}

func soonest(members []*member) *member {
	return slices.MinFunc(members, func(a, b *member) int { return a.due.Compare(b.due) })
}

// enter counts a request and returns how long it has to wait: where the server
// asked for that, and where the request has failed there before.
func (p *Engine) enter(m *member, now time.Time, before bool) (wait time.Duration) {
	m.busy++
	if m.rests(now) && (m.demanded || before) {
		wait = m.due.Sub(now)
	}
	if m.failed > 0 && !m.rests(now) {
		// One request finds out whether it is back; others go elsewhere meanwhile.
		m.due = now.Add(rest(m.failed))
	}
	return wait
}

// leave says how a request went: why is nil if it went well.
func (p *Engine) leave(m *member, why *engine.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m.busy--
	switch {
	case why == nil:
		m.failed, m.due, m.demanded = 0, time.Time{}, false
	case elsewhere(why):
		m.failed++
		m.due, m.demanded = time.Now().Add(rest(m.failed)), why.RetryAfter > 0
		if m.demanded {
			m.due = time.Now().Add(remote.Demanded(why.RetryAfter))
		}
	}
}

func rest(failures int) time.Duration {
	most := longestRest
	if failures <= 6 {
		most = min(most, firstRest<<(failures-1))
	}
	return most/2 + rand.N(most/2)
}

// settle makes m the home of chats, and tells whether it was another one before.
func (p *Engine) settle(m *member) (moved bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	moved, p.home = p.home != m, m
	return moved
}

// busyUntil is the error of a member that wants to be left alone for longer than
// anybody waits.
func busyUntil(m *member, wait time.Duration) *engine.Error {
	return &engine.Error{
		Kind:    engine.RateLimited,
		Message: fmt.Sprintf("the server at %s wants to be left alone for %v", m.Host, wait.Round(time.Second)),
		Hint:    "try again later", RetryAfter: wait,
	}
}
