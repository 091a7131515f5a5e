package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// hostileOllama is an Ollama whose every text is evil.
func hostileOllama(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for path, answer := range map[string]string{
		"/api/version": `{"version":"0.13.5"}`,
		"/api/ps":      `{"models":[]}`,
		"/api/tags":    `{"models":[{"name":TEXT,"model":TEXT,"size":1,"details":{"parameter_size":TEXT,"quantization_level":TEXT}}]}`,
		"/api/show":    `{"license":TEXT,"template":TEXT,"system":TEXT,"parameters":TEXT,"details":{"parameter_size":TEXT},"model_info":{"general.architecture":TEXT},"capabilities":["completion",TEXT]}`,
		"/api/pull":    `{"status":TEXT}` + "\n" + `{"status":"success"}` + "\n",
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, strings.ReplaceAll(answer, "TEXT", string(text)))
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestModelsOfAHostileServer(t *testing.T) {
	t.Setenv("VLMCHAT_CONFIG", filepath.Join(t.TempDir(), "none.toml"))
	url := hostileOllama(t)
	for _, args := range [][]string{{"list"}, {"show", evil}, {"pull", evil}} {
		var out, stderr bytes.Buffer
		args = append([]string{"models"}, append(args, "-b", "ollama", "--base-url", url)...)
		if code := Main(args, strings.NewReader(""), &out, &stderr); code != exitOK {
			t.Errorf("%q ended with %d: %s", args, code, stderr.String())
		}
		if !strings.Contains(out.String()+stderr.String(), "evil") {
			t.Errorf("%q says nothing: %s", args, out.String())
		}
		noControl(t, out.String())
		noControl(t, stderr.String())
	}
}
