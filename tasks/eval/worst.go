package eval

import (
	"slices"

	"github.com/vlmchat/vlmchat/datasets"
)

// ranksBy are the metrics by which the items of a task are put into order, the one that says most
// first; the others part items that are equal by it.
var ranksBy = map[datasets.Task][]string{
	datasets.Caption:    {"CIDEr", "ROUGE-L", "BLEU-1"},
	datasets.VQA:        {exactMatch, vqaAccuracy, choiceAccuracy},
	datasets.Classify:   {"top-1"},
	datasets.Retrieval:  {TextToImage.name("MRR"), ImageToText.name("MRR")},
	datasets.Perplexity: {perplexity},
}

// Worst are the items about whose pictures, as they are, the worst answers came: at most n, the
// worst first. Those that failed are not among them, nor those that are all right.
func (r *Report) Worst(n int) []Item {
	var all []Item
	for _, item := range r.Items {
		if item.Variant == "" && item.Error == "" && !r.perfect(item) {
			all = append(all, item)
		}
	}
	slices.SortStableFunc(all, func(a, b Item) int { return slices.Compare(r.goodness(a), r.goodness(b)) })
	return all[:min(n, len(all))]
}

// Failed are the items of which there is no answer, of pictures as they are; at most n.
func (r *Report) Failed(n int) []Item {
	var all []Item
	for _, item := range r.Items {
		if item.Variant == "" && item.Error != "" && len(all) < n {
			all = append(all, item)
		}
	}
	return all
}

// goodness is how good an answer is, by the first number that differs: more is better.
func (r *Report) goodness(item Item) (by []float64) {
	for _, name := range ranksBy[datasets.Task(r.Task)] {
		if value, there := item.Scores[name]; there {
			by = append(by, value)
		}
	}
	switch datasets.Task(r.Task) {
	case datasets.Perplexity:
		for i := range by {
			by[i] = -by[i]
		}
	case datasets.Classify: // the surer of what is wrong, the worse
		by = append(by, probability(item.Labels, item.Label))
	}
	return by
}

// perfect says of an answer that none is better. Captions and texts have no end there.
func (r *Report) perfect(item Item) bool {
	switch datasets.Task(r.Task) {
	case datasets.Caption, datasets.Perplexity:
		return false
	}
	good := r.goodness(item)
	if datasets.Task(r.Task) == datasets.Retrieval { // in both directions
		return slices.Min(append(good, 1)) == 1
	}
	return len(good) > 0 && good[0] == 1
}
