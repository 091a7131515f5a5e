package enginetest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// info is sane, and the same when it is asked again.
func info(t *testing.T, s Subject) {
	e := s.Open(t)
	for range 2 {
		i, err := e.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if i.Engine != s.Name || i.Model != s.Model || !i.Capabilities.Vision {
			t.Errorf("the engine is %+v", i)
		}
		// An Ollama tells the context once the model is loaded.
		if i.ContextSize != 0 && (i.ContextSize < 512 || i.ContextSize > 1<<20) {
			t.Errorf("the context has %d tokens", i.ContextSize)
		}
		if strings.Contains(i.Host, "/") || strings.Contains(i.Host, "@") {
			t.Errorf("the host is %q", i.Host)
		}
		mustAsk(t, e, Greedy(engine.Text(engine.User, "Who are you?")))
	}
}

// modelList has the demo model, of which the server knows that it can see.
func modelList(t *testing.T, s Subject) {
	lister, ok := s.Open(t).(engine.ModelLister)
	if !ok {
		t.Fatal("the engine lists no models")
	}
	models, err := lister.Models(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(models, func(m engine.ModelInfo) bool { return strings.Contains(m.Name, s.Model) })
	if i < 0 || models[i].Vision == nil || !*models[i].Vision {
		t.Errorf("%s is not among %+v, or can't see", s.Model, models)
	}
}

// wrongModel is refused by its name, whatever it is asked.
func wrongModel(t *testing.T, s Subject) {
	const name = "no-such-model"
	e := s.Unknown(t, name)
	for _, m := range []engine.Message{engine.Text(engine.User, "Hello"), engine.Ask("Describe this image.", Sample(t, "scene-01.png"))} {
		a := Ask(t.Context(), t, e, Greedy(m))
		if a.Kind() != engine.ModelNotFound || !strings.Contains(a.Err.Error(), name) {
			t.Errorf("answered %q, %v (%s)", a.Text, a.Err, a.Kind())
		}
	}
}

// Key is what the server behind Subject.Locked wants.
const Key = "sk-the-right-key-0123456789"

// wrongKey is refused, and nowhere repeated. The right one is taken.
func wrongKey(t *testing.T, s Subject) {
	for _, key := range []string{"", "sk-a-wrong-key-9876543210"} {
		e := s.Locked(t, key)
		a := Ask(t.Context(), t, e, Greedy(engine.Text(engine.User, "Hello")))
		_, err := e.Info(t.Context())
		// A list of models may be open to everybody.
		for _, err := range []error{a.Err, err} {
			if err != nil && engine.KindOf(err) != engine.Unauthorized {
				t.Errorf("with the key %q the error is %v (%s)", key, err, engine.KindOf(err))
			}
			if e, ok := err.(*engine.Error); ok && key != "" && strings.Contains(e.Message+e.Hint, key) {
				t.Errorf("the key is in the error %q, hint %q", e.Message, e.Hint)
			}
		}
		if a.Err == nil {
			t.Errorf("with the key %q the answer is %q", key, a.Text)
		}
	}
	wants(t, mustAsk(t, s.Locked(t, Key), Greedy(engine.Text(engine.User, "Who are you?"))).Text, "tiny demo model")
}

// Gate puts a server behind a proxy that wants Key, as people put servers behind
// one that have no keys of their own. It refuses others in a way that real ones
// have: by repeating what it was sent.
func Gate(t testing.TB, server string) (baseURL string) {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Header.Del("Authorization")
	}}
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sent := r.Header.Get("Authorization"); sent != "Bearer "+Key {
			http.Error(w, `{"error": "invalid key in `+sent+`"}`, http.StatusUnauthorized)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(gate.Close)
	return gate.URL
}
