package openai

import (
	"net/url"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/enginetest"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

// The conversations that every engine has to get right, with llama.cpp's own server.
func TestConversations(t *testing.T) {
	t.Parallel()
	server := llamaserver.Run(t, samples+"tiny-vlm.gguf", samples+"tiny-vlm-mmproj.gguf", "--api-key", enginetest.Key)
	locked := func(t testing.TB, key string) engine.Engine { return openWithKey(t, server.URL, key) }
	enginetest.Run(t, enginetest.Subject{
		Name: "openai", Model: "tiny-vlm.gguf",
		Open:    func(t testing.TB) engine.Engine { return locked(t, enginetest.Key) },
		Locked:  locked,
		Endless: endlessServer,
		Blind: func(t testing.TB) engine.Engine {
			return open(t, Options{BaseURL: llamaserver.Start(t, samples+"tiny-vlm.gguf", "")})
		},
		Without: map[string]string{
			"wrong model": "a llama-server has one model, and does not look at the name that it is asked for",
		},
	})
}

// openWithKey opens an engine that has a key, on a server of this machine.
func openWithKey(t testing.TB, baseURL, key string) engine.Engine {
	t.Helper()
	u, err := url.Parse(baseURL)
	if err != nil {
		t.Fatal(err)
	}
	return open(t, Options{BaseURL: baseURL, Options: remote.Options{Key: remote.Key{Value: key, Hosts: []string{u.Host}}}})
}

// endlessServer starts a server whose model goes on until it is told to stop.
func endlessServer(t testing.TB) *enginetest.Endless {
	t.Helper()
	s := llamaserver.RunEndless(t)
	reopen := func(t testing.TB) engine.Engine { return open(t, Options{BaseURL: s.URL}) }
	return &enginetest.Endless{
		Engine: reopen(t),
		Reopen: reopen,
		Busy:   func(t testing.TB) bool { return s.Busy(t) },
		Kill:   func(testing.TB) { s.Kill() },
		Restart: func(t testing.TB) {
			if err := s.Restart(); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// A server in front of a model may repeat what it was sent, and the key in it.
func TestServerThatRepeatsTheKey(t *testing.T) {
	t.Parallel()
	gate := enginetest.Gate(t, "http://127.0.0.1:1")
	const key = "sk-a-wrong-key-9876543210"
	got := ask(t, t.Context(), openWithKey(t, gate, key).(*Engine), question("hi"))
	e, ok := got.err.(*engine.Error)
	if !ok || e.Kind != engine.Unauthorized || strings.Contains(e.Message+e.Hint, key) {
		t.Errorf("the error is %+v", e)
	}
}
