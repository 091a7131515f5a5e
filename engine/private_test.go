package engine_test

import (
	"context"
	"iter"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// answering is an engine that answers nothing, and remembers whether that was private.
type answering struct{ private *bool }

func (answering) Info(context.Context) (engine.Info, error) {
	return engine.Info{Model: "a model"}, nil
}
func (a answering) Chat(_ context.Context, r engine.Request) iter.Seq2[engine.Event, error] {
	*a.private = r.Private
	return func(func(engine.Event, error) bool) {}
}
func (answering) Close() error { return nil }

// scoring scores, too.
type scoring struct{ answering }

func (s scoring) Score(_ context.Context, r engine.ScoreRequest) ([]engine.Score, error) {
	*s.private = r.Private
	return nil, nil
}

// What is asked of a private engine is private, and it can do no more than the engine can.
func TestPrivate(t *testing.T) {
	t.Parallel()
	var chatted, scored bool
	e := engine.Private(answering{&chatted})
	if _, scores := e.(engine.Scorer); scores {
		t.Error("an engine that tells no likelihoods does when it is private")
	}
	for range e.Chat(t.Context(), engine.Request{}) {
		t.Error("it answers on its own")
	}
	if info, err := e.Info(t.Context()); !chatted || info.Model != "a model" || err != nil {
		t.Errorf("private: %v; %+v, %v", chatted, info, err)
	}
	s, scores := engine.Private(scoring{answering{&scored}}).(engine.Scorer)
	if !scores {
		t.Fatal("an engine that tells likelihoods does not when it is private")
	}
	if _, err := s.Score(t.Context(), engine.ScoreRequest{}); err != nil || !scored {
		t.Errorf("scored in private: %v, %v", scored, err)
	}
}
