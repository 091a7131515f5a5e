package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/config"
)

// A picture on the web goes to the server as it was named, beside those that
// are here, and --json has it by its name alone.
func TestURLIsPassedOn(t *testing.T) {
	bodies := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			b, _ := io.ReadAll(r.Body)
			bodies <- string(b)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, `data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
	}))
	defer server.Close()
	const address = "https://me:word@example.org/a.png?size=large"
	code, stdout, stderr := runCommand(t, t.TempDir(), "-b", "openai", "--base-url", server.URL, "-m", "m", "--pass-urls", "--json",
		"-p", "hi", " "+address, "../testdata/tinyvlm/samples/scene-01.png")
	var got struct{ Images []map[string]any }
	if err := json.Unmarshal([]byte(stdout), &got); code != exitOK || err != nil || len(got.Images) != 2 {
		t.Fatalf("%d %q %q %v", code, stdout, stderr, err)
	}
	if body := <-bodies; !strings.Contains(body, `"url":"`+address+`"`) || !strings.Contains(body, "data:image/png;base64,") {
		t.Error(body)
	}
	if first := got.Images[0]; len(first) != 1 || first["source"] != "https://me:xxxxx@example.org/a.png?size=large" || got.Images[1]["format"] != "png" {
		t.Error(got.Images)
	}
}

// The chat shows its pictures, so it has to have them.
func TestChatTakesNoURL(t *testing.T) {
	t.Parallel()
	for pass, want := range map[string]int{"true": exitUsage, "false": exitPicture} {
		a := &app{config: config.Config{config.PassURLs: {Text: pass}, config.Backend: {Text: "openai"}}}
		if _, err := a.picturesOfChat(t.Context(), []string{"http://example.org/a.png"}); err == nil || exitCode(err) != want {
			t.Error(pass, err)
		}
	}
}
