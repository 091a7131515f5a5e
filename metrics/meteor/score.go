package meteor

import "math"

// The modules, in the order in which they are tried.
const (
	exact = iota
	stems
	synonym
	paraphrase
	modules
)

// What METEOR 1.5 was tuned to for English by people's rankings of translations, its task
// "rank", which is the usual one.
const (
	alpha15 = 0.85
	beta15  = 0.20
	gamma15 = 0.60
	delta15 = 0.75
)

var weights = [modules]float64{exact: 1.0, stems: 0.6, synonym: 0.8, paraphrase: 0.6}

// side is what is counted of a candidate or of a reference: its words, and by module those
// that are matched; content words and function words.
type side struct {
	words, functionWords int
	content, function    [modules]int
}

func (s *side) add(o *side) {
	s.words += o.words
	s.functionWords += o.functionWords
	for i := range modules {
		s.content[i] += o.content[i]
		s.function[i] += o.function[i]
	}
}

func (s *side) matched() int {
	n := 0
	for i := range modules {
		n += s.content[i] + s.function[i]
	}
	return n
}

// share is how much of the words is matched, by weight: precision of a candidate, recall of a
// reference; NaN of no words.
func (s *side) share() float64 {
	length := delta15*float64(s.words-s.functionWords) + (1-delta15)*float64(s.functionWords)
	matched := 0.0
	for i, w := range weights {
		matched += float64(s.content[i]) * w * delta15
	}
	for i, w := range weights {
		matched += float64(s.function[i]) * w * (1 - delta15)
	}
	return matched / length
}

// statistics are what a score is computed from; those of many captions are their sums.
type statistics struct {
	candidate, reference side
	chunks               int
}

func (s *statistics) add(o *statistics) {
	s.candidate.add(&o.candidate)
	s.reference.add(&o.reference)
	if !o.whole() {
		s.chunks += o.chunks
	}
}

// whole says that all of both is matched in one piece.
func (s *statistics) whole() bool {
	return s.chunks == 1 && s.candidate.matched() == s.candidate.words && s.reference.matched() == s.reference.words
}

// score is the weighted harmonic mean of precision and recall, less a penalty for matches that
// lie scattered.
func (s *statistics) score() float64 {
	mean := 1 / ((1-alpha15)/s.candidate.share() + alpha15/s.reference.share())
	scattered := 0.0
	if !s.whole() {
		scattered = float64(s.chunks) / (float64(s.candidate.matched()+s.reference.matched()) / 2)
	}
	score := mean * (1 - gamma15*math.Pow(scattered, beta15))
	if math.IsNaN(score) {
		return 0
	}
	return max(score, 0)
}

// statistics counts an alignment.
func (m *matching) statistics(v *vocabulary, alignment *choice) statistics {
	var s statistics
	s.candidate.words, s.candidate.functionWords = len(m.candidate), countFunctionWords(v, m.candidate)
	s.reference.words, s.reference.functionWords = len(m.reference), countFunctionWords(v, m.reference)
	after := &match{start: -1}
	for c := alignment; c != nil; c = c.before {
		x := c.match
		s.candidate.count(v, m.candidate[x.at:x.at+x.size], x.module)
		s.reference.count(v, m.reference[x.start:x.start+x.length], x.module)
		// A chunk goes on where a match follows at once on both sides.
		if after.start != x.start+x.length || after.at != x.at+x.size {
			s.chunks++
		}
		after = x
	}
	return s
}

func (s *side) count(v *vocabulary, words []int32, module int) {
	n := countFunctionWords(v, words)
	s.function[module] += n
	s.content[module] += len(words) - n
}

func countFunctionWords(v *vocabulary, words []int32) int {
	n := 0
	for _, w := range words {
		if v.function[w] {
			n++
		}
	}
	return n
}
