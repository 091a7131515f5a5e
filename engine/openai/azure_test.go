package openai

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// Azure's addresses, as people find them, lead to the form that is meant.
func TestAzureAddresses(t *testing.T) {
	t.Parallel()
	const host = "https://me.openai.azure.com"
	for _, c := range []struct {
		base, version, path, wantVersion, model string
		deployments                             bool
	}{
		{base: host, path: "/openai/v1"},
		{base: "me.openai.azure.com/", path: "/openai/v1"},
		{base: host + "/openai/v1/", path: "/openai/v1"},
		{base: host, version: "2024-06-01", path: "", wantVersion: "2024-06-01", deployments: true},
		{base: host + "/openai", path: "", wantVersion: azureVersion, deployments: true},
		{base: host + "/openai/deployments/eye/chat/completions?api-version=2025-01-01", path: "", wantVersion: "2025-01-01", model: "eye", deployments: true},
		{base: "https://gateway.example/azure/openai", version: "v", path: "/azure", wantVersion: "v", deployments: true},
		{base: "https://gateway.example", version: "v", path: "", wantVersion: "v", deployments: true},
		{base: host + "/openai/v1", version: "preview", path: "/openai/v1", wantVersion: "preview"},
		{base: "https://gateway.example", path: "/v1"},
	} {
		e := open(t, Options{BaseURL: c.base, APIVersion: c.version})
		if e.base.Path != c.path || e.opt.APIVersion != c.wantVersion || e.deployments != c.deployments || e.opt.Model != c.model {
			t.Errorf("%s: %q %q %v %q", c.base, e.base.Path, e.opt.APIVersion, e.deployments, e.opt.Model)
		}
	}
}

// In Azure's older form the model is a part of the path and the key has a header of
// its own; what deployments there are can't be known.
func TestAzureDeployment(t *testing.T) {
	t.Parallel()
	type request struct{ method, path, query, key, bearer string }
	seen := make(chan request, 1)
	e := serve(t, Options{APIVersion: "2024-10-21", Options: remote.Options{Model: "my eye", Key: remote.Key{Value: "secret"}}}, func(w http.ResponseWriter, r *http.Request) {
		seen <- request{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Api-Key"), r.Header.Get("Authorization")}
		_, _ = io.WriteString(w, hello+ended)
	})
	if got := ask(t, t.Context(), e, question("?", dot(t))); got.err != nil {
		t.Fatal(got.err)
	}
	if got, want := <-seen, (request{"POST", "/openai/deployments/my%20eye/chat/completions", "api-version=2024-10-21", "secret", ""}); got != want {
		t.Errorf("%+v", got)
	}
	if info, err := e.Info(t.Context()); err != nil || info.Model != "my eye" {
		t.Errorf("%+v, %v", info, err)
	}
	if _, err := e.Models(t.Context()); engine.KindOf(err) != engine.ModelNotFound || !strings.Contains(err.Error(), "deployments") {
		t.Error(err)
	}
}
