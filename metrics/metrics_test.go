package metrics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestScoreOfNothing(t *testing.T) {
	t.Parallel()
	for _, r := range []Result{{}, BLEU(nil)[3], ROUGEL(nil), CIDErD(nil), CIDEr(nil), VQA(nil, nil), Perplexity(nil, nil), MacroF1(nil, nil)} {
		if !math.IsNaN(r.Score()) {
			t.Errorf("%s of nothing is %v", r.Name, r.Score())
		}
	}
	one := CIDErD([]Captioned{{[]string{"a", "dog"}, [][]string{{"a", "dog"}}}})
	if low, high := one.Interval(); one.Score() != 0 || low != 0 || high != 0 {
		t.Errorf("a single picture has a CIDEr-D of %v, from %v to %v: it says nothing about what is rare", one.Score(), low, high)
	}
	none := []Captioned{{Candidate: []string{"a", "dog"}}, {}}
	for _, r := range append([]Result{ROUGEL(none), CIDErD(none), CIDEr(none)}, BLEU(none)[0]) {
		for i, score := range r.Items {
			if math.IsNaN(score) {
				t.Errorf("%s without a reference is %v in %d", r.Name, score, i)
			}
		}
	}
}

// An interval holds the true mean in about 95 of 100 samples. That of a percentile bootstrap is
// a little narrow for a skewed distribution, and more so for few items.
func TestIntervalHoldsTheTruth(t *testing.T) {
	t.Parallel()
	source := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct {
		name string
		mean float64
		draw func() float64
	}{
		{"normal", 5, func() float64 { return 5 + source.NormFloat64() }},
		{"yes or no", 0.3, func() float64 { return oneIf(source.Float64() < 0.3) }},
		{"exponential", 1, source.ExpFloat64},
	} {
		const samples = 400
		held := 0
		for range samples {
			r := Result{Items: make([]float64, 150)}
			for i := range r.Items {
				r.Items[i] = c.draw()
			}
			if low, high := r.Interval(); low <= c.mean && c.mean <= high {
				held++
			}
		}
		if share := float64(held) / samples; share < 0.91 || share > 0.98 {
			t.Errorf("%s: %.1f %% of the intervals hold the mean", c.name, 100*share)
		}
	}
}

func TestResampleIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	sum := func(of []int) float64 {
		s := 0.0
		for k, i := range of {
			s += float64(k%7) * float64(i)
		}
		return s
	}
	a := resample(101, sum)
	if len(a) != resamples || !slices.Equal(a, resample(101, sum)) {
		t.Error("two calls draw other items")
	}
	if slices.Equal(a[:10], a[10:20]) {
		t.Error("two samples are the same")
	}
	times := make([]int, 11)
	some := make([]int, len(times))
	for k := range uint64(20000) {
		draw(some, k)
		for _, i := range some {
			times[i]++
		}
	}
	for i, n := range times {
		if n < 19300 || n > 20700 {
			t.Errorf("%d was drawn %d times of about 20000", i, n)
		}
	}
}

// As numpy's percentile: between two numbers on the line from one to the other.
func TestPercentiles(t *testing.T) {
	t.Parallel()
	low, high := percentiles([]float64{30, 10, 20})
	if math.Abs(low-10.5) > 1e-12 || math.Abs(high-29.5) > 1e-12 {
		t.Errorf("from %v to %v", low, high)
	}
}

func BenchmarkInterval(b *testing.B) {
	for _, n := range []int{5_000, 50_000} {
		all := make([]Captioned, n)
		for i := range all {
			all[i] = Captioned{[]string{"a", "dog", fmt.Sprint(i)}, [][]string{{"a", "dog", "or", "so"}}}
		}
		for _, r := range []Result{BLEU(all)[3], ROUGEL(all)} {
			b.Run(fmt.Sprint(r.Name, "-", n), func(b *testing.B) {
				for b.Loop() {
					r.Interval()
				}
			})
		}
	}
}
