package native

import (
	"context"
	"errors"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

var (
	_ engine.Scorer   = (*Engine)(nil)
	_ engine.Embedder = (*Engine)(nil)
	_ engine.Counter  = (*Engine)(nil)
	_ engine.Seer     = (*Engine)(nil)
)

// nativeEngine is what this engine is called in messages.
const nativeEngine = "the native engine"

// Score returns how likely the model is to answer with each of the candidates.
// The conversation is read once, and the candidates are computed together.
func (e *Engine) Score(ctx context.Context, req engine.ScoreRequest) ([]engine.Score, error) {
	if len(req.Candidates) == 0 {
		return nil, nil
	}
	if err := engine.RefuseURLs(nativeEngine, req.Messages...); err != nil {
		return nil, err
	}
	messages := e.modelfile.messages(req.Messages)
	l, err := e.get(ctx, "/score", scoreRequest{
		Messages: wireMessages(messages), Candidates: req.Candidates, End: req.End, TopLogprobs: req.TopLogprobs, Private: req.Private,
	}, engine.Pictures(messages))
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
		if err := engine.RefuseURLs(nativeEngine, engine.Message{Parts: parts}); err != nil {
			return nil, err
		}
		req.Inputs = append(req.Inputs, wireParts(parts))
		pictures = append(pictures, engine.Pictures([]engine.Message{{Parts: parts}})...)
	}
	l, err := e.get(ctx, "/embed", req, pictures)
	return l.Vectors, err
}

// Count returns what a request takes of the context. No picture is encoded for it.
func (e *Engine) Count(ctx context.Context, r engine.Request) (engine.Count, error) {
	if err := engine.RefuseURLs(nativeEngine, r.Messages...); err != nil {
		return engine.Count{}, err
	}
	r = e.modelfile.request(r)
	l, err := e.get(ctx, "/count", toWire(r), engine.Pictures(r.Messages))
	if err != nil {
		return engine.Count{}, err
	}
	return *l.Count, nil
}

// See returns what the model's picture encoder gets of a picture, behind all that
// llama.cpp does to it before: resized, padded, cut into tiles.
func (e *Engine) See(ctx context.Context, p *images.Picture) (engine.Sight, error) {
	l, err := e.get(ctx, "/see", chatRequest{Messages: wireMessages([]engine.Message{engine.Ask("", p)})}, []*images.Picture{p})
	if err != nil {
		return engine.Sight{}, err
	}
	return *l.Sight, nil
}

// get asks for what comes back as one line.
func (e *Engine) get(ctx context.Context, path string, request any, pictures []*images.Picture) (answer line, err error) {
	err = e.attached(ctx, func(ctx context.Context, c *connection) error {
		return e.ask(ctx, c, path, request, pictures, func(l line) (bool, error) {
			answer = l
			return l.Scores == nil && l.Vectors == nil && l.Count == nil && l.Sight == nil, nil
		})
	})
	return answer, err
}

// attached asks something of a worker, and of a fresh one if the first ends under it.
func (e *Engine) attached(ctx context.Context, ask func(context.Context, *connection) error) error {
	ctx, cancel := e.within(ctx)
	defer cancel()
	try := func() error {
		c, err := e.attach(ctx, func(engine.Event) bool { return true })
		if err != nil {
			return err
		}
		return ask(ctx, c)
	}
	err := try()
	if end, ok := errors.AsType[*ending](err); ok && end.again && ctx.Err() == nil {
		err = try()
	}
	return err
}
