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
	return consensus("CIDEr-D", all, func(candidate, reference *weighed, n int) float64 {
		delta := float64(candidate.length - reference.length)
		return clipped(candidate.grams[n], reference.grams[n]) * math.Exp(-delta*delta/(2*ciderSigma*ciderSigma))
	})
}

// CIDEr is the first CIDEr of the same paper, the plain cosine. It is hardly ever what is
// called CIDEr in a table of scores: see CIDErD.
func CIDEr(all []Captioned) Result {
	return consensus("CIDEr", all, func(candidate, reference *weighed, n int) float64 {
		return product(candidate.grams[n], reference.grams[n])
	})
}

// weight is an n-gram's: how often a text has it, times the logarithm of how many pictures
// there are to one whose references have it.
type weight struct {
	gram  uint32
	value float64
}

// weighed is a text as CIDEr sees it.
type weighed struct {
	grams [longest][]weight // sorted by their numbers
	norms [longest]float64
	// length is what the reference implementation takes for it: that of the pairs of words.
	length int
}

// consensus is ten times the mean over references and over n of how alike a candidate and a
// reference are, which similarity says but for their norms.
func consensus(name string, all []Captioned, similarity func(candidate, reference *weighed, n int) float64) Result {
	grams := newNgrams()
	candidates := make([]text, len(all))
	references := make([][]text, len(all))
	for i, c := range all {
		candidates[i] = grams.count(c.Candidate)
		references[i] = make([]text, len(c.References))
		for j, r := range c.References {
			references[i][j] = grams.count(r)
		}
	}
	rare := rarity(references, len(grams.numbers))
	each := make([]float64, len(all))
	for i := range all {
		candidate := weigh(&candidates[i], rare)
		sum := 0.0
		for j := range references[i] {
			reference := weigh(&references[i][j], rare)
			for n := range longest {
				s := similarity(candidate, reference, n)
				if norms := candidate.norms[n] * reference.norms[n]; norms != 0 {
					s /= norms
				}
				sum += s
			}
		}
		each[i] = 10 * sum / longest / float64(max(1, len(references[i])))
	}
	return Result{Name: name, Items: each}
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
	w := &weighed{length: max(0, t.words-1)}
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

// clipped is the scalar product of two vectors, the first of which is no longer in any
// direction than the second.
func clipped(a, b []weight) float64 {
	sum := 0.0
	shared(a, b, func(x, y float64) { sum += min(x, y) * y })
	return sum
}

// product is the scalar product of two vectors.
func product(a, b []weight) float64 {
	sum := 0.0
	shared(a, b, func(x, y float64) { sum += x * y })
	return sum
}

// shared calls f with both weights of each n-gram that both texts have.
func shared(a, b []weight, f func(x, y float64)) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].gram < b[0].gram:
			a = a[1:]
		case a[0].gram > b[0].gram:
			b = b[1:]
		default:
			f(a[0].value, b[0].value)
			a, b = a[1:], b[1:]
		}
	}
}
