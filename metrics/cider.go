package metrics

import "math"

// ciderSigma is the standard deviation of CIDEr-D's penalty for another length, in words.
const ciderSigma = 6.0

// CIDErD is CIDEr-D (Vedantam, Lawrence Zitnick and Parikh, CIDEr: consensus-based image
// description evaluation, 2015), which COCO's server and pycocoevalcap's Cider call "CIDEr",
// and papers about captions with them: n-grams that a candidate has more often than a
// reference count no more for it, and a length unlike a reference's counts against it. How
// rare an n-gram is comes from the references given. So a score is of its set of pictures:
// that of a part of them is another, and that of a single one is 0.
func CIDErD(all []Captioned) Result {
	_, d := newCaptions(all).cider()
	return d
}

// CIDEr is the first CIDEr of the same paper, the plain cosine. It is hardly ever what is
// called CIDEr in a table of scores: see CIDErD.
func CIDEr(all []Captioned) Result {
	plain, _ := newCaptions(all).cider()
	return plain
}

// weight is an n-gram's: how often a text has it, times the logarithm of how many pictures
// there are to one whose references have it.
type weight struct {
	gram  uint32
	value float64
}

// weighed is a text as CIDEr sees it.
type weighed struct {
	grams  [longest][]weight // sorted by their numbers
	norms  [longest]float64
	length int // in words
}

// cider is CIDEr and CIDEr-D: ten times the mean over references and over n of how alike a
// candidate and a reference are.
func (c *captions) cider() (plain, d Result) {
	rare := rarity(c.references, c.grams)
	plain = Result{Name: "CIDEr", Items: make([]float64, len(c.candidates))}
	d = Result{Name: "CIDEr-D", Items: make([]float64, len(c.candidates))}
	InParallel(len(c.candidates), func(i int) {
		candidate := weigh(&c.candidates[i], rare)
		var sum, sumD float64
		for j := range c.references[i] {
			reference := weigh(&c.references[i][j], rare)
			delta := float64(candidate.length - reference.length)
			penalty := math.Exp(-delta * delta / (2 * ciderSigma * ciderSigma))
			for n := range longest {
				p, clipped := products(candidate.grams[n], reference.grams[n])
				if norms := candidate.norms[n] * reference.norms[n]; norms != 0 {
					p /= norms
					clipped /= norms
				}
				sum += p
				sumD += clipped * penalty
			}
		}
		mean := 10.0 / longest / float64(max(1, len(c.references[i])))
		plain.Items[i], d.Items[i] = sum*mean, sumD*mean
	})
	return plain, d
}

// rarity is the logarithm of how many pictures there are to one of which a reference has an
// n-gram. One that no reference has is as rare as one of a single picture.
func rarity(references [][]text, grams int) []float64 {
	pictures := make([]int, grams)
	last := make([]int, grams) // the picture that was counted last, from 1
	for i, of := range references {
		for j := range of {
			for n := range longest {
				for _, g := range of[j].grams[n] {
					if last[g.gram] != i+1 {
						last[g.gram] = i + 1
						pictures[g.gram]++
					}
				}
			}
		}
	}
	logs := make([]float64, len(references)+1) // by how many pictures
	for k := range logs {
		logs[k] = math.Log(float64(len(references))) - math.Log(float64(max(1, k)))
	}
	rare := make([]float64, grams)
	for gram, k := range pictures {
		rare[gram] = logs[k]
	}
	return rare
}

func weigh(t *text, rare []float64) *weighed {
	w := &weighed{length: t.words}
	for n, grams := range t.grams {
		w.grams[n] = make([]weight, len(grams))
		squares := 0.0
		for i, g := range grams {
			value := float64(g.times) * rare[g.gram]
			w.grams[n][i] = weight{g.gram, value}
			squares += value * value
		}
		w.norms[n] = math.Sqrt(squares)
	}
	return w
}

// products are the scalar product of two vectors, and that where the first is no longer in any
// direction than the second.
func products(a, b []weight) (product, clipped float64) {
	for len(a) > 0 && len(b) > 0 {
		switch x, y := a[0], b[0]; {
		case x.gram < y.gram:
			a = a[1:]
		case x.gram > y.gram:
			b = b[1:]
		default:
			product += x.value * y.value
			clipped += min(x.value, y.value) * y.value
			a, b = a[1:], b[1:]
		}
	}
	return product, clipped
}
