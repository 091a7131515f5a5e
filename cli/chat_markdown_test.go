//go:build linux

package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// An answer is read as markdown while it comes, and when the window changes.
func TestChatMarkdown(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		say := func(texts ...string) {
			for _, text := range texts {
				_, _ = io.WriteString(w, piece(text, "null"))
				w.(http.Flusher).Flush()
			}
		}
		say("# The ", "disc\n\nIt is **yel", "low**:\n\n```py", "thon\narea = 3", " + r")
		<-goOn
		say("\n``", "`\n\n| part | colour |\n|--", "-|---|\n| disc | a yellow that glows in the dark |\n")
		_, _ = io.WriteString(w, piece("", `"stop"`)+"data: [DONE]\n\n")
	}))
	t.Cleanup(srv.Close)
	c := startChatWith(t, []string{"OPENAI_API_KEY=x"}, 80, 24, "--backend", "openai", "--base-url", srv.URL, "--model", "any")
	c.WaitFor("Type a question", patience)
	c.ask("What is it?")
	c.WaitFor("  The disc\n\n  It is yellow:\n\n  python\n    area = 3 + r\n", patience)
	close(goOn)
	c.WaitFor("    area = 3 + r\n\n  part │ colour\n  ─────┼────────────────────────────────\n  disc │ a yellow that glows in the dark\n", patience)
	c.Resize(30, 24)
	c.WaitFor("  disc │ a yellow that glows\n       │ in the dark\n", patience)
	if screen := c.Screen(); strings.ContainsAny(screen, "`*#") {
		t.Errorf("there are marks on the screen:\n%s", screen)
	}
	c.quit()
}
