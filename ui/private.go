package ui

import (
	"context"

	"github.com/vlmchat/vlmchat/engine"
)

// What an engine computes of a conversation it may keep, by the conversation's session; of a
// chat that is not kept it keeps nothing.

// belongs says in a request to which session it belongs, if this chat is kept.
func (m *model) belongs(r *engine.Request) {
	switch {
	case m.private:
		r.Private = true
	case m.session != nil:
		r.Session = m.session.id
	}
}

// scoring is the engine for tasks that score this conversation: it writes nothing of it
// to a disk if the chat does not.
func (m *model) scoring() engine.Engine {
	e := m.setup.Engine
	if s, can := e.(engine.Scorer); can && m.private {
		return privateScorer{e, s}
	}
	return e
}

// privateScorer is an engine that is asked for private scores alone.
type privateScorer struct {
	engine.Engine
	scorer engine.Scorer
}

// Score scores, and nothing of it is written to a disk.
func (p privateScorer) Score(ctx context.Context, r engine.ScoreRequest) ([]engine.Score, error) {
	r.Private = true
	return p.scorer.Score(ctx, r)
}
