package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vlmchat/vlmchat/ui/ptytest"
)

// busyAtFirst is a server that has had too many requests when it is asked first,
// and asks for patience with a header.
func busyAtFirst(t *testing.T, header, patience string) (url string) {
	t.Helper()
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.Header().Set(header, patience)
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"error":{"message":"one at a time"}}`)
			return
		}
		_, _ = io.WriteString(w, piece("Good morning", `"stop"`)+"data: [DONE]\n\n")
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func askOnTerminal(t *testing.T, url string, args ...string) *ptytest.Terminal {
	t.Helper()
	return askOnTerminalOf(t, 80, url, args...)
}

func askOnTerminalOf(t *testing.T, columns int, url string, args ...string) *ptytest.Terminal {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"-b", "openai", "--base-url", url, "-m", "m", "-p", "hi"}, args...)...)
	cmd.Args[0] = "vlmchat"
	cmd.Env = append(os.Environ(), "VLMCHAT_CONFIG="+t.TempDir()+"/none")
	return ptytest.Start(t, cmd, columns, 24)
}

// Who waits for a server to be asked again sees why, for as long as that lasts. It
// can be stopped, and leaves nothing.
func TestStatusWhileWaiting(t *testing.T) {
	t.Parallel()
	long := askOnTerminal(t, busyAtFirst(t, "Retry-After", "100"))
	long.WaitFor("trying again in 1m", patience)
	long.Type("\x03")
	if code := long.Wait(patience); code != -1 { // it ends by the signal
		t.Errorf("the exit code is %d", code)
	}
	if screen := long.Screen(); strings.TrimSpace(screen) != "" {
		t.Errorf("the screen still shows %q", screen)
	}

	short := askOnTerminal(t, busyAtFirst(t, "Retry-After-Ms", "1"))
	if code := short.Wait(patience); code != exitOK {
		t.Errorf("the exit code is %d", code)
	}
	short.WaitFor("Good morning", patience)
	if !strings.Contains(string(short.Raw()), "trying again: the server at ") {
		t.Errorf("nobody was told of the wait: %q", short.Raw())
	}
	if screen := short.Screen(); strings.Contains(screen, "trying again") {
		t.Errorf("the screen shows %q", screen)
	}

	quiet := askOnTerminal(t, busyAtFirst(t, "Retry-After-Ms", "1"), "-q")
	if code := quiet.Wait(patience); code != exitOK {
		t.Errorf("the exit code is %d", code)
	}
	quiet.WaitFor("Good morning", patience)
	if raw := string(quiet.Raw()); raw != "Good morning\r\n" {
		t.Errorf("with --quiet it shows %q", raw)
	}
}

// A line that a narrow terminal would break is shortened, as the rest of it would stay.
func TestStatusOnNarrowTerminal(t *testing.T) {
	t.Parallel()
	narrow := askOnTerminalOf(t, 30, busyAtFirst(t, "Retry-After", "100"))
	narrow.WaitFor("…", patience)
	narrow.Type("\x03")
	narrow.Wait(patience)
	if screen := narrow.Screen(); strings.TrimSpace(screen) != "" {
		t.Errorf("the screen still shows %q", screen)
	}
}
