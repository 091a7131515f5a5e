package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vlmchat/vlmchat/tasks"
)

// breaksOff is a server that cuts its first answer.
func breaksOff(t *testing.T) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		if asked.Add(1) == 1 {
			_, _ = io.WriteString(w, piece("Go", "null"))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, piece("Good morning", `"stop"`)+"data: [DONE]\n\n")
	}))
	t.Cleanup(srv.Close)
	return srv.URL, asked
}

func piece(text, finish string) string {
	return fmt.Sprintf(`data: {"choices":[{"delta":{"content":%q},"finish_reason":%s}]}`+"\n\n", text, finish)
}

// An answer that was cut stands, unless it may begin anew or nobody has seen it.
func TestAnswerThatIsCut(t *testing.T) {
	for _, c := range []struct {
		flags  []string
		code   int
		stdout string
		stderr string
		asked  int32
	}{
		{nil, exitFailed, "Go\n", "the answer is not whole", 1},
		{[]string{"--retry-cut"}, exitOK, "Go\nGood morning\n", "The answer above was cut, and begins anew: the answer is not whole", 2},
		{[]string{"--retry-cut", "--retries", "0"}, exitFailed, "Go\n", "the answer is not whole", 1},
	} {
		url, asked := breaksOff(t)
		args := append([]string{"-b", "openai", "--base-url", url, "-m", "m", "-p", "hi"}, c.flags...)
		code, stdout, stderr := runCommand(t, t.TempDir(), args...)
		if code != c.code || stdout != c.stdout || !strings.Contains(stderr, c.stderr) || asked.Load() != c.asked {
			t.Errorf("%q: %d %q %q, asked %d times", c.flags, code, stdout, stderr, asked.Load())
		}
	}
	url, _ := breaksOff(t)
	code, stdout, stderr := runCommand(t, t.TempDir(), "-b", "openai", "--base-url", url, "-m", "m", "-p", "hi", "--json")
	var got tasks.Answer
	if err := json.Unmarshal([]byte(stdout), &got); code != exitOK || err != nil || got.Answer != "Good morning" || stderr != "" {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
}

// What one server fails at, the next one does; an error names all of them.
func TestSeveralServers(t *testing.T) {
	down := func() *httptest.Server {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
		t.Cleanup(srv.Close)
		return srv
	}
	first, second := down(), down()
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, piece("Hello", `"stop"`)+"data: [DONE]\n\n")
	}))
	t.Cleanup(up.Close)
	code, stdout, stderr := runCommand(t, t.TempDir(), "-b", "openai", "--base-url", first.URL+", "+up.URL, "-m", "m", "-p", "hi")
	if code != exitOK || stdout != "Hello\n" {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
	code, stdout, stderr = runCommand(t, t.TempDir(), "-b", "openai", "--base-url", first.URL+","+second.URL, "--retries", "0", "-m", "m", "-p", "hi")
	if code != exitEngine || stdout != "" || !strings.Contains(stderr, first.Listener.Addr().String()) || !strings.Contains(stderr, second.Listener.Addr().String()) {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
}
