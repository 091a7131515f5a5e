package remote

import (
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// Servers that take one picture alone say it in their own words: vLLM, Ollama, others.
func TestOnePicture(t *testing.T) {
	t.Parallel()
	for _, said := range []string{
		"At most 1 image(s) may be provided in one prompt.",
		"this model only supports one image while more than one image requested",
		"Multiple images are not supported by this model",
	} {
		e := OnePicture("llama3.2-vision", said)
		if e == nil || e.Kind != engine.BadPicture || !strings.Contains(e.Message, "llama3.2-vision takes one picture in a conversation") || !strings.Contains(e.Hint, "--shot") {
			t.Errorf("%q: %+v", said, e)
		}
	}
	for _, said := range []string{"At most 16 images may be provided in one request.", "this model does not support images", ""} {
		if e := OnePicture("a", said); e != nil {
			t.Errorf("%q: %v", said, e)
		}
	}
}
