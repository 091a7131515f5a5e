package batch

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// longestWait is as long as a server may have a batch wait: nobody waits for it.
const longestWait = time.Hour

// backoff is how long to wait after so many failures in a row: a random part of a time
// that doubles, as what failed together would come back together otherwise.
func backoff(failures int) time.Duration {
	most := time.Minute
	if failures < 7 {
		most = min(most, time.Second<<(failures-1))
	}
	return rand.N(most)
}

// gate holds up all that is asked for as long as a server wants to be left alone.
type gate struct {
	mu    sync.Mutex
	until time.Time
}

// close keeps the gate closed for a while, from now.
func (g *gate) close(wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(wait); until.After(g.until) {
		g.until = until
	}
}

// wait returns when the gate is open, or ctx's error.
func (g *gate) wait(ctx context.Context) error {
	for {
		g.mu.Lock()
		left := time.Until(g.until)
		g.mu.Unlock()
		if left <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
