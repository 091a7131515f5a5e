package metrics

// Captions are BLEU-1 to BLEU-4, ROUGE-L, CIDEr and CIDEr-D of captions: what the functions of
// these names say, with the words counted but once.
func Captions(all []Captioned) []Result {
	c := newCaptions(all)
	bleu := c.bleu()
	plain, d := c.cider()
	return append(bleu[:], ROUGEL(all), plain, d)
}

// captions are captions and their references by their n-grams, which all metrics of them share.
type captions struct {
	candidates []text
	references [][]text
	grams      int // one more than the highest number of an n-gram
}

func newCaptions(all []Captioned) *captions {
	g := &ngrams{words: map[string]uint32{}, numbers: map[uint64]uint32{}}
	c := &captions{candidates: make([]text, len(all)), references: make([][]text, len(all))}
	for i, one := range all {
		c.candidates[i] = g.count(one.Candidate)
		c.references[i] = make([]text, len(one.References))
		for j, r := range one.References {
			c.references[i][j] = g.count(r)
		}
	}
	c.grams = len(g.numbers) + 1
	return c
}
