package metrics

// rougeBeta is by how much recall counts for more than precision.
const rougeBeta = 1.2

// ROUGEL is ROUGE-L (Lin, ROUGE: a package for automatic evaluation of summaries, 2004) as
// pycocoevalcap's Rouge computes it: of the longest common subsequences with each reference,
// the best precision and the best recall, which may be of different ones, make the F-measure.
func ROUGEL(all []Captioned) Result {
	each := make([]float64, len(all))
	InParallel(len(all), func(i int) { each[i] = rouge(all[i]) })
	return Result{Name: "ROUGE-L", Items: each}
}

func rouge(c Captioned) float64 {
	candidate := orEmpty(c.Candidate)
	precision, recall := 0.0, 0.0
	for _, r := range c.References {
		r = orEmpty(r)
		common := float64(commonSubsequence(candidate, r))
		precision = max(precision, common/float64(len(candidate)))
		recall = max(recall, common/float64(len(r)))
	}
	if precision == 0 || recall == 0 {
		return 0
	}
	const b = rougeBeta * rougeBeta
	return (1 + b) * precision * recall / (recall + b*precision)
}

// orEmpty is one empty word in place of none, as Python splits the empty text at spaces: two
// texts without a word are the same.
func orEmpty(words []string) []string {
	if len(words) == 0 {
		return []string{""}
	}
	return words
}

// commonSubsequence is how long the longest one of two texts is.
func commonSubsequence(a, b []string) int {
	if len(a) < len(b) {
		a, b = b, a
	}
	row := make([]int, len(b)+1) // of the words of a so far, with each beginning of b
	for _, word := range a {
		diagonal := 0
		for j := range b {
			above := row[j+1]
			if word == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
