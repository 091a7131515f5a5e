package native

import (
	"slices"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// scoring is the task that finds out how likely given continuations of the prompt
// are. The prompt is read once; each candidate is a fork of its sequence, and as
// many as there is room for are computed in one batch.
type scoring struct {
	candidates []*candidate
	outputs    int // places of which logits fit the memory at once, at least one
	top        int // of the likeliest tokens that are told in the place of each
}

// candidate is a text to be scored.
type candidate struct {
	tokens []llamacpp.Token
	score  engine.Score
	seq    *sequence // its fork, once it began
	index  []int     // in the batch, of the tokens that are computed
}

// maxLogitBytes bounds the logits that one batch makes.
const maxLogitBytes = 64 << 20

func newScoring(candidates [][]llamacpp.Token, vocabulary, top int) *scoring {
	s := &scoring{outputs: max(1, maxLogitBytes/(4*vocabulary)), top: top}
	for _, tokens := range candidates {
		s.candidates = append(s.candidates, &candidate{tokens: tokens})
	}
	return s
}

// longest is the number of tokens of the longest candidate.
func (s *scoring) longest() int {
	longest := 0
	for _, c := range s.candidates {
		longest = max(longest, len(c.tokens))
	}
	return longest
}

// growth is how many tokens the task may need at once.
func (s *scoring) growth(size int) int {
	all := 0
	for _, c := range s.candidates {
		all += len(c.tokens)
	}
	return max(s.longest(), min(all, size/4))
}

// done reports whether each token of the candidate has its score.
func (c *candidate) done() bool { return len(c.score.Tokens) == len(c.tokens) }

func (s *scoring) begin(l *loop, j *job, index int) (bool, error) {
	logits := l.context.Logits(index)
	for _, c := range s.candidates {
		if len(c.tokens) > 0 {
			c.score.Tokens = append(c.score.Tokens, tokenLogprob(l.model, logits, c.tokens[0], s.top))
		}
	}
	return s.end(j), nil
}

// end sends the scores if they are all there.
func (s *scoring) end(j *job) bool {
	var scores []engine.Score
	for _, c := range s.candidates {
		if !c.done() {
			return false
		}
		scores = append(scores, c.score)
	}
	j.events.put(line{Scores: scores})
	return true
}

func (s *scoring) writes() bool { return false }

func (s *scoring) fill(l *loop, j *job, b *llamacpp.Batch, most int) error {
	left := min(s.outputs, most)
	var failed error
	underWay := slices.ContainsFunc(s.candidates, func(c *candidate) bool { return c.seq != nil })
	for _, c := range s.candidates {
		c.index = c.index[:0]
		if c.seq == nil && !c.done() && left > 0 {
			var err error
			if c.seq, err = l.kv.fork(j.seq, len(c.tokens)-1, !underWay); err != nil {
				failed = err
			}
		}
		if c.seq == nil {
			continue // in a later batch
		}
		underWay = true
		// The last token is not computed: nothing is asked of what follows it.
		pos := c.seq.length
		for _, t := range c.tokens[len(c.score.Tokens)-1 : len(c.tokens)-1] {
			if left == 0 {
				break
			}
			c.index = append(c.index, b.Add(t, pos, c.seq.id, true))
			left--
			pos++
		}
	}
	if underWay {
		return nil // and what failed is tried again
	}
	return failed
}

func (s *scoring) took(l *loop, j *job) (bool, error) {
	for _, c := range s.candidates {
		for _, index := range c.index {
			next := len(c.score.Tokens)
			l.kv.grow(c.seq, tokenUnit(c.tokens[next-1]))
			c.score.Tokens = append(c.score.Tokens, tokenLogprob(l.model, l.context.Logits(index), c.tokens[next], s.top))
		}
		if c.done() && c.seq != nil {
			l.kv.join(j.seq, c.seq)
			c.seq = nil
		}
	}
	return s.end(j), nil
}

// undo begins anew with the candidates that were in the batch.
func (s *scoring) undo(l *loop, j *job) {
	for _, c := range s.candidates {
		if c.seq != nil && (len(c.index) > 0 || len(c.seq.cells) < len(j.seq.cells)) {
			l.kv.join(j.seq, c.seq)
			c.seq, c.score.Tokens = nil, c.score.Tokens[:1]
		}
		c.index = c.index[:0]
	}
}

func (s *scoring) close(l *loop) {
	for _, c := range s.candidates {
		if c.seq != nil {
			l.kv.discard(c.seq)
			c.seq = nil
		}
	}
}
