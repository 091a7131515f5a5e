package metrics

import "math"

// Some is the result of some of the items alone, by their numbers. What is computed of all
// items, such as how rare a word is, stays as it was.
func (r Result) Some(of []int) Result {
	some := Result{Name: r.Name, Lower: r.Lower, Items: make([]float64, len(of))}
	for i, item := range of {
		some.Items[i] = r.Items[item]
	}
	if r.Whole != nil {
		some.Whole = func(chosen []int) float64 {
			items := make([]int, len(chosen))
			for i, c := range chosen {
				items[i] = of[c]
			}
			return r.Whole(items)
		}
	}
	return some
}

// Difference is how much higher b is than a, which are of the same items in the same order, and
// where that would lie in 95 of 100 cases: by a bootstrap that draws items with both of their
// scores, so that what makes an item hard for both does not count (Efron and Tibshirani, An
// Introduction to the Bootstrap, ch. 8; Koehn, Statistical significance tests for machine
// translation evaluation, 2004).
func Difference(a, b Result) (value, low, high float64) {
	n := len(a.Items)
	if n != len(b.Items) {
		return math.NaN(), math.NaN(), math.NaN()
	}
	value = b.Score() - a.Score()
	if n < 2 {
		return value, value, value
	}
	low, high = percentiles(resample(n, func(of []int) float64 { return b.score(of) - a.score(of) }))
	return value, low, high
}
