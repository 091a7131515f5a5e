package ollama

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

const secret = "sk-secret-5"

// The key goes to the host that it is meant for, on every request, and to no
// other; further headers go along.
func TestKey(t *testing.T) {
	t.Parallel()
	for _, bound := range []bool{true, false} {
		seen := make(chan http.Header, 10)
		f := fake{
			show: map[string]string{"": seeing},
			chat: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, hello+done) },
		}
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen <- r.Header.Clone()
			f.ServeHTTP(w, r)
		}))
		t.Cleanup(srv.Close)
		host := strings.TrimPrefix(srv.URL, "http://")
		hosts := []string{"ollama.com:443"}
		if bound {
			hosts = append(hosts, host)
		}
		e := open(t, Options{Host: srv.URL, Options: remote.Options{
			Model: "m", Key: remote.Key{Value: secret, Hosts: hosts, Source: KeyVariable}, Headers: http.Header{"X-Team": {"a", "b"}},
		}})
		if got := ask(t, e, question("?")); got.err != nil {
			t.Fatal(got.err)
		}
		close(seen)
		n := 0
		for h := range seen {
			n++
			want := ""
			if bound {
				want = "Bearer " + secret
			}
			if h.Get("Authorization") != want || len(h["X-Team"]) != 2 {
				t.Errorf("bound is %v, and the headers are %v", bound, h)
			}
		}
		if n < 2 { // show, ps, chat
			t.Errorf("%d requests", n)
		}
	}
}

// What a server that refuses the key says may have it.
func TestKeyIsNotRepeated(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]engine.ErrorKind{401: engine.Unauthorized, 403: engine.Unauthorized, 500: engine.Failed} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"error":"your key `+r.Header.Get("Authorization")+` is wrong"}`)
		}))
		t.Cleanup(srv.Close)
		e := open(t, Options{Host: srv.URL, Options: remote.Options{
			Model: "m", Key: remote.Key{Value: secret, Hosts: []string{strings.TrimPrefix(srv.URL, "http://")}, Source: "MY_KEY"},
		}})
		got := ask(t, e, question("?"))
		known, _ := got.err.(*engine.Error)
		if known == nil || known.Kind != kind || strings.Contains(known.Message+known.Hint, secret) {
			t.Errorf("%d: %+v", status, known)
		}
		if status == 401 && known.Hint != "check MY_KEY" {
			t.Errorf("the hint is %q", known.Hint)
		}
	}
}
