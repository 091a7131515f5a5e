package engine

import (
	"context"
	"iter"
)

// Private is an engine that is asked in private alone: whatever a request says, nothing of it
// is written to a disk. It answers, and tells how likely texts are if e does. Other abilities of
// e don't show: to count, to see and to embed, who wants that asks e.
func Private(e Engine) Engine {
	p := privately{e}
	if s, can := e.(Scorer); can {
		return privateScorer{p, s}
	}
	return p
}

// privately has what is asked be private.
type privately struct{ Engine }

// Chat is e's, in private.
func (p privately) Chat(ctx context.Context, r Request) iter.Seq2[Event, error] {
	r.Private = true
	return p.Engine.Chat(ctx, r)
}

// privateScorer has what is scored be private, too.
type privateScorer struct {
	privately
	scorer Scorer
}

// Score is e's, in private.
func (p privateScorer) Score(ctx context.Context, r ScoreRequest) ([]Score, error) {
	r.Private = true
	return p.scorer.Score(ctx, r)
}
