package hub

import (
	"sync"
	"sync/atomic"
	"testing"
)

// TestTakenOver counts no byte twice where a connection was reading on while another one took
// its rest over.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	f := fetch{done: new(atomic.Int64), file: File{Size: 100}}
	f.grown = sync.NewCond(&f.mu)
	first, second := &job{at: 0, end: 60}, &job{from: 60, at: 60, end: 100}
	f.gained(first, 70) // it was asked for up to 100 when it began to read
	f.gained(second, 20)
	f.giveBack(first)
	if done, has := f.done.Load(), f.have.size(); done != 80 || has != 80 {
		t.Errorf("%d bytes are counted, and %d are there", done, has)
	}
	f.gained(second, 20)
	f.giveBack(second)
	if done := f.done.Load(); done != 100 || len(f.todo) > 0 {
		t.Errorf("%d bytes of 100 are counted, and %v is to be done still", done, f.todo)
	}
}
