package native

import (
	"sync"
	"time"
)

// pace finds the number of threads with which the work goes fastest, by the work
// itself: a large encoder takes seconds for a picture, too long for a trial at the start.
// What others do on the machine changes, so it looks again now and then.
type pace struct {
	mu         sync.Mutex
	candidates []int // numbers of threads, the largest first
	speeds     []float64
	at         int  // that is in use
	left       int  // requests until the next look
	looking    bool // each candidate is tried now
}

// lookEvery is how many requests are computed with one number of threads.
const lookEvery = 200

func newPace(cores int) *pace {
	p := &pace{looking: true}
	for n := cores; n >= 1; n /= 2 {
		p.candidates = append(p.candidates, n)
	}
	p.speeds = make([]float64, len(p.candidates))
	return p
}

func (p *pace) threads() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.candidates[p.at]
}

// took hears how long so much work took with the current threads.
func (p *pace) took(work int, t time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.candidates) < 2 || t <= 0 {
		return
	}
	if !p.looking {
		if p.left--; p.left <= 0 {
			p.looking, p.at = true, 0
		}
		return
	}
	p.speeds[p.at] = float64(work) / t.Seconds()
	if p.at++; p.at < len(p.candidates) {
		return
	}
	p.at = 0
	for i, speed := range p.speeds {
		// Fewer threads leave more of the machine to others.
		if speed > p.speeds[p.at]*0.95 {
			p.at = i
		}
	}
	p.looking, p.left = false, lookEvery
}
