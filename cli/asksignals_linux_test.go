package cli

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// begun starts a question and waits for the first words of its answer, which are left in out.
func (s *speaker) begun(t *testing.T, args ...string) (cmd *exec.Cmd, out *bufio.Reader, pipe io.Closer, stderr interface{ String() string }) {
	t.Helper()
	cmd, buffer := s.script(t, t.TempDir(), args...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-s.asked
	return cmd, bufio.NewReader(stdout), stdout, buffer
}

// What came of an answer stays when it is interrupted, and nothing is said about it.
func TestAskingInterrupted(t *testing.T) {
	t.Parallel()
	s := newSpeaker(t, func() {})
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		cmd, out, _, stderr := s.begun(t, "-p", "hi")
		if _, err := out.Peek(len("Half of ")); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Process.Signal(sig)
		said, _ := io.ReadAll(out)
		_ = cmd.Wait()
		status := cmd.ProcessState.Sys().(syscall.WaitStatus)
		interrupted := status.Signaled() && status.Signal() == sig // which ends a loop of a shell, too
		if sig == syscall.SIGTERM {
			interrupted = status.ExitStatus() == exitInterrupted
		}
		if !interrupted || string(said) != "Half of \n" || stderr.String() != "" {
			t.Errorf("%v: it ends with %v, %q, %q", sig, cmd.ProcessState, said, stderr)
		}
	}
	cmd, out, _, _ := s.begun(t, "--jsonl", "-p", "hi")
	for line := ""; !strings.Contains(line, "Half of "); {
		var err error
		if line, err = out.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	_ = cmd.Process.Signal(os.Interrupt)
	said, _ := io.ReadAll(out)
	_ = cmd.Wait()
	if !strings.HasPrefix(string(said), `{"type":"error","kind":"cancelled","message":"interrupted",`) || !strings.HasSuffix(string(said), `"exit_code":130}`+"\n") {
		t.Errorf("the last event is %s", said)
	}
}

// Who interrupts twice is not kept waiting, whatever it waits for: here for a reader.
func TestAskingInterruptedTwice(t *testing.T) {
	t.Parallel()
	s := newSpeaker(t, func() {})
	cmd, out, _, _ := s.begun(t, "-p", "hi")
	if _, err := out.Peek(1); err != nil {
		t.Fatal(err)
	}
	s.goOn <- strings.Repeat("more than a pipe holds ", 20_000)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = cmd.Process.Wait()
	}()
	for {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// An answer of which only the beginning is read ends as that of any Unix tool.
func TestAskingUnread(t *testing.T) {
	t.Parallel()
	s := newSpeaker(t, func() {})
	cmd, out, pipe, stderr := s.begun(t, "-p", "hi")
	if _, err := out.Peek(1); err != nil {
		t.Fatal(err)
	}
	pipe.Close()
	s.goOn <- "more"
	_ = cmd.Wait()
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !status.Signaled() || status.Signal() != syscall.SIGPIPE || stderr.String() != "" {
		t.Errorf("it ends with %v, %q", cmd.ProcessState, stderr)
	}
}

// What came within --timeout stays; a file stays as it was, with nothing beside it.
func TestAskingTimeout(t *testing.T) {
	t.Parallel()
	s := newSpeaker(t, func() {})
	dir := t.TempDir()
	file := filepath.Join(dir, "answer.txt")
	if err := os.WriteFile(file, []byte("earlier"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, form := range []struct {
		args []string
		out  string
	}{{nil, "Half of \n"}, {[]string{"--json"}, ""}, {[]string{"-o", file}, ""}} {
		cmd, out, _, stderr := s.begun(t, append(form.args, "--timeout", "2s", "-p", "hi")...)
		said, _ := io.ReadAll(out)
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != exitFailed || string(said) != form.out ||
			!strings.HasPrefix(stderr.String(), "vlmchat: the question was not answered within 2s, which is what --timeout allows\n") {
			t.Errorf("%v: it ends with %d, %q, %q", form.args, code, said, stderr)
		}
	}
	cmd, _, _, _ := s.begun(t, "-o", file, "-p", "hi")
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	left, err := os.ReadDir(dir)
	if text, _ := os.ReadFile(file); err != nil || len(left) != 1 || string(text) != "earlier" {
		t.Errorf("left are %v, %q, %v", left, text, err)
	}
}

// A character that comes in two halves is written whole.
func TestAskingCharacters(t *testing.T) {
	t.Parallel()
	const answer = "é, 猫 and 🐈"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for _, b := range []byte(piece(answer, `"stop"`) + "data: [DONE]\n\n") {
			_, _ = w.Write([]byte{b})
			w.(http.Flusher).Flush()
		}
	}))
	t.Cleanup(srv.Close)
	s := &speaker{url: srv.URL}
	cmd, stderr := s.script(t, t.TempDir(), "-p", "hi")
	if out, err := cmd.Output(); err != nil || string(out) != answer+"\n" {
		t.Errorf("%v, %q, %q", err, out, stderr)
	}
}
