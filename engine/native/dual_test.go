package native

import (
	"testing"
	"time"
)

// The number of threads becomes the one with which the work goes fastest, and of about
// equal ones the smallest.
func TestPace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		seconds map[int]float64 // of one piece of work, by threads
		want    int
	}{
		"more is faster":    {map[int]float64{8: 1, 4: 2, 2: 4, 1: 8}, 8},
		"others are busy":   {map[int]float64{8: 9, 4: 3, 2: 2, 1: 3}, 2},
		"small":             {map[int]float64{8: 5, 4: 3, 2: 1.2, 1: 1}, 1},
		"hardly any faster": {map[int]float64{8: 1, 4: 1.01, 2: 2, 1: 4}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPace(8)
			for range 4 {
				n := p.threads()
				p.took(10, time.Duration(10*c.seconds[n]*float64(time.Second)))
			}
			if got := p.threads(); got != c.want {
				t.Errorf("%d threads, want %d", got, c.want)
			}
			// After a while it looks again.
			for range lookEvery {
				p.took(10, time.Second)
			}
			if got := p.threads(); got != 8 {
				t.Errorf("it looks again with %d threads, want 8", got)
			}
		})
	}
}
