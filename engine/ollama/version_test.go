package ollama

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	const path = "/behind/a/proxy/api/version"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, `{"version":"0.12.6\u001b[2J"}`)
	}))
	t.Cleanup(server.Close)
	e := open(t, Options{Host: strings.Replace(server.URL, "://", "://user:password@", 1) + strings.TrimSuffix(path, "/api/version")})
	if v, err := e.Version(context.Background()); v != "0.12.6 [2J" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
	if got := e.Host(); got != strings.TrimPrefix(server.URL, "http://") {
		t.Errorf("the host is %q", got)
	}
	e = open(t, Options{Host: server.URL}) // something else is there
	if v, err := e.Version(context.Background()); v != "" || err == nil || !strings.Contains(err.Error(), "no Ollama") {
		t.Errorf("%q, %v", v, err)
	}
	server.Close()
	if v, err := e.Version(context.Background()); v != "" || engine.KindOf(err) != engine.Unreachable {
		t.Errorf("%q, %v", v, err)
	}
}
