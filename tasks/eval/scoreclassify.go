package eval

import (
	"cmp"
	"slices"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/metrics"
	"github.com/vlmchat/vlmchat/tasks"
)

// topOf are how many of the likeliest labels may have the right one among them.
const topOf = 5

// measureLabels looks at which place the right label is.
func measureLabels(items []datasets.Item, found []Prediction) (all []measure, notes []string) {
	places := make([]int, len(items))
	said, right := make([]string, len(items)), make([]string, len(items))
	classes := map[string]bool{}
	most := 0
	for i, item := range items {
		labels := labelsOf(found[i])
		most = max(most, len(labels))
		places[i] = 1 + slices.Index(labels, item.Label)
		right[i] = item.Label
		if len(labels) > 0 {
			said[i] = labels[0]
		}
		classes[item.Label] = true
	}
	of := []metrics.Result{metrics.TopK(1, places)}
	if most > topOf || most == topOf && len(classes) > topOf { // of five labels the right one is always among the first five
		of = append(of, metrics.TopK(topOf, places))
	}
	if 1 < len(classes) && len(classes) < len(items) {
		of = append(of, metrics.MeanPerClass(said, right), metrics.MacroF1(said, right))
	}
	for _, r := range of {
		all = append(all, measure{r, whole(len(items))})
	}
	return all, nil
}

// labelsOf are the labels of an answer, the likeliest first.
func labelsOf(p Prediction) []string {
	switch {
	case p.Error != "":
		return nil
	case len(p.Labels) == 0 && p.Answer != "":
		return []string{p.Answer}
	}
	names := make([]string, len(p.Labels))
	for i, l := range p.Labels {
		names[i] = l.Label
	}
	return names
}

// probability is how probable one of some labels was held to be.
func probability(labels []tasks.Labelled, label string) float64 {
	for _, l := range labels {
		if l.Label == label {
			return l.Probability
		}
	}
	return 0
}

// byClass are items that fall into the kinds of their labels, too.
func byClass(items []datasets.Item) []datasets.Item {
	all := slices.Clone(items)
	for i := range all {
		all[i].Groups = append(slices.Clip(all[i].Groups), datasets.Group{By: "class", Name: all[i].Label})
	}
	return all
}

// mostConfusions is how many of them a report has.
const mostConfusions = 50

// confusions count which labels were taken for which.
func confusions(items []datasets.Item, found []Prediction) []Confusion {
	type pair struct{ label, said string }
	times := map[pair]int{}
	for i, item := range items {
		if labels := labelsOf(found[i]); len(labels) > 0 && labels[0] != item.Label {
			times[pair{item.Label, labels[0]}]++
		}
	}
	var all []Confusion
	for p, n := range times {
		all = append(all, Confusion{p.label, p.said, n})
	}
	slices.SortFunc(all, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Label, b.Label), cmp.Compare(a.Said, b.Said))
	})
	return all[:min(len(all), mostConfusions)]
}
