package native

import (
	"io"
	"sync"
	"time"
)

// silenceLimit is how long a worker may say nothing. It beats every second while
// it computes, from another thread.
const silenceLimit = 10 * time.Second

// patienceSteps is into how many steps a silence is divided. Each is counted
// when it is over: for a process that was itself suspended only one of them has
// passed, and what came meanwhile is read before the next.
const patienceSteps = 10

// patience gives up on a worker that shows no sign of life for a while. It only
// counts while somebody waits for one.
type patience struct {
	step   time.Duration
	giveUp func()

	mu      sync.Mutex
	timer   *time.Timer
	waiting bool
	left    int // steps
}

// newPatience makes one that calls giveUp once after a silence of limit. It
// does not wait yet.
func newPatience(limit time.Duration, giveUp func()) *patience {
	p := &patience{step: limit / patienceSteps, giveUp: giveUp}
	p.timer = time.AfterFunc(p.step, p.tick)
	p.timer.Stop()
	return p
}

// wait begins to count a silence.
func (p *patience) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting, p.left = true, patienceSteps
	p.timer.Reset(p.step)
}

// rest stops counting.
func (p *patience) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = false
	p.timer.Stop()
}

func (p *patience) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.waiting:
	case p.left > 1:
		p.left--
		p.timer.Reset(p.step)
	default:
		p.waiting = false
		p.giveUp()
	}
}

// reader reads from the worker and counts its silences.
func (p *patience) reader(r io.Reader) io.Reader {
	return readFunc(func(b []byte) (int, error) {
		p.wait()
		defer p.rest()
		return r.Read(b)
	})
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }
