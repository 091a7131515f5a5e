package tasks

import (
	"context"
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/prompts"
)

// Examples are the questions and answers that a prompt has for a model to go by, as turns
// of a conversation. load reads the pictures of a file, as images.Loader does. Of a picture
// that can't be used the error is a *prompts.Error with the line of its example.
func Examples(ctx context.Context, filled prompts.Filled, load func(ctx context.Context, source string) ([]*images.Picture, error)) ([]engine.Message, error) {
	var all []engine.Message
	for i, e := range filled.Examples {
		question := e.Question
		if question == "" {
			question = filled.Text
		}
		var pictures []*images.Picture
		for _, file := range e.Pictures {
			some, err := load(ctx, filled.Beside(file))
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				return nil, &prompts.Error{File: filled.Origin(), Line: e.Line, Detail: fmt.Sprintf("example %d can't be shown: %v", i+1, err), Err: err}
			}
			pictures = append(pictures, some...)
		}
		all = append(all, engine.Ask(question, pictures...), engine.Text(engine.Assistant, e.Answer))
	}
	return all, nil
}
