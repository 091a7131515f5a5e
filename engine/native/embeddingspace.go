package native

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/models"
)

// embeddingScale is the logit scale of models that were made for embedding, which don't
// tell theirs: half of what CLIP's is bound to in training.
const embeddingScale = 50

// AsEncoder is the engine as an Encoder: its Embed over pictures alone and texts alone.
func (e *Engine) AsEncoder() engine.Encoder { return embeddingEncoder{e} }

type embeddingEncoder struct{ *Engine }

// Space describes the space of a model that was made for embedding.
func (e embeddingEncoder) Space(ctx context.Context) (engine.Space, error) {
	info, err := e.Info(ctx)
	if err != nil {
		return engine.Space{}, err
	}
	if !info.Capabilities.Embedding {
		return engine.Space{}, &engine.Error{
			Kind:    engine.ModelInvalid,
			Message: fmt.Sprintf("the model %s was not made for embedding: its vectors say little about what a picture shows", info.Model),
			Hint:    "name a CLIP or SigLIP checkpoint, or a multimodal embedding model in GGUF, with --encoder",
		}
	}
	s := engine.Space{Model: info.Model, Scale: embeddingScale, Device: info.Device, Note: info.Note}
	// What it computes of a picture is the projector's work, too.
	for _, path := range []string{e.spec.Model, e.spec.Projector} {
		if path == "" {
			continue
		}
		print, err := models.Fingerprint(path)
		if err != nil {
			return engine.Space{}, &engine.Error{Kind: engine.ModelNotFound, Message: fmt.Sprintf("reading %s: %v", filepath.Base(path), err), Err: err}
		}
		s.ID = digest(s.ID, print, fmt.Sprint(e.spec.ImageTokens))
	}
	v, err := e.EncodeTexts(ctx, []string{"a"})
	if err != nil {
		return engine.Space{}, err
	}
	s.Dimensions = len(v[0])
	return s, nil
}

// EncodePictures returns the vectors of pictures.
func (e embeddingEncoder) EncodePictures(ctx context.Context, pictures []*images.Picture) ([][]float32, error) {
	var inputs [][]engine.Part
	for _, p := range pictures {
		if err := p.Load(ctx); err != nil {
			return nil, err
		}
		inputs = append(inputs, []engine.Part{{Picture: p}})
	}
	return e.Embed(ctx, inputs)
}

// EncodeTexts returns the vectors of texts.
func (e embeddingEncoder) EncodeTexts(ctx context.Context, texts []string) ([][]float32, error) {
	var inputs [][]engine.Part
	for _, text := range texts {
		inputs = append(inputs, []engine.Part{{Text: text}})
	}
	return e.Embed(ctx, inputs)
}
