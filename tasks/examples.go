package tasks

import (
	"context"
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/prompts"
)

// Load reads the pictures that a source means, as images.Loader does.
type Load func(ctx context.Context, source string) ([]*images.Picture, error)

// Examples are the questions and answers that a prompt has for a model to go by, as turns
// of a conversation. Of a picture that can't be used the error is a *prompts.Error with the
// line of its example.
func Examples(ctx context.Context, filled prompts.Filled, load Load) ([]engine.Message, error) {
	var all []engine.Message
	for i, e := range filled.Examples {
		question := e.Question
		if question == "" {
			question = filled.Text
		}
		pictures, err := exampleOf(ctx, filled.Template, i, load)
		if err != nil {
			return nil, err
		}
		all = append(all, engine.Ask(question, pictures...), engine.Text(engine.Assistant, e.Answer))
	}
	return all, nil
}

// CheckExamples reads the pictures of all examples of a prompt, and returns what is wrong
// with them.
func CheckExamples(ctx context.Context, t *prompts.Template, load Load) []error {
	var wrong []error
	for i := range t.Examples {
		if _, err := exampleOf(ctx, t, i, load); err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong
}

// exampleOf reads the pictures of one example.
func exampleOf(ctx context.Context, t *prompts.Template, i int, load Load) ([]*images.Picture, error) {
	e := t.Examples[i]
	var pictures []*images.Picture
	for _, file := range e.Pictures {
		some, err := load(ctx, t.Beside(file))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, &prompts.Error{File: t.Origin(), Line: e.Line, Detail: fmt.Sprintf("example %d can't be shown: %v", i+1, err), Err: err}
		}
		pictures = append(pictures, some...)
	}
	return pictures, nil
}
