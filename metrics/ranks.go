package metrics

import (
	"fmt"
	"slices"
)

// TopK is how often the right label is among the k likeliest, by the place of the right one in
// each list of labels: from 1, and 0 where it is not there.
func TopK(k int, places []int) Result {
	each := make([]float64, len(places))
	for i, p := range places {
		each[i] = oneIf(p > 0 && p <= k)
	}
	return Result{Name: fmt.Sprintf("top-%d", k), Items: each}
}

// A query's ranks are the places, from 1 and ascending, at which a search found what belongs
// to it: of all that does. What was not found has the rank 0, which comes last.

// RecallAt is how often something that belongs to a query is among the first k: what papers of
// pictures and captions call recall@k, though a picture has five captions and one is enough.
func RecallAt(k int, ranks [][]int) Result {
	return ofQueries(fmt.Sprintf("recall@%d", k), ranks, func(ranks []int) float64 {
		first := firstRank(ranks)
		return oneIf(first > 0 && first <= k)
	})
}

// MRR is the mean of one over the rank of the first that belongs to a query.
func MRR(ranks [][]int) Result {
	return ofQueries("MRR", ranks, func(ranks []int) float64 {
		if first := firstRank(ranks); first > 0 {
			return 1 / float64(first)
		}
		return 0
	})
}

// MAP is the mean over queries of the average precision: of the precision down to each that
// belongs to the query, 0 for one that was not found.
func MAP(ranks [][]int) Result {
	return ofQueries("mAP", ranks, func(ranks []int) float64 {
		sum := 0.0
		for i, r := range ranks {
			if r > 0 {
				sum += float64(i+1) / float64(r)
			}
		}
		return sum / float64(max(1, len(ranks)))
	})
}

// MedianRank is the median of the ranks of the first that belongs to a query. Where nothing was
// found, the rank is one more than how many were searched.
func MedianRank(ranks [][]int, searched []int) Result {
	r := Result{Name: "median rank", Items: make([]float64, len(ranks)), Lower: true}
	for i := range ranks {
		r.Items[i] = float64(firstRank(ranks[i]))
		if r.Items[i] == 0 {
			r.Items[i] = float64(searched[i] + 1)
		}
	}
	r.Whole = func(of []int) float64 {
		some := make([]float64, len(of))
		for i, item := range of {
			some[i] = r.Items[item]
		}
		slices.Sort(some)
		return (some[(len(some)-1)/2] + some[len(some)/2]) / 2
	}
	return r
}

func ofQueries(name string, ranks [][]int, score func([]int) float64) Result {
	each := make([]float64, len(ranks))
	for i, r := range ranks {
		each[i] = score(r)
	}
	return Result{Name: name, Items: each}
}

// firstRank is the best of some ranks, 0 where nothing was found.
func firstRank(ranks []int) int {
	if len(ranks) == 0 {
		return 0
	}
	return ranks[0]
}

func oneIf(so bool) float64 {
	if so {
		return 1
	}
	return 0
}
