package batch

import (
	"context"
	"sync"

	"github.com/vlmchat/vlmchat/engine"
)

// room bounds the memory that pictures take which are read and not yet done with: large
// photos are fewer at once.
type room struct {
	most int64

	mu    sync.Mutex
	taken int64
	freed chan struct{} // closed when some was given back
}

// mostHeld is what pictures may take, in bytes.
const mostHeld = 512 << 20

// wait returns when another picture may be read, or ctx's error. How large that is is known
// only then, so that it may be more than there is room for, by one for each who reads.
func (r *room) wait(ctx context.Context) error {
	for {
		r.mu.Lock()
		if r.taken < r.most {
			r.mu.Unlock()
			return ctx.Err()
		}
		if r.freed == nil {
			r.freed = make(chan struct{})
		}
		freed := r.freed
		r.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take counts so many bytes; fewer than none gives them back.
func (r *room) take(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken += n; n < 0 && r.freed != nil {
		close(r.freed)
		r.freed = nil
	}
}

// heldBy is what the pictures of a request take, in bytes.
func heldBy(req engine.Request) int64 {
	n := 0
	for _, p := range engine.Pictures(req.Messages) {
		n += len(p.RGB()) + len(p.Data)
	}
	return int64(n)
}
