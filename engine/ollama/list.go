package ollama

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// Bounds of asking about each model of a list: the list itself does not say what
// they can do.
const (
	atOnce    = 4
	mostShown = 200 // of more of them only the names and sizes are told
)

// Models lists what the server has pulled, the newest first.
func (e *Engine) Models(ctx context.Context) (all []engine.ModelInfo, err error) {
	err = e.calls.Again(ctx, func(ctx context.Context) (err error) {
		all, err = e.models(ctx)
		return err
	})
	return all, err
}

func (e *Engine) models(ctx context.Context) ([]engine.ModelInfo, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	list, err := e.pulled(ctx)
	if err != nil {
		return nil, err
	}
	loaded := e.loaded(ctx)
	all := make([]engine.ModelInfo, len(list))
	places := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	var first error
	var once sync.Once
	for i, m := range list {
		all[i] = listed(m)
		all[i].Loaded = loaded[m.Name]
		if i >= mostShown {
			continue
		}
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			if ctx.Err() != nil {
				return
			}
			r, err := e.client(&exchange{engine: e, model: m.Name}).Show(ctx, &api.ShowRequest{Model: m.Name})
			if err == nil {
				fill(&all[i], r)
				return
			}
			// One that was removed, or is broken, is no reason to tell nothing.
			known := e.known(ctx, err)
			if known.Kind != engine.ModelNotFound && known.Kind != engine.Failed {
				once.Do(func() { first = known })
				cancel()
			}
		})
	}
	wg.Wait()
	if first == nil && ctx.Err() != nil {
		first = e.known(ctx, ctx.Err())
	}
	if first != nil {
		return nil, first
	}
	return all, nil
}

// pulled returns what the server lists, the newest first.
func (e *Engine) pulled(ctx context.Context) ([]api.ListModelResponse, error) {
	list, err := e.client(&exchange{engine: e}).List(ctx)
	if err != nil {
		return nil, e.known(ctx, err)
	}
	slices.SortStableFunc(list.Models, func(a, b api.ListModelResponse) int { return b.ModifiedAt.Compare(a.ModifiedAt) })
	return list.Models, nil
}

// loaded returns which models are in the server's memory. Servers that don't tell have
// none as far as one knows.
func (e *Engine) loaded(ctx context.Context) map[string]bool {
	loaded := map[string]bool{}
	if running, err := e.client(&exchange{engine: e}).ListRunning(ctx); err == nil {
		for _, m := range running.Models {
			loaded[m.Name] = true
		}
	}
	return loaded
}

// listed is what the list says of a model.
func listed(m api.ListModelResponse) engine.ModelInfo {
	return engine.ModelInfo{
		Name: m.Name, Size: m.Size, Modified: m.ModifiedAt,
		Parameters: m.Details.ParameterSize, Quantization: m.Details.QuantizationLevel, Remote: hostOf(m.RemoteHost),
	}
}

// hostOf is where a model runs that the server hands on to another one.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return remote.OneLine(address)
}

// fill adds what is known of a model that was asked about.
func fill(info *engine.ModelInfo, r *api.ShowResponse) {
	sees := canSee(r)
	info.Vision = &sees
	info.Thinking = slices.Contains(r.Capabilities, model.CapabilityThinking)
	info.ContextSize = int(number(r.ModelInfo, "context_length"))
	if info.Parameters == "" {
		info.Parameters = r.Details.ParameterSize
	}
	if info.Quantization == "" {
		info.Quantization = r.Details.QuantizationLevel
	}
}

// architecture is what a GGUF file calls itself.
func architecture(info map[string]any) string {
	name, _ := info["general.architecture"].(string)
	return name
}

// number reads a number that a GGUF file has under its architecture's name.
func number(info map[string]any, key string) float64 {
	n, _ := info[strings.Join([]string{architecture(info), key}, ".")].(float64)
	return n
}
