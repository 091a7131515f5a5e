package ui

import (
	"context"
	"maps"
	"slices"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/sessions"
)

// Replay is an answer of a conversation that was kept, with what it takes to ask for it
// again as the chat did.
type Replay struct {
	Number   int // of the exchange, as people call it
	Question string
	Answer   *sessions.Message
	Thought  string  // what the model thought before
	Origin   *Origin // nil if nothing is known of it
	OnBranch bool    // it is on the branch that was seen last

	talk *conversation
	ex   *exchange
}

// Replays are the answers of a conversation in which there is a word, in the order of
// their numbers. picture returns one that was kept, as yet without its pixels.
func Replays(c *sessions.Conversation, picture func(images.Kept) *images.Picture) []Replay {
	talk := &conversation{system: c.System}
	u := unfolding{talk: talk, ids: map[any]int64{}, recall: picture}
	branch := u.tree(c).path()
	at := map[int64]*sessions.Message{}
	for i := range c.All {
		at[c.All[i].ID] = &c.All[i]
	}
	var replays []Replay
	for ex := range talk.all {
		if ex.answer.raw.Len() == 0 {
			continue
		}
		msg := at[u.ids[ex.answer]]
		replays = append(replays, Replay{Number: ex.number, Question: ex.question.text, Answer: msg, Thought: ex.answer.thought.said(),
			Origin: ex.answer.from, OnBranch: slices.Contains(branch, ex), talk: talk, ex: ex})
	}
	slices.SortFunc(replays, func(a, b Replay) int { return a.Number - b.Number })
	return replays
}

// Request is what the answer was asked with: what was said before, under the system message
// of then, the terms of its prompt, the sampling with the seed that was drawn, and whether
// the model was to think. It is false for an answer of which not enough is known. lost are
// the pictures that are not there any more, in whose place stand words.
func (r *Replay) Request(ctx context.Context) (req engine.Request, lost []string, ok bool) {
	a := r.ex.answer
	if a.sampling == nil {
		return req, nil, false
	}
	talk := *r.talk
	if a.from != nil {
		talk.system, req.Thinking = a.from.System, a.from.Thinking
	}
	r.ex.question.terms.apply(&req)
	req.Sampling = *a.sampling
	if a.from != nil && a.from.Seed != nil {
		req.Sampling.Seed = a.from.Seed
	}
	req.Messages = talk.messages(r.ex)
	for _, p := range engine.Pictures(req.Messages) {
		if p.Load(ctx) != nil {
			lost = append(lost, p.Source)
		}
	}
	req.Messages = withPixels(ctx, req.Messages)
	return req, lost, true
}

// Reopening are the settings by which the engine of an answer is opened again as it was.
// Those that left something to what there was have what that came to.
func (o *Origin) Reopening(answer *sessions.Message) map[string]string {
	all := map[string]string{"backend": answer.Engine}
	maps.Copy(all, o.Settings)
	if answer.Engine != "native" && all["model"] == "" {
		all["model"] = answer.Model
	}
	for name, text := range o.Options {
		if slices.Contains(settled, name) {
			all[name] = text
		}
	}
	return all
}

// settled are the settings that the native engine settles by itself, and tells.
var settled = []string{"ctx", "threads", "kv-type", "flash-attn", "image-min-tokens", "image-max-tokens"}
