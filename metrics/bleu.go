package metrics

import (
	"fmt"
	"math"
)

// The constants with which pycocoevalcap keeps BLEU from dividing by zero.
const (
	bleuTiny  = 1e-15
	bleuSmall = 1e-9
)

// bleuCounts are what BLEU knows of one caption: small, since intervals read those of all
// captions a thousand times.
type bleuCounts struct {
	words     int32          // of the candidate
	reference int32          // words of the reference whose length is closest to that, of two the shorter
	correct   [longest]int32 // n-grams that a reference has too, each as often as one reference has it at most
}

// BLEU is BLEU-1 to BLEU-4 (Papineni, Roukos, Ward and Zhu, BLEU: a method for automatic
// evaluation of machine translation, 2002) as pycocoevalcap's Bleu(4) computes them: the score
// of all captions is of their n-grams together and not the mean of the captions' scores, the
// reference length is the closest one, and small constants stand for smoothing: a caption
// without any 4-gram in common with its references has a BLEU-4 near 0 by itself.
func BLEU(all []Captioned) [4]Result { return newCaptions(all).bleu() }

func (c *captions) bleu() [4]Result {
	items := make([]bleuCounts, len(c.candidates))
	for i := range items {
		items[i] = countBLEU(&c.candidates[i], c.references[i])
	}
	var results [4]Result
	for k := range results {
		n := k + 1
		each := make([]float64, len(items))
		for i := range items {
			var one bleuSums
			one.add(&items[i])
			each[i] = one.score(n)
		}
		results[k] = Result{
			Name:  fmt.Sprintf("BLEU-%d", n),
			Items: each,
			Whole: func(of []int) float64 {
				var sum bleuSums
				for _, i := range of {
					sum.add(&items[i])
				}
				return sum.score(n)
			},
		}
	}
	return results
}

func countBLEU(candidate *text, references []text) bleuCounts {
	counts := bleuCounts{words: int32(candidate.words)}
	distance := math.MaxInt
	for i := range references {
		length := references[i].words
		d := max(length-candidate.words, candidate.words-length)
		if d < distance || d == distance && length < int(counts.reference) {
			distance, counts.reference = d, int32(length)
		}
	}
	for n := range candidate.grams {
		for _, g := range candidate.grams[n] {
			most := uint32(0)
			for i := range references {
				most = max(most, times(references[i].grams[n], g.gram))
			}
			counts.correct[n] += int32(min(most, g.times))
		}
	}
	return counts
}

// bleuSums are what BLEU needs of some captions together.
type bleuSums struct {
	words, reference int64
	correct, guessed [longest]int64 // guessed are n-grams that the candidates have
}

func (b *bleuSums) add(c *bleuCounts) {
	b.words += int64(c.words)
	b.reference += int64(c.reference)
	for n := range longest {
		b.correct[n] += int64(c.correct[n])
		b.guessed[n] += int64(max(0, c.words-int32(n)))
	}
}

// score is BLEU-n.
func (b *bleuSums) score(n int) float64 {
	product := 1.0
	for k := range n {
		product *= (float64(b.correct[k]) + bleuTiny) / (float64(b.guessed[k]) + bleuSmall)
	}
	score := math.Pow(product, 1/float64(n))
	if ratio := (float64(b.words) + bleuTiny) / (float64(b.reference) + bleuSmall); ratio < 1 {
		score *= math.Exp(1 - 1/ratio)
	}
	return score
}
