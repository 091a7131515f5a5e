package ollama

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// Whatever a server is asked that is not ready for a moment is asked again.
func TestTriesAgain(t *testing.T) {
	t.Parallel()
	f := fake{
		show: map[string]string{"": seeing},
		tags: `{"models":[{"name":"m:latest","size":7}]}`,
		chat: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, hello+done) },
		others: map[string]http.HandlerFunc{"/api/embed": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"embeddings":[[3,4]]}`)
		}},
	}
	for name, c := range map[string]struct {
		path string // which is not ready at first
		do   func(ctx context.Context, e *Engine) error
	}{
		"chat":                {"/api/chat", chatting},
		"looking up the chat": {"/api/show", chatting},
		"info":                {"/api/show", func(ctx context.Context, e *Engine) error { _, err := e.Info(ctx); return err }},
		"models":              {"/api/tags", listing},
		"what models can":     {"/api/show", listing},
		"a model":             {"/api/show", describing},
		"a model's size":      {"/api/tags", describing},
		"vectors":             {"/api/embed", embedding},
		"looking up vectors":  {"/api/show", embedding},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, fails := range []int32{1, 3} {
				var asked atomic.Int32
				srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == c.path && asked.Add(1) <= fails {
						w.Header().Set("Retry-After-Ms", "1")
						w.WriteHeader(http.StatusServiceUnavailable)
						return
					}
					f.ServeHTTP(w, r)
				}))
				t.Cleanup(srv.Close)
				err := c.do(t.Context(), open(t, Options{Host: srv.URL, Options: remote.Options{Model: "m", Retries: 2}}))
				if good := fails == 1; (err == nil) != good || !good && (engine.KindOf(err) != engine.Unreachable || asked.Load() != 3) {
					t.Errorf("the server fails %d times, was asked %d times, and the error is %v", fails, asked.Load(), err)
				}
			}
		})
	}
}

func chatting(ctx context.Context, e *Engine) (failed error) {
	for _, err := range e.Chat(ctx, question("?")) {
		failed = err
	}
	return failed
}

func listing(ctx context.Context, e *Engine) error {
	_, err := e.Models(ctx)
	return err
}

func describing(ctx context.Context, e *Engine) error {
	_, err := e.DescribeModel(ctx, "m")
	return err
}

func embedding(ctx context.Context, e *Engine) error {
	_, err := e.Embed(ctx, [][]engine.Part{{{Text: "a"}}})
	return err
}
