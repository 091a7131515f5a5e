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

// keptTerms are terms as they are kept with their question.
type keptTerms struct {
	System   string           `json:"system,omitempty"`
	Examples []keptExample    `json:"examples,omitempty"`
	Schema   json.RawMessage  `json:"schema,omitempty"`
	Sampling prompts.Sampling `json:"sampling,omitzero"`
}

// keptExample is a message of an example, which has a text alone.
type keptExample struct {
	Role engine.Role `json:"role"`
	Text string      `json:"text"`
}

// keep returns the terms as JSON, nil of none. Examples with pictures are not kept: these
// are not the conversation's, and half of the examples would mislead.
func (t *terms) keep() json.RawMessage {
	if t == nil {
		return nil
	}
	k := keptTerms{System: t.system, Schema: t.schema, Sampling: t.sampling}
	if len(engine.Pictures(t.examples)) == 0 {
		for _, m := range t.examples {
			k.Examples = append(k.Examples, keptExample{m.Role, m.Parts[0].Text})
		}
	}
	kept, _ := json.Marshal(k) // the prompt's schema was checked to be JSON
	return kept
}

// termsFrom reads terms that were kept; nil if there are none.
func termsFrom(kept json.RawMessage) *terms {
	var k keptTerms
	if len(kept) == 0 || json.Unmarshal(kept, &k) != nil {
		return nil
	}
	t := &terms{system: k.System, schema: k.Schema, sampling: k.Sampling}
	for _, e := range k.Examples {
		t.examples = append(t.examples, engine.Text(e.Role, e.Text))
	}
	return t
}
