package remote

import (
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
)

// onePicture is how vLLM, Ollama and others say that a conversation may have one picture.
var onePicture = Words(`(?i)at most (1|one) (image|picture)|only (supports?|accepts?|takes?) (1|one|a single) (image|picture)|(multiple|several|more than one) (image|picture)s? .{0,30}not (supported|allowed)`)

// OnePicture tells from what a server says that the model takes one picture alone, where it was
// sent several: with examples, say. It is nil of anything else.
func OnePicture(model, said string) *engine.Error {
	if !onePicture(said) {
		return nil
	}
	if model == "" {
		model = "the model"
	}
	return &engine.Error{
		Kind:    engine.BadPicture,
		Message: fmt.Sprintf("%s takes one picture in a conversation, and was sent several: %s", OneLine(model), said),
		Hint:    "leave out examples with pictures (--shot) and further pictures, or choose a model that takes several",
	}
}
