// Package meteor is METEOR 1.5 for English (Denkowski and Lavie, "Meteor Universal: Language
// Specific Translation Evaluation for Any Target Language", WMT 2014) as captions are measured
// with it: what meteor-1.5.jar says when pycocoevalcap asks it.
//
// A candidate is aligned with each reference, word by word and phrase by phrase: where words
// are the same, have the same stem, are synonyms in WordNet, or are in a table of paraphrases.
// The score is a mean of the weighted precision and recall, less a penalty for matches in
// another order; of several references the best counts. The lists that it takes are the
// reference's, and are read from its own files.
package meteor

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/vlmchat/vlmchat/metrics"
)

// Name is what a score with this data is called: METEOR if all of it is there.
func (d *Data) Name() string {
	switch {
	case d == nil || d.synonyms == nil:
		return "METEOR (exact, stem; own function words)"
	case d.table == "":
		return "METEOR (exact, stem, synonym)"
	default:
		return "METEOR"
	}
}

// Score measures captions. The corpus's score is not the mean of the captions', but that of
// their statistics' sums. An error names the file that can't be read, or is the context's.
func (d *Data) Score(ctx context.Context, all []metrics.Captioned) (metrics.Result, error) {
	found, err := d.statistics(ctx, all)
	if err != nil {
		return metrics.Result{}, err
	}
	scores := make([]float64, len(found))
	for i := range found {
		scores[i] = found[i].score()
	}
	whole := func(of []int) float64 {
		var sum statistics
		for _, i := range of {
			sum.add(&found[i])
		}
		return sum.score()
	}
	return metrics.Result{Name: d.Name(), Items: scores, Whole: whole}, nil
}

// statistics are those of each caption, against the reference with which it has the highest
// score; computed with all cores.
func (d *Data) statistics(ctx context.Context, all []metrics.Captioned) ([]statistics, error) {
	v := &vocabulary{numbers: map[string]int32{}}
	items := make([]item, len(all))
	for i, c := range all {
		items[i] = v.item(c)
	}
	v.look(d)
	var p *paraphrases
	if d != nil && d.table != "" {
		var err error
		if p, err = d.paraphrases(ctx, v.occurring(items)); err != nil {
			return nil, err
		}
	}
	found := make([]statistics, len(items))
	var next atomic.Int64
	var work sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			var m matching
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return
				}
				found[i] = m.best(v, p, items[i])
			}
		})
	}
	work.Wait()
	return found, ctx.Err()
}

// best are the statistics against the reference with which a caption has the highest score;
// the first of several.
func (m *matching) best(v *vocabulary, p *paraphrases, it item) statistics {
	var best statistics
	highest := -1.0
	for _, reference := range it.references {
		m.match(v, p, it.candidate, reference)
		s := m.statistics(v, m.align())
		if x := s.score(); x > highest {
			best, highest = s, x
		}
	}
	return best
}

// item is a caption and its references as numbers of words.
type item struct {
	candidate  []int32
	references [][]int32
}

// item normalises captions in the form in which pycocoevalcap sends them: three bars separate
// references there.
func (v *vocabulary) item(c metrics.Captioned) item {
	candidate := strings.ReplaceAll(strings.Join(c.Candidate, " "), "|||", "")
	it := item{candidate: v.words(candidate)}
	for _, r := range c.References {
		for text := range strings.SplitSeq(strings.Join(r, " "), "|||") {
			it.references = append(it.references, v.words(text))
		}
	}
	return it
}

func (v *vocabulary) words(text string) []int32 {
	var numbers []int32
	for _, w := range normalize(text) {
		n, ok := v.numbers[w]
		if !ok {
			n = int32(len(v.numbers))
			v.numbers[w] = n
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// look finds out what the modules have to know of each word.
func (v *vocabulary) look(d *Data) {
	n := len(v.numbers)
	v.stems, v.function = make([]int32, n), make([]bool, n)
	function := ownFunctionWords()
	if d != nil && d.function != nil {
		function = d.function
	}
	if d != nil && d.synonyms != nil {
		v.sets = make([][]int32, n)
	}
	stemNumbers := map[string]int32{}
	for w, i := range v.numbers {
		s := stem(w)
		if _, ok := stemNumbers[s]; !ok {
			stemNumbers[s] = int32(len(stemNumbers))
		}
		v.stems[i] = stemNumbers[s]
		v.function[i] = function[w]
		if v.sets != nil {
			v.sets[i] = d.synonyms.of(w)
		}
	}
}

// occurring says what the table of paraphrases is searched for.
func (v *vocabulary) occurring(items []item) *occurring {
	o := &occurring{words: v.numbers, pairs: map[uint64]bool{}}
	note := func(words []int32) {
		for i := 1; i < len(words); i++ {
			o.pairs[edge(words[i-1], words[i])] = true
		}
	}
	for _, it := range items {
		note(it.candidate)
		for _, r := range it.references {
			note(r)
		}
	}
	return o
}
