package ui

import (
	"encoding/json"
	"slices"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/prompts"
)

// terms are what holds for one question alone, as its prompt or a script wants it.
type terms struct {
	system   string           // in place of the conversation's; empty leaves that
	examples []engine.Message // before the question, for the model to go by
	schema   json.RawMessage
	grammar  string
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
	r.Schema, r.Grammar = t.schema, t.grammar
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
	Grammar  string           `json:"grammar,omitempty"`
	Sampling prompts.Sampling `json:"sampling,omitzero"`
}

// keptExample is a message of an example: its pictures, and behind them its text. The bytes
// of the pictures are kept as what the question needs.
type keptExample struct {
	Role     engine.Role   `json:"role"`
	Text     string        `json:"text"`
	Pictures []images.Kept `json:"pictures,omitempty"`
}

// keep returns the terms as JSON, nil of none.
func (t *terms) keep() json.RawMessage {
	if t == nil {
		return nil
	}
	k := keptTerms{System: t.system, Schema: t.schema, Grammar: t.grammar, Sampling: t.sampling}
	for _, m := range t.examples {
		e := keptExample{Role: m.Role}
		if last := m.Parts[len(m.Parts)-1]; last.Picture == nil {
			e.Text = last.Text
		}
		for _, p := range engine.Pictures([]engine.Message{m}) {
			e.Pictures = append(e.Pictures, p.Keep())
		}
		k.Examples = append(k.Examples, e)
	}
	kept, _ := json.Marshal(k) // the prompt's schema was checked to be JSON
	return kept
}

// pictures are those of the examples.
func (t *terms) pictures() []*images.Picture {
	if t == nil {
		return nil
	}
	return engine.Pictures(t.examples)
}

// termsFrom reads terms that were kept; nil if there are none. The pictures of examples are
// recalled.
func termsFrom(kept json.RawMessage, recall func(images.Kept) *images.Picture) *terms {
	var k keptTerms
	if len(kept) == 0 || json.Unmarshal(kept, &k) != nil {
		return nil
	}
	t := &terms{system: k.System, schema: k.Schema, grammar: k.Grammar, sampling: k.Sampling}
	for _, e := range k.Examples {
		var pictures []*images.Picture
		for _, p := range e.Pictures {
			pictures = append(pictures, recall(p))
		}
		m := engine.Ask(e.Text, pictures...)
		m.Role = e.Role
		t.examples = append(t.examples, m)
	}
	return t
}
