package openai

import (
	"context"
	"encoding/json"
	"errors"

	client "github.com/sashabaranov/go-openai"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

var _ engine.Embedder = (*Engine)(nil)

// Embed asks for the vectors of texts. The API has no way to send a picture.
func (e *Engine) Embed(ctx context.Context, inputs [][]engine.Part) ([][]float32, error) {
	var vectors [][]float32
	err := e.calls.Again(ctx, func(ctx context.Context) (err error) {
		vectors, err = e.embed(ctx, inputs)
		return err
	})
	if err != nil {
		return nil, e.secrets.hideIn(remote.Explain(ctx, e.base.Host, "", err))
	}
	return vectors, nil
}

func (e *Engine) embed(ctx context.Context, inputs [][]engine.Part) ([][]float32, error) {
	texts := make([]string, len(inputs))
	for i, parts := range inputs {
		text, ok := remote.TextOf(parts)
		if !ok {
			return nil, &engine.Error{Kind: engine.BadPicture, Message: "the OpenAI API has vectors of texts only, not of pictures", Hint: "use the native engine, which has those of pictures"}
		}
		texts[i] = text
	}
	if len(texts) == 0 {
		return nil, nil
	}
	model, err := e.modelFor(ctx, false)
	if err != nil {
		return nil, err
	}
	ctx, cancel := e.calls.Within(ctx)
	defer cancel()
	x := &exchange{engine: e, model: model}
	if _, err := e.client(x).CreateEmbeddings(ctx, client.EmbeddingRequestStrings{Input: texts, Model: client.EmbeddingModel(model)}); err != nil {
		var known *engine.Error
		if errors.As(err, &known) {
			return nil, known
		}
		return nil, failed(err, "the server at %s answers something else than vectors: %s", e.base.Host, remote.OneLine(err.Error()))
	}
	return e.vectors(x.raw, len(texts))
}

// vectors reads n vectors, which come in any order.
func (e *Engine) vectors(answer []byte, n int) ([][]float32, error) {
	var doc struct {
		Data []struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
	}
	if err := json.Unmarshal(answer, &doc); err != nil {
		return nil, failed(err, "the server at %s answers something else than vectors", e.base.Host)
	}
	all := make([][]float32, n)
	for _, d := range doc.Data {
		if d.Index < 0 || d.Index >= n || all[d.Index] != nil || !engine.ToUnit(d.Embedding) {
			return nil, failed(nil, "the server at %s sends vectors that fit no text", e.base.Host)
		}
		all[d.Index] = d.Embedding
	}
	for i, v := range all {
		if v == nil || len(v) != len(all[0]) {
			return nil, failed(nil, "the server at %s sends no vector for text %d of %d", e.base.Host, i+1, n)
		}
	}
	return all, nil
}
