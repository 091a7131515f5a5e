package cli

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
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

// The chat shows its pictures, so it reads them itself, whoever could.
func TestChatReadsURLs(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.FileServer(http.Dir("../testdata/tinyvlm/samples")))
	defer server.Close()
	a := &app{loader: &images.Loader{}, config: config.Config{config.PassURLs: {Text: "true"}, config.PrivateURLs: {Text: "true"}, config.Frames: {Text: "0"}}}
	if err := a.setUpLoader(); err != nil {
		t.Fatal(err)
	}
	defer a.loader.Close()
	if got, err := a.picturesToShow(t.Context(), []string{server.URL + "/scene-01.png"}); err != nil || len(got) != 1 || got[0].Width != 640 {
		t.Error(got, err)
	}
}

// Whoever wrote a conversation has its addresses judged like those of the command
// line.
func TestMessagesReadURLs(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.FileServer(http.Dir("../testdata/tinyvlm/samples")))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "talk.json")
	talk := `[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "` + server.URL + `/scene-01.png"}}]}]`
	if err := os.WriteFile(file, []byte(talk), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, allowed := range []bool{true, false} {
		a := &app{loader: &images.Loader{AllowPrivate: allowed}, config: config.Config{config.PassURLs: {Text: "false"}}}
		got, err := a.readMessages(t.Context(), file)
		var refused *images.Error
		if allowed && (err != nil || engine.Pictures(got)[0].Width != 640) || !allowed && (!errors.As(err, &refused) || refused.Reason != images.Private) {
			t.Error(allowed, got, err)
		}
		a.loader.Close()
	}
}
