package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// With --each a server is asked several questions at once, but no more than it is for, and
// the answers stand in the order of the pictures, whichever comes first.
func TestEachAtOnce(t *testing.T) {
	const pictures, most = 10, 4
	var inside, asked, peak atomic.Int32
	full := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `{"data": [{"id": "m"}]}`)
			return
		}
		n := inside.Add(1)
		defer inside.Add(-1)
		for was := peak.Load(); n > was && !peak.CompareAndSwap(was, n); was = peak.Load() {
		}
		if asked.Add(1) == most {
			close(full) // so many wait for each other
		}
		<-full
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, piece("seen", `"stop"`)+"data: [DONE]\n\n")
	}))
	defer server.Close()
	args := []string{"-b", "openai", "--base-url", server.URL, "-m", "m", "--each", "-p", "hi"}
	var want []string
	for i := range pictures {
		name := filepath.Join("..", "testdata", "tinyvlm", "samples", fmt.Sprintf("scene-%02d.png", i+1))
		if i == 4 {
			name = strings.TrimSuffix(name, "png") + "jpg"
		}
		args, want = append(args, name), append(want, "==> "+name+" <==\nseen\n")
	}
	code, stdout, stderr := runCommand(t, t.TempDir(), args...)
	if code != exitOK || stdout != strings.Join(want, "\n") || stderr != "" {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
	if n := peak.Load(); n != most {
		t.Errorf("%d were asked at once, want %d", n, most)
	}
}
