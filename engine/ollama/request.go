package ollama

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ollama/ollama/api"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/lazyregexp"
)

// request makes the library's request. The server is told to refuse what does
// not fit its context: by default it drops the oldest turns without a word,
// pictures included.
func (e *Engine) request(f facts, req engine.Request) (*api.ChatRequest, error) {
	if req.Grammar != "" {
		return nil, remote.NoGrammar("Ollama")
	}
	s := req.Sampling
	extras := extrasOf(s)
	if err := remote.CheckSampling(s, "Ollama's", slices.Collect(maps.Keys(extras))...); err != nil {
		return nil, err
	}
	if req.TopLogprobs > mostTop {
		return nil, &engine.Error{
			Kind:    engine.BadOption,
			Message: fmt.Sprintf("Ollama tells the %d likeliest tokens at most, and %d are asked for", mostTop, req.TopLogprobs),
			Hint:    "ask for fewer, or use the native engine",
		}
	}
	no := false
	r := &api.ChatRequest{
		Model: f.name, Format: req.Schema, Truncate: &no, Shift: &no, KeepAlive: e.keepAlive(),
		Logprobs: req.Logprobs, TopLogprobs: req.TopLogprobs,
		Options: map[string]any{"temperature": s.Temperature},
	}
	if err := e.think(r, f, req.Thinking); err != nil {
		return nil, err
	}
	if s.TopP > 0 {
		r.Options["top_p"] = s.TopP
	}
	if s.Seed != nil {
		r.Options["seed"] = *s.Seed
	}
	if s.MaxTokens > 0 {
		r.Options["num_predict"] = s.MaxTokens
	}
	if len(s.Stop) > 0 {
		r.Options["stop"] = s.Stop
	}
	for _, name := range s.Extras() {
		maps.Copy(r.Options, extras[name])
	}
	if err := engine.RefuseURLs("Ollama", req.Messages...); err != nil {
		return nil, err
	}
	pictures := engine.Pictures(req.Messages)
	if err := e.pictures().Check(pictures, 0); err != nil {
		return nil, err
	}
	for _, m := range req.Messages {
		message, err := e.message(m, len(pictures))
		if err != nil {
			return nil, err
		}
		r.Messages = append(r.Messages, message)
	}
	return r, nil
}

// mostTop is the largest top_logprobs that the server takes.
const mostTop = 20

// keepAlive is how long the server is to keep the model, nil for its own way.
func (e *Engine) keepAlive() *api.Duration {
	if e.opt.KeepAlive == nil {
		return nil
	}
	return &api.Duration{Duration: *e.opt.KeepAlive}
}

// think asks a model to think, or not to, if somebody has said so. One that
// can't is not told not to.
func (e *Engine) think(r *api.ChatRequest, f facts, wanted *bool) error {
	switch {
	case wanted == nil, f.told && !f.thinking && !*wanted:
		return nil
	case f.told && !f.thinking:
		return &engine.Error{
			Kind:    engine.BadOption,
			Message: fmt.Sprintf("the model %s of the Ollama at %s can't think", remote.OneLine(f.name), e.base.Host),
			Hint:    "leave out --thinking, or take a model of which 'ollama show' says that it can",
		}
	}
	r.Think = &api.ThinkValue{Value: *wanted}
	return nil
}

// extrasOf has the options of the API (api.Options) for each of the extras that it
// has.
func extrasOf(s engine.Sampling) map[string]map[string]any {
	last := s.Penalties.LastN
	return map[string]map[string]any{
		"top_k":             {"top_k": s.TopK},
		"min_p":             {"min_p": s.MinP},
		"typical":           {"typical_p": s.Typical},
		"repeat_penalty":    {"repeat_penalty": s.Penalties.Repeat, "repeat_last_n": last},
		"presence_penalty":  {"presence_penalty": s.Penalties.Presence, "repeat_last_n": last},
		"frequency_penalty": {"frequency_penalty": s.Penalties.Frequency, "repeat_last_n": last},
	}
}

// imageMark is what Ollama's server replaces by a message's next picture. It
// puts pictures without a mark in front of the text (server/prompt.go).
const imageMark = "[img]"

// markLike is what the server would take for a mark, or a picture's number.
var markLike = lazyregexp.New(`\[img(-\d+)?\]`)

// message turns a message into Ollama's form: a text, with pictures beside it, of
// which the request has so many.
// Where they are not all in front of the text, marks say where they belong.
func (e *Engine) message(m engine.Message, among int) (api.Message, error) {
	out := api.Message{Role: string(m.Role)}
	marks := !picturesFirst(m.Parts)
	var b strings.Builder
	afterText := false
	for _, p := range m.Parts {
		switch {
		case p.Picture != nil:
			if m.Role != engine.User {
				return out, &engine.Error{
					Kind:    engine.BadPicture,
					Message: fmt.Sprintf("%s: Ollama takes pictures in a user's message only, not in one of role %q", p.Picture.Source, m.Role),
				}
			}
			data, _, err := e.pictures().Wire(p.Picture, among)
			if err != nil {
				return out, err
			}
			out.Images = append(out.Images, data)
			if marks {
				b.WriteString(imageMark)
			}
			afterText = false
		case p.Text != "":
			if afterText {
				b.WriteByte('\n')
			}
			// A person's "[img]" is text, and must not become a picture.
			b.WriteString(markLike().ReplaceAllStringFunc(p.Text, func(mark string) string { return "[ " + mark[1:] }))
			afterText = true
		}
	}
	out.Content = b.String()
	return out, nil
}

// picturesFirst tells whether no text stands in front of a picture.
func picturesFirst(parts []engine.Part) bool {
	text := false
	for _, p := range parts {
		if p.Picture != nil && text {
			return false
		}
		text = text || p.Picture == nil && p.Text != ""
	}
	return true
}
