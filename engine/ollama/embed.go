package ollama

import (
	"context"
	"fmt"

	"github.com/ollama/ollama/api"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// Embed returns the vectors of texts. Ollama's API takes no pictures there, and a
// text that is too long is an error: it would be cut without a word.
func (e *Engine) Embed(ctx context.Context, inputs [][]engine.Part) ([][]float32, error) {
	texts := make([]string, len(inputs))
	for i, parts := range inputs {
		text, ok := remote.TextOf(parts)
		if !ok {
			return nil, &engine.Error{Kind: engine.BadPicture, Message: "Ollama turns texts into vectors, and no pictures", Hint: "use the native engine, which does both"}
		}
		texts[i] = text
	}
	if len(texts) == 0 {
		return nil, nil
	}
	var vectors [][]float32
	err := e.calls.Again(ctx, func(ctx context.Context) (err error) {
		vectors, err = e.embed(ctx, texts)
		return err
	})
	return vectors, err
}

func (e *Engine) embed(ctx context.Context, texts []string) ([][]float32, error) {
	f, err := e.lookUp(ctx)
	if err != nil {
		return nil, err
	}
	no := false
	x := &exchange{engine: e, model: f.name}
	r, err := e.client(x).Embed(ctx, &api.EmbedRequest{Model: f.name, Input: texts, Truncate: &no, KeepAlive: e.keepAlive()})
	if err != nil {
		return nil, e.known(ctx, err)
	}
	if len(r.Embeddings) != len(texts) {
		return nil, e.badVectors("%d vectors came for %d texts", len(r.Embeddings), len(texts))
	}
	for i, v := range r.Embeddings {
		if len(v) != len(r.Embeddings[0]) {
			return nil, e.badVectors("vectors of %d and %d numbers came", len(r.Embeddings[0]), len(v))
		}
		if !engine.ToUnit(v) { // servers before 0.3 leave vectors as they come
			return nil, e.badVectors("the vector of text %d has no direction", i+1)
		}
	}
	return r.Embeddings, nil
}

func (e *Engine) badVectors(format string, args ...any) error {
	return &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf("the Ollama at %s can't embed with %s: %s", e.base.Host, remote.OneLine(e.opt.Model), fmt.Sprintf(format, args...))}
}
