package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

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
	Aliases       []string `json:"aliases"`            // llama-server
	OwnedBy       word     `json:"owned_by"`           // "llamacpp"
	Created       number   `json:"created"`            // seconds of Unix time
	MaxModelLen   number   `json:"max_model_len"`      // vLLM, SGLang
	ContextLength number   `json:"context_length"`     // OpenRouter, Together
	ContextWindow number   `json:"context_window"`     // Groq
	MaxContext    number   `json:"max_context_length"` // Mistral
	Meta          struct { // llama-server
		Context    number `json:"n_ctx"`
		Parameters number `json:"n_params"`
		Size       number `json:"size"`
		Type       word   `json:"ftype"`
	} `json:"meta"`
	Architecture struct {
		Input []string `json:"input_modalities"` // llama-server, OpenRouter
	} `json:"architecture"`
	Capabilities json.RawMessage `json:"capabilities"` // Mistral; others have lists by that name
}

func (l listed) facts() facts {
	f := facts{id: l.ID, context: int(max(l.MaxModelLen, l.ContextLength, l.ContextWindow, l.MaxContext, l.Meta.Context))}
	var mistral struct {
		Vision *bool `json:"vision"`
	}
	_ = json.Unmarshal(l.Capabilities, &mistral)
	switch {
	case slices.Contains(l.Architecture.Input, "image"), mistral.Vision != nil && *mistral.Vision:
		f.vision = sees
	case len(l.Architecture.Input) > 0, mistral.Vision != nil:
		f.vision = blind
	}
	return f
}

// listPatience is how long a question waits for the list of models, which only
// helps it.
const listPatience = 10 * time.Second

// modelFor returns the model's name as the server knows it. If one was named the
// server is asked only where pictures are to be sent to a kind that is not known,
// and says what it can.
func (e *Engine) modelFor(ctx context.Context, pictures bool) (string, error) {
	if e.opt.Model == "" {
		f, err := e.lookUp(ctx)
		if err != nil {
			return "", err
		}
		if pictures && f.vision == blind {
			return "", notVision(f.id, e.base.Host)
		}
		return f.id, nil
	}
	if pictures {
		e.ask(ctx)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if pictures && e.facts != nil && e.facts.vision == blind {
		return "", notVision(e.opt.Model, e.base.Host)
	}
	return e.opt.Model, nil
}

// server returns the kind of the server. One that is not known by its host is
// asked if that matters.
func (e *Engine) server(ctx context.Context, matters bool) *server {
	if e.deployments {
		return azure
	}
	if e.public != nil {
		return e.public
	}
	if matters {
		e.ask(ctx)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.own != nil {
		return e.own
	}
	return someServer
}

// ask looks up what a server of a kind that is not known tells, once. A question
// that follows will find out why it did not.
func (e *Engine) ask(ctx context.Context) {
	e.mu.Lock()
	asked := e.asked || e.public != nil || e.deployments
	e.mu.Unlock()
	if asked {
		return
	}
	asking, cancel := context.WithTimeout(ctx, listPatience)
	defer cancel()
	_, _ = e.lookUp(asking)
	e.mu.Lock()
	e.asked = e.asked || ctx.Err() == nil
	e.mu.Unlock()
}

// lookUp asks the server for the facts of the model, once.
func (e *Engine) lookUp(ctx context.Context) (facts, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.facts != nil {
		return *e.facts, nil
	}
	if e.deployments && e.opt.Model != "" { // there is no list of them
		return facts{id: e.opt.Model}, nil
	}
	ctx, cancel := e.calls.Within(ctx)
	defer cancel()
	models, err := e.list(ctx)
	if err == nil {
		e.own, e.asked = ownServer(models), true
		var f facts
		if f, err = e.choose(models); err == nil {
			e.facts = &f
			return f, nil
		}
	}
	// Not every server has a list, and not every key may see it; a model that was
	// named may be there still.
	noList := engine.KindOf(err) == engine.Failed || errors.Is(err, errNotAPI) || errors.Is(err, errForbidden)
	if e.opt.Model != "" && noList && ctx.Err() == nil {
		return facts{id: e.opt.Model}, nil
	}
	return facts{}, err
}

// list asks for the models.
func (e *Engine) list(ctx context.Context) ([]listed, error) {
	if e.deployments {
		return nil, &engine.Error{
			Kind:    engine.ModelNotFound,
			Message: fmt.Sprintf("the Azure service at %s does not tell its deployments", e.base.Host),
			Hint:    "name one with --model",
		}
	}
	x := &exchange{engine: e, model: e.opt.Model}
	_, err := e.client(x).ListModels(ctx)
	var known *engine.Error
	switch {
	case errors.As(err, &known):
		return nil, e.secrets.hideIn(known)
	case err != nil:
		return nil, failed(err, "the server at %s answers something else than a list of models: %s", e.base.Host, remote.OneLine(e.secrets.hide(err.Error())))
	}
	var doc struct {
		Data []listed `json:"data"`
	}
	if err := json.Unmarshal(x.raw, &doc); err != nil && json.Unmarshal(x.raw, &doc.Data) != nil { // Together has no more than the list
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
			// Gemini takes both names. A llama-server has one model and does not look
			// at the name.
			if m.ID == name || m.ID == "models/"+name || slices.Contains(m.Aliases, name) || len(models) == 1 && m.OwnedBy == "llamacpp" {
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
