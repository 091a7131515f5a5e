//go:build ollama

package ollama

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/enginetest"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/testdata/ollamaserver"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// The conversations that every engine has to get right, with a real Ollama.
func TestOllamaConversations(t *testing.T) {
	t.Parallel()
	s := ollamaserver.Start(t)
	gate := enginetest.Gate(t, s.URL)
	model := func(t testing.TB, name string) engine.Engine {
		return open(t, Options{Options: remote.Options{Model: name}, Host: s.URL})
	}
	enginetest.Run(t, enginetest.Subject{
		Name: "ollama", Model: s.Model,
		Open:    func(t testing.TB) engine.Engine { return model(t, s.Model) },
		Endless: endlessServer,
		Blind:   func(t testing.TB) engine.Engine { return model(t, s.Blind) },
		Unknown: model,
		Locked: func(t testing.TB, key string) engine.Engine {
			u, err := url.Parse(gate)
			if err != nil {
				t.Fatal(err)
			}
			return open(t, Options{Host: gate, Options: remote.Options{Model: s.Model, Key: remote.Key{Value: key, Hosts: []string{u.Host}}}})
		},
		Without: map[string]string{
			"cached turns": "Ollama does not tell how much of a prompt it remembered",
		},
	})
}

// endlessServer starts a server that has a model which goes on until it is told to
// stop.
func endlessServer(t testing.TB) *enginetest.Endless {
	t.Helper()
	s := ollamaserver.Start(t)
	const name = "endless"
	files := map[string]string{}
	for file, data := range map[string][]byte{"endless.gguf": tinyvlm.Endless(), "tiny-vlm-mmproj.gguf": tinyvlm.Projector} {
		digest := fmt.Sprintf("sha256:%x", sha256.Sum256(data))
		send(t, s.URL+"/api/blobs/"+digest, data)
		files[file] = digest
	}
	body, err := json.Marshal(map[string]any{
		"model": name, "files": files, "stream": false,
		"template":   "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}" + tinyvlm.EndlessMark + "\n{{ end }}<|im_start|>assistant\n",
		"parameters": map[string]any{"num_thread": 1, "num_ctx": 32768},
	})
	if err != nil {
		t.Fatal(err)
	}
	send(t, s.URL+"/api/create", body)
	// A server that is to forget a model at once has it for as long as it computes.
	atOnce := time.Duration(0)
	reopen := func(t testing.TB) engine.Engine {
		return open(t, Options{Options: remote.Options{Model: name}, Host: s.URL, KeepAlive: &atOnce})
	}
	return &enginetest.Endless{
		Engine: reopen(t),
		Reopen: reopen,
		Busy:   func(t testing.TB) bool { return computes(t, s.URL) },
		Kill:   func(testing.TB) { s.Kill() },
		Restart: func(t testing.TB) {
			if err := s.Restart(); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// send sends what a server has to accept.
func send(t testing.TB, url string, body []byte) {
	t.Helper()
	resp, err := http.Post(url, "", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if said, _ := io.ReadAll(resp.Body); resp.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s: %s: %s", url, resp.Status, said)
	}
}

// computes tells whether a server has a model in its memory.
func computes(t testing.TB, url string) bool {
	t.Helper()
	resp, err := http.Get(url + "/api/ps")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var running struct{ Models []json.RawMessage }
	if err := json.NewDecoder(resp.Body).Decode(&running); err != nil {
		t.Fatal(err)
	}
	return len(running.Models) > 0
}
