package ollama

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/images"
)

func TestTakePicture(t *testing.T) {
	t.Parallel()
	const blind = `{"capabilities":["completion"]}`
	for _, c := range []struct {
		name, model string
		f           fake
		kind        engine.ErrorKind
	}{
		{name: "sees", model: "m"},
		{name: "blind", model: "m", f: fake{show: map[string]string{"": blind}}, kind: engine.NotVision},
		{name: "none can see", f: fake{tags: `{"models":[{"name":"a"}]}`, show: map[string]string{"": blind}}, kind: engine.NotVision},
		{name: "not there", model: "m", f: fake{show: map[string]string{}}},
		{name: "odd", model: "m", f: fake{show: map[string]string{"": "hello"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.f.chat = func(http.ResponseWriter, *http.Request) { t.Error("the picture was sent") }
			e := serve(t, Options{Options: remote.Options{Model: c.model}}, c.f)
			if err := e.TakePicture(t.Context(), dot(t), nil); err == nil && c.kind != "" || err != nil && engine.KindOf(err) != c.kind {
				t.Error(err)
			}
			stopped, stop := context.WithCancel(t.Context())
			stop()
			if err := e.TakePicture(stopped, dot(t), []*images.Picture{dot(t)}); engine.KindOf(err) != engine.Cancelled {
				t.Error(err)
			}
		})
	}
}

// Ollama's server fetches nothing: a URL would be no picture to it.
func TestURLsAreRefused(t *testing.T) {
	t.Parallel()
	e := serve(t, Options{Options: remote.Options{Model: "m"}}, fake{chat: func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }})
	req := engine.Request{Messages: []engine.Message{{Role: engine.User, Parts: []engine.Part{{URL: "https://h/a.png"}, {Text: "?"}}}}}
	if got := ask(t, e, req); engine.KindOf(got.err) != engine.BadPicture || !strings.Contains(got.err.Error(), "https://h/a.png") {
		t.Error(got.err)
	}
}
