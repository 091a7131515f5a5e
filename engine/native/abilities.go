package native

import (
	"context"
	"io"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

var (
	_ engine.Scorer   = (*Engine)(nil)
	_ engine.Embedder = (*Engine)(nil)
	_ engine.Counter  = (*Engine)(nil)
)

// Score returns how likely the model is to answer with each of the candidates.
// The conversation is read once, and the candidates are computed together.
func (e *Engine) Score(ctx context.Context, req engine.ScoreRequest) ([]engine.Score, error) {
	if len(req.Candidates) == 0 {
		return nil, nil
	}
	l, err := e.get(ctx, "/score", scoreRequest{
		Messages: wireMessages(req.Messages), Candidates: req.Candidates, End: req.End,
	}, engine.Pictures(req.Messages))
	return l.Scores, err
}

// Embed returns a vector of unit length for each input, as it is: without a chat
// template. Models that were made for embedding say so in Capabilities; of others
// it is the last token's.
func (e *Engine) Embed(ctx context.Context, inputs [][]engine.Part) ([][]float32, error) {
	if len(inputs) == 0 {
		return nil, nil
	}
	var req embedRequest
	var pictures []*images.Picture
	for _, parts := range inputs {
		req.Inputs = append(req.Inputs, wireParts(parts))
		pictures = append(pictures, engine.Pictures([]engine.Message{{Parts: parts}})...)
	}
	l, err := e.get(ctx, "/embed", req, pictures)
	return l.Vectors, err
}

// Count returns what a conversation takes of the context. No picture is encoded
// for it.
func (e *Engine) Count(ctx context.Context, messages []engine.Message) (engine.Count, error) {
	l, err := e.get(ctx, "/count", chatRequest{Messages: wireMessages(messages)}, engine.Pictures(messages))
	if err != nil {
		return engine.Count{}, err
	}
	return *l.Count, nil
}

// get asks for what comes back as one line.
func (e *Engine) get(ctx context.Context, path string, request any, pictures []*images.Picture) (line, error) {
	c, err := e.attach(ctx, func(engine.Event) bool { return true })
	if err != nil {
		return line{}, err
	}
	var answer *line
	err = e.ask(ctx, c, path, request, pictures, func(l line) (bool, error) {
		if l.Scores != nil || l.Vectors != nil || l.Count != nil {
			answer = &l
		}
		return true, nil
	})
	switch {
	case ctx.Err() != nil:
		return line{}, ctx.Err()
	case err == io.ErrUnexpectedEOF || err == nil && answer == nil:
		return line{}, e.died(c)
	case err != nil:
		return line{}, err
	}
	return *answer, nil
}
