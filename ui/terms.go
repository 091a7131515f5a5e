package ui

import (
	"encoding/json"
	"slices"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/prompts"
)

// terms are what holds for one question alone, as its prompt wants it.
type terms struct {
	system   string           // in place of the conversation's; empty leaves that
	examples []engine.Message // before the question, for the model to go by
	schema   json.RawMessage
	sampling prompts.Sampling
}

// before returns what the model is told before the question, where that is otherwise
// the conversation.
func (t *terms) before(conversation []engine.Message) []engine.Message {
	if t == nil {
		return conversation
	}
	if t.system != "" {
		if len(conversation) > 0 && conversation[0].Role == engine.System {
			conversation = conversation[1:]
		}
		conversation = append([]engine.Message{engine.Text(engine.System, t.system)}, conversation...)
	}
	return slices.Concat(conversation, t.examples)
}

// apply makes a request what the terms want it to be.
func (t *terms) apply(r *engine.Request) {
	if t == nil {
		return
	}
	r.Schema = t.schema
	set(&r.Sampling.Temperature, t.sampling.Temperature)
	set(&r.Sampling.TopP, t.sampling.TopP)
	set(&r.Sampling.MaxTokens, t.sampling.MaxTokens)
	if t.sampling.Seed != nil {
		r.Sampling.Seed = t.sampling.Seed
	}
}

func set[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// wantsJSON reports whether the answer is a JSON document.
func (t *terms) wantsJSON() bool { return t != nil && t.schema != nil }
