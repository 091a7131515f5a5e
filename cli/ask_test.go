package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/vlmchat/vlmchat/tasks"
)

// A key that may ask but not list models costs no answer.
func TestAnswerWithoutTheList(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, `data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
	}))
	defer server.Close()
	code, stdout, stderr := runCommand(t, t.TempDir(), "-b", "openai", "--base-url", server.URL, "-m", "m", "--json", "-p", "hi")
	var got tasks.Answer
	if err := json.Unmarshal([]byte(stdout), &got); code != exitOK || err != nil || got.Answer != "Hello" || got.Engine != "openai" || got.Model != "m" {
		t.Errorf("%d %q %q %v", code, stdout, stderr, err)
	}
}
