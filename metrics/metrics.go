// Package metrics is the field's measures of captions, answers, labels and rankings: each as
// its reference implementation computes it, to the fourth digit. It knows texts and numbers,
// and nothing of pictures, engines or files.
package metrics

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Result is what a metric says of a set of items.
type Result struct {
	Name  string    // as papers call it, such as "BLEU-4"
	Items []float64 // of each item by itself
	// Whole is the score of the items with these numbers together, of which one may be there
	// several times. Nil is the mean of theirs.
	Whole func(of []int) float64
	// Lower says that less is better, as of perplexity.
	Lower bool
}

// Score is that of all items together; NaN of none.
func (r Result) Score() float64 {
	all := make([]int, len(r.Items))
	for i := range all {
		all[i] = i
	}
	return r.score(all)
}

func (r Result) score(of []int) float64 {
	if len(of) == 0 {
		return math.NaN()
	}
	if r.Whole != nil {
		return r.Whole(of)
	}
	sum := 0.0
	for _, i := range of {
		sum += r.Items[i]
	}
	return sum / float64(len(of))
}

// resamples is how often a set of items is drawn anew for an interval.
const resamples = 1000

// Interval is where the score would lie in 95 of 100 cases if the items were drawn again, by
// the percentiles of a bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, ch.
// 13) with a fixed seed. Fewer than two items tell nothing about that: both are the score.
func (r Result) Interval() (low, high float64) {
	n := len(r.Items)
	if n < 2 {
		return r.Score(), r.Score()
	}
	return percentiles(resample(n, r.score))
}

// resample computes something of sets of n numbers below n that are drawn with replacement,
// the same sets for the same n: so that two runs about the same items can be compared pair by
// pair. It calls of on all cores at once, each time with numbers that are its own only until
// it returns.
func resample(n int, of func([]int) float64) []float64 {
	all := make([]float64, resamples)
	var next atomic.Int64
	var done sync.WaitGroup
	for range min(resamples, runtime.GOMAXPROCS(0)) {
		done.Go(func() {
			some := make([]int, n)
			for k := next.Add(1); k <= resamples; k = next.Add(1) {
				draw(some, uint64(k))
				all[k-1] = of(some)
			}
		})
	}
	done.Wait()
	return all
}

// draw draws as many numbers below n as there are places in some, which is n, by a seed. Two
// numbers of 32 bits come of each of 64, and the upper half of a product with n is below n: with
// a bias of less than n to 2³², which no score could show.
func draw(some []int, seed uint64) {
	source := rand.NewPCG(seed, uint64(len(some)))
	n := uint64(len(some))
	for i := 0; i+1 < len(some); i += 2 {
		bits := source.Uint64()
		some[i], some[i+1] = int((bits>>32)*n>>32), int((bits&math.MaxUint32)*n>>32)
	}
	if n%2 == 1 {
		some[n-1] = int((source.Uint64() >> 32) * n >> 32)
	}
}

// percentiles are the 2.5th and the 97.5th of some numbers, which it sorts.
func percentiles(x []float64) (low, high float64) {
	slices.Sort(x)
	at := func(p float64) float64 {
		where := p * float64(len(x)-1)
		i := int(where)
		if i+1 == len(x) {
			return x[i]
		}
		return x[i] + (where-float64(i))*(x[i+1]-x[i])
	}
	return at(0.025), at(0.975)
}

// Captioned is a caption that is measured, and those that people wrote of the same picture,
// in the words of ptb.Tokenize.
type Captioned struct {
	Candidate  []string
	References [][]string
}
