package eval

import (
	"slices"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/metrics"
)

// recallAt are the numbers of results among which something that belongs has to be.
var recallAt = []int{1, 5, 10}

// measureRankings looks at which places searches found what belongs to them, each direction by
// itself. An item that failed was searched for in vain, by its picture and by each of its texts.
func measureRankings(items []datasets.Item, found []Prediction) (all []measure, notes []string) {
	for _, d := range []Direction{TextToImage, ImageToText} {
		var ranks [][]int
		var searched []int
		var units []unit
		most := 0 // were searched
		for _, p := range found {
			for _, r := range p.Rankings {
				if r.Direction == d {
					most = max(most, r.Of)
				}
			}
		}
		if most == 0 {
			continue // nobody searched in this direction
		}
		for i, p := range found {
			rankings := p.Rankings
			if p.Error != "" {
				rankings = vain(items[i], d)
			}
			n := 0
			for _, r := range rankings {
				if r.Direction != d {
					continue
				}
				ranks, searched = append(ranks, r.Ranks), append(searched, most)
				units = append(units, unit{i, n})
				n++
			}
		}
		var of []metrics.Result
		for _, k := range recallAt {
			of = append(of, metrics.RecallAt(k, ranks))
		}
		for _, r := range append(of, metrics.MAP(ranks), metrics.MRR(ranks), metrics.MedianRank(ranks, searched)) {
			r.Name = d.name(r.Name)
			all = append(all, measure{r, units})
		}
	}
	return all, nil
}

// vain are the queries of an item that could not be asked.
func vain(item datasets.Item, d Direction) []Ranking {
	n := 1
	if d == TextToImage {
		n = len(item.References)
	}
	return slices.Repeat([]Ranking{{Direction: d}}, n)
}
