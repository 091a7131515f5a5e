package openai

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

const samples = "../../testdata/tinyvlm/"

// said is what came of a Chat.
type said struct {
	text, thought string
	done          *engine.Event
	err           error
}

func (s said) kind() engine.ErrorKind {
	if s.err == nil {
		return ""
	}
	return engine.KindOf(s.err)
}

// ask collects an answer, and checks the rules that every one keeps.
func ask(t testing.TB, ctx context.Context, e *Engine, req engine.Request) (s said) {
	t.Helper()
	var text, thought strings.Builder
	for ev, err := range e.Chat(ctx, req) {
		if s.done != nil || s.err != nil {
			t.Error("the sequence went on behind its end")
		}
		switch {
		case err != nil:
			s.err = err
		case ev.Kind == engine.Delta:
			text.WriteString(ev.Text)
		case ev.Kind == engine.Thinking:
			thought.WriteString(ev.Text)
		case ev.Kind == engine.Done:
			s.done = &ev
		}
	}
	if s.done == nil && s.err == nil {
		t.Error("the sequence ended without Done and without an error")
	}
	s.text, s.thought = text.String(), thought.String()
	if strings.ToValidUTF8(s.text, "") != s.text {
		t.Errorf("%q is not valid UTF-8", s.text)
	}
	return s
}

// serve starts a server of ours and an engine that talks to it.
func serve(t testing.TB, opt Options, h http.HandlerFunc) *Engine {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	opt.BaseURL = srv.URL
	opt.Key.Hosts = []string{srv.Listener.Addr().String()}
	return open(t, opt)
}

// serveChat starts one that has no list of models.
func serveChat(t testing.TB, opt Options, h http.HandlerFunc) *Engine {
	t.Helper()
	return serve(t, opt, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			http.NotFound(w, r)
			return
		}
		h(w, r)
	})
}

func open(t testing.TB, opt Options) *Engine {
	t.Helper()
	e, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// question is a request of one message, at temperature 0.
func question(text string, pictures ...*images.Picture) engine.Request {
	return engine.Request{
		Messages: []engine.Message{engine.Ask(text, pictures...)},
		Sampling: engine.Sampling{TopP: 1, MaxTokens: 64},
	}
}

func dot(t testing.TB) *images.Picture {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	p, err := images.Decode("dot.png", b.Bytes(), images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func sample(t testing.TB, name string) *images.Picture {
	t.Helper()
	p, err := images.Load(t.Context(), samples+"samples/"+name, images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// tiny starts a real llama-server with the demo model.
func tiny(t *testing.T, extra ...string) (*llamaserver.Server, *Engine) {
	t.Helper()
	s := llamaserver.Run(t, samples+"tiny-vlm.gguf", samples+"tiny-vlm-mmproj.gguf", extra...)
	return s, open(t, Options{BaseURL: s.URL})
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tinyBlind starts one without the demo model's projector.
func tinyBlind(t *testing.T) (*llamaserver.Server, *Engine) {
	t.Helper()
	s := llamaserver.Run(t, samples+"tiny-vlm.gguf", "")
	return s, open(t, Options{BaseURL: s.URL})
}
