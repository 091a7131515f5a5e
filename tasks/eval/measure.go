package eval

import (
	"math"
	"slices"

	"github.com/vlmchat/vlmchat/metrics"
)

// measure is a metric's result, and of what its items are.
type measure struct {
	metrics.Result
	units []unit
}

// unit is what a metric has a number for: an item of the set, or one of its queries.
type unit struct {
	item  int
	query int // of retrieval, where an item has several
}

// whole are the units of a metric that has a number for each item of a set.
func whole(items int) []unit {
	units := make([]unit, items)
	for i := range units {
		units[i].item = i
	}
	return units
}

// score is the metric's number for all. It is no number where there is nothing to measure.
func (m measure) score() Score {
	low, high := m.Interval()
	return Score{Name: m.Name, Value: m.Score(), Low: low, High: high, N: len(m.Items), Lower: m.Lower}
}

// means are the metric's numbers of each of so many items, no number where it has none: the mean
// of an item's queries.
func (m measure) means(items int) []float64 {
	sums, counts := make([]float64, items), make([]float64, items)
	for i, u := range m.units {
		sums[u.item] += m.Items[i]
		counts[u.item]++
	}
	for i, n := range counts {
		sums[i] /= n
	}
	return sums
}

// some is the measure of some of its units alone, by their numbers.
func (m measure) some(of []int) measure {
	units := make([]unit, len(of))
	for i, u := range of {
		units[i] = m.units[u]
	}
	return measure{m.Some(of), units}
}

// change is by how much the metric is higher than another one, of the units that both have.
func (m measure) change(from measure) Score {
	m, from = both(m, from)
	value, low, high := metrics.Difference(from.Result, m.Result)
	return Score{Name: m.Name, Value: value, Low: low, High: high, N: len(m.Items), Lower: m.Lower}
}

// both leaves of two measures the units that both have.
func both(a, b measure) (measure, measure) {
	if slices.Equal(a.units, b.units) {
		return a, b
	}
	at := map[unit]int{}
	for i, u := range b.units {
		at[u] = i
	}
	var here, there []int
	for i, u := range a.units {
		if j, found := at[u]; found {
			here, there = append(here, i), append(there, j)
		}
	}
	return a.some(here), b.some(there)
}

// scores computes something of each measure. What is no number is left out.
func scores(of []measure, compute func(measure) Score) []Score {
	all := make([]Score, 0, len(of))
	for _, m := range of {
		if s := compute(m); finite(s.Value) && finite(s.Low) && finite(s.High) {
			all = append(all, s)
		}
	}
	return all
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
