package ollama

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// facts are what the server tells of a model.
type facts struct {
	name      string
	context   int // in tokens, 0 if the server has not settled it yet
	vision    bool
	told      bool // what follows is known: servers before 0.6.4 don't tell
	thinking  bool
	embedding bool
	template  string // SHA-256 of its chat template
}

// mostAsked is of how many models is asked whether they can see, where none
// was named.
const mostAsked = 30

// lookUp finds out about the model, once.
func (e *Engine) lookUp(ctx context.Context) (facts, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.facts != nil {
		return *e.facts, nil
	}
	ctx, cancel := e.calls.Within(ctx)
	defer cancel()
	var f facts
	var err error
	if e.opt.Model != "" {
		f, err = e.show(ctx, e.opt.Model)
	} else {
		f, err = e.choose(ctx)
	}
	if err != nil {
		return facts{}, err
	}
	e.facts = &f
	return f, nil
}

// choose returns the newest model that can see.
func (e *Engine) choose(ctx context.Context) (facts, error) {
	list, err := e.pulled(ctx)
	if err != nil {
		return facts{}, err
	}
	for _, m := range list[:min(len(list), mostAsked)] {
		f, err := e.show(ctx, m.Name)
		if kind := engine.KindOf(err); err != nil && kind != engine.Failed && kind != engine.ModelNotFound {
			return facts{}, err
		}
		if err == nil && f.vision {
			return f, nil
		}
	}
	if len(list) == 0 {
		return facts{}, &engine.Error{Kind: engine.ModelNotFound, Message: fmt.Sprintf("the Ollama at %s has no model yet", e.base.Host), Hint: e.visionHint()}
	}
	return facts{}, &engine.Error{
		Kind:    engine.NotVision,
		Message: fmt.Sprintf("none of the %d models of the Ollama at %s can see pictures", len(list), e.base.Host),
		Hint:    e.visionHint() + ", or name a model with --model",
	}
}

// show asks about one model.
func (e *Engine) show(ctx context.Context, name string) (facts, error) {
	x := &exchange{engine: e, model: name}
	r, err := e.client(x).Show(ctx, &api.ShowRequest{Model: name})
	if err != nil {
		return facts{}, e.known(ctx, err)
	}
	return facts{
		name: name, context: e.contextOf(ctx, name, r), vision: canSee(r), told: len(r.Capabilities) > 0,
		thinking:  slices.Contains(r.Capabilities, model.CapabilityThinking),
		embedding: slices.Contains(r.Capabilities, model.CapabilityEmbedding), template: templateSum(r.Template),
	}, nil
}

// canSee reads it from the capabilities, and of servers before 0.6.4, which do
// not list them, from the projector.
func canSee(r *api.ShowResponse) bool {
	if len(r.Capabilities) > 0 {
		return slices.Contains(r.Capabilities, model.CapabilityVision)
	}
	families := append(slices.Clone(r.Details.Families), r.Details.Family)
	return len(r.ProjectorInfo) > 0 || slices.Contains(families, "clip") || slices.Contains(families, "mllama")
}

// contextOf is the size of the context that the server uses: that of the
// loaded model, or that in its Modelfile. What the model could do at most says
// nothing: the server's default is far below.
func (e *Engine) contextOf(ctx context.Context, name string, r *api.ShowResponse) int {
	if running, err := e.client(&exchange{engine: e}).ListRunning(ctx); err == nil {
		for _, m := range running.Models {
			if m.Name == name || m.Name == name+":latest" {
				return m.ContextLength
			}
		}
	}
	for line := range strings.Lines(r.Parameters) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == "num_ctx" {
			n, _ := strconv.Atoi(quoted(f[1]))
			return n
		}
	}
	return 0
}

// known makes an *engine.Error of whatever the library returns.
func (e *Engine) known(ctx context.Context, err error) *engine.Error {
	var key *fs.PathError
	if errors.As(err, &key) {
		// The library signs requests to ollama.com with a file that is not there.
		return &engine.Error{
			Kind: engine.Unauthorized, Err: err,
			Message: "the Ollama at " + e.base.Host + " wants to know who asks, and there is no key for it",
			Hint:    (&exchange{engine: e}).keyHint(),
		}
	}
	return remote.Explain(ctx, e.base.Host, "is it an Ollama? check "+HostVariable, err)
}
