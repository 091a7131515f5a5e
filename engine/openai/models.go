package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// sight says whether a model can see, as far as its server tells.
type sight int

const (
	unknown sight = iota
	sees
	blind
)

// facts are what a server tells of a model.
type facts struct {
	id      string
	context int // in tokens, 0 if not told
	vision  sight
}

// listed is an entry of /models with what servers add to OpenAI's form.
type listed struct {
	ID            string   `json:"id"`
	Aliases       []string `json:"aliases"`        // llama-server
	OwnedBy       string   `json:"owned_by"`       // "llamacpp"
	MaxModelLen   int      `json:"max_model_len"`  // vLLM
	ContextLength int      `json:"context_length"` // OpenRouter
	Meta          struct {
		Context int `json:"n_ctx"` // llama-server
	} `json:"meta"`
	Architecture struct {
		Input []string `json:"input_modalities"` // llama-server, OpenRouter
	} `json:"architecture"`
}

func (l listed) facts() facts {
	f := facts{id: l.ID, context: max(l.MaxModelLen, l.ContextLength, l.Meta.Context)}
	switch {
	case slices.Contains(l.Architecture.Input, "image"):
		f.vision = sees
	case len(l.Architecture.Input) > 0:
		f.vision = blind
	}
	return f
}

// modelFor returns the model's name as the server knows it. Only if none was
// named the server is asked.
func (e *Engine) modelFor(ctx context.Context, pictures bool) (string, error) {
	e.mu.Lock()
	f := e.facts
	e.mu.Unlock()
	if f == nil && e.opt.Model != "" {
		return e.opt.Model, nil
	}
	if f == nil {
		found, err := e.lookUp(ctx)
		if err != nil {
			return "", err
		}
		f = &found
	}
	if pictures && f.vision == blind {
		return "", notVision(f.id, e.base.Host)
	}
	return f.id, nil
}

// lookUp asks the server for the facts of the model, once.
func (e *Engine) lookUp(ctx context.Context) (facts, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.facts != nil {
		return *e.facts, nil
	}
	ctx, cancel := e.calls.Within(ctx)
	defer cancel()
	models, err := e.list(ctx)
	if err == nil {
		var f facts
		if f, err = e.choose(models); err == nil {
			e.facts = &f
			return f, nil
		}
	}
	// Not every server has a list; a model that was named may be there still.
	if noList := engine.KindOf(err) == engine.Failed || errors.Is(err, errNotAPI); e.opt.Model != "" && noList && ctx.Err() == nil {
		return facts{id: e.opt.Model}, nil
	}
	return facts{}, err
}

// list asks for the models.
func (e *Engine) list(ctx context.Context) ([]listed, error) {
	x := &exchange{engine: e, model: e.opt.Model}
	_, err := e.client(x).ListModels(ctx)
	var known *engine.Error
	switch {
	case errors.As(err, &known):
		return nil, e.redact(known)
	case err != nil:
		return nil, failed(err, "the server at %s answers something else than a list of models: %s", e.base.Host, remote.OneLine(err.Error()))
	}
	// What servers add to the list, the library leaves out.
	var doc struct {
		Data []listed `json:"data"`
	}
	if err := json.Unmarshal(x.raw, &doc); err != nil {
		return nil, failed(err, "the server at %s answers something else than a list of models", e.base.Host)
	}
	return doc.Data, nil
}

// choose picks the model that was named, or the only one.
func (e *Engine) choose(models []listed) (facts, error) {
	name := e.opt.Model
	if name == "" && len(models) == 1 {
		return models[0].facts(), nil
	}
	if name != "" {
		for _, m := range models {
			// A llama-server has one model and does not look at the name.
			if m.ID == name || slices.Contains(m.Aliases, name) || len(models) == 1 && m.OwnedBy == "llamacpp" {
				f := m.facts()
				f.id = name
				return f, nil
			}
		}
		return facts{id: name}, nil // the list may be incomplete: the server has the last word
	}
	if len(models) == 0 {
		return facts{}, &engine.Error{Kind: engine.ModelNotFound, Message: fmt.Sprintf("the server at %s has no model", e.base.Host)}
	}
	const most = 8
	var names []string
	for _, m := range models[:min(len(models), most)] {
		names = append(names, remote.OneLine(m.ID))
	}
	if len(models) > most {
		names = append(names, fmt.Sprintf("and %d more", len(models)-most))
	}
	return facts{}, &engine.Error{
		Kind:    engine.ModelNotFound,
		Message: fmt.Sprintf("the server at %s has several models: %s", e.base.Host, strings.Join(names, ", ")),
		Hint:    "choose one with --model",
	}
}

// shown is a model's name for people: llama-server calls its model by the
// whole path of the file.
func shown(id string) string {
	if strings.HasSuffix(id, ".gguf") {
		return path.Base(strings.ReplaceAll(id, `\`, "/"))
	}
	return remote.OneLine(id)
}
