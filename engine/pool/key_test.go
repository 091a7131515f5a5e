package pool

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/openai"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// A key goes to its own host, however often the request is sent again there, and
// not to the host that does what its own one failed at.
func TestKeyStaysWithItsHost(t *testing.T) {
	t.Parallel()
	const key = "sk-of-one-host-0123456789"
	for name, failures := range map[string][2]int{"failing over": {9, 0}, "retrying": {1, 1}, "coming back": {1, 9}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var members []Member
			var seen [2]func() []string
			var bound string
			for i, n := range failures {
				url, headers := recording(t, n)
				host := strings.TrimPrefix(url, "http://")
				if i == 0 {
					bound = host
				}
				e, err := openai.New(openai.Options{BaseURL: url, Options: remote.Options{Model: "m", Key: remote.Key{Value: key, Hosts: []string{bound}}}})
				if err != nil {
					t.Fatal(err)
				}
				members, seen[i] = append(members, Member{Host: host, Engine: e}), headers
			}
			p := New(3, members...)
			t.Cleanup(func() { _ = p.Close() })
			if got := ask(t.Context(), p, engine.Request{Messages: []engine.Message{engine.Ask("?")}, Background: true}); got.err != nil || got.text != "Hello" {
				t.Errorf("%+v", got)
			}
			for i, want := range []string{"Bearer " + key, ""} {
				all := seen[i]()
				if len(all) == 0 {
					t.Errorf("host %d was not asked", i+1)
				}
				for _, h := range all {
					if h != want {
						t.Errorf("host %d saw the authorization %q, want %q", i+1, h, want)
					}
				}
			}
		})
	}
}

// recording starts a server that refuses so many questions for a moment, and
// returns the authorizations that it saw.
func recording(t *testing.T, failures int) (url string, seen func() []string) {
	var mu sync.Mutex
	var all []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, r.Header.Get("Authorization"))
		if failures > 0 && r.Method == http.MethodPost {
			failures--
			w.Header().Set("Retry-After-Ms", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
	}))
	t.Cleanup(srv.Close)
	return srv.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}
