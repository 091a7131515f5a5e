package sessions

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

// However many come and go, one has a session at a time.
func TestHoldAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var holders, held atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		s := open(t, dir)
		all.Go(func() {
			for range 300 {
				h, err := s.Hold("s")
				if errors.Is(err, ErrHeld) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d have it", n)
				}
				held.Add(1)
				holders.Add(-1)
				h.Release()
			}
		})
	}
	all.Wait()
	if held.Load() == 0 {
		t.Error("nobody ever had it")
	}
}
