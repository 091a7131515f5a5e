package native

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/llamacpp"
)

// embedder makes vectors of texts and pictures, in a context of its own, which is
// made when it is first needed. One request has it at a time.
type embedder struct {
	mu      sync.Mutex
	context *llamacpp.Context
}

// embed returns a vector of unit length for each input: its texts and pictures as
// they are, without a chat template.
func (r *runner) embed(ctx context.Context, req embedRequest, bitmaps map[string]llamacpp.Bitmap) ([][]float32, error) {
	var prompts []*prompt
	for _, parts := range req.Inputs {
		p, err := r.prompter.plain(parts, bitmaps)
		if err != nil {
			return nil, describe(err)
		}
		if len(p.units) == 0 {
			return nil, &engine.Error{Kind: engine.Failed, Message: "an empty text has no vector"}
		}
		if tokens, image := p.tokens(); tokens > r.context.Size() {
			return nil, tooLarge("the input has", tokens, image, r.context.Size())
		}
		if err := r.checkPixels(p); err != nil {
			return nil, err
		}
		prompts = append(prompts, p)
	}
	r.embedder.mu.Lock()
	defer r.embedder.mu.Unlock()
	if r.embedder.context == nil {
		c, err := r.model.NewContext(r.embedOptions)
		if err != nil {
			return nil, &engine.Error{Kind: engine.OutOfMemory, Message: "making a second context, for embedding: " + err.Error()}
		}
		r.embedder.context = c
	}
	c := r.embedder.context
	cancelled := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		c.Cancel()
		close(cancelled)
	})
	defer func() {
		if !stop() {
			<-cancelled // the next one must not be met by it
		}
		c.Resume()
	}()
	var vectors [][]float32
	for _, p := range prompts {
		v, err := r.embedOne(ctx, c, p)
		if _, missing := errors.AsType[missingPixels](err); missing {
			return nil, err
		}
		if err != nil {
			return nil, describe(err)
		}
		vectors = append(vectors, v)
	}
	return vectors, nil
}

func (r *runner) embedOne(ctx context.Context, c *llamacpp.Context, p *prompt) ([]float32, error) {
	c.Clear()
	e, err := c.NewEmbedding(0)
	if err != nil {
		return nil, err
	}
	pos, next := 0, 0
	for i := 0; i < len(p.units); {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if p.units[i].picture != "" {
			t := p.tiles[next]
			next++
			embeddings, err := r.encodeNow(ctx, p, t)
			if err != nil {
				return nil, err
			}
			if err := c.DecodeTile(0, t.Tile, embeddings, pos, 0, t.Count); err != nil {
				return nil, err
			}
			if err := e.Take(t.Count); err != nil {
				return nil, err
			}
			pos += t.Positions
			i++
			continue
		}
		var tokens []llamacpp.Token
		for ; i < len(p.units) && p.units[i].picture == "" && len(tokens) < c.BatchSize(); i++ {
			tokens = append(tokens, p.units[i].token)
		}
		if err := c.DecodeTokens(0, tokens, pos, true); err != nil {
			return nil, err
		}
		if err := e.Take(len(tokens)); err != nil {
			return nil, err
		}
		pos += len(tokens)
	}
	return unitLength(e.Vector()), nil
}

// encodeNow has a tile encoded and waits for it.
func (r *runner) encodeNow(ctx context.Context, p *prompt, t tile) ([]float32, error) {
	for {
		e := r.loop.encoder.want(&job{ctx: ctx, prompt: p, events: newOutbox()}, t)
		select {
		case <-e.finished:
			if !errors.Is(e.err, llamacpp.ErrCancelled) {
				return e.embeddings, e.err
			}
			// By others who wanted it before, and gave it up just now.
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// unitLength scales a vector to the length 1.
func unitLength(v []float64) []float32 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	out := make([]float32, len(v))
	for i, x := range v {
		if sum > 0 {
			out[i] = float32(x / math.Sqrt(sum))
		}
	}
	return out
}

// plain tokenizes texts and pictures without a chat template.
func (p *prompter) plain(parts []wirePart, bitmaps map[string]llamacpp.Bitmap) (*prompt, error) {
	var text strings.Builder
	var pictures []string
	for _, part := range parts {
		if part.Picture != "" {
			text.WriteString(p.marker)
			pictures = append(pictures, part.Picture)
		} else {
			text.WriteString(p.quote(part.Text))
		}
	}
	return p.tokenize(text.String(), true, pictures, bitmaps)
}
