//go:build linux

package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/sessions"
)

// speaker is a server that answers with a piece of text, and goes on when it is told to.
type speaker struct {
	url   string
	goOn  chan string   // what it says next; it ends its answer when that is closed
	asked chan []string // the texts of each request, in their order
}

func newSpeaker(t *testing.T, begins func()) *speaker {
	t.Helper()
	s := &speaker{goOn: make(chan string), asked: make(chan []string, 10)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `{"data": [{"id": "slow"}]}`)
			return
		}
		var request struct {
			Messages []struct {
				Content json.RawMessage `json:"content"`
			} `json:"messages"`
		}
		_ = json.NewDecoder(r.Body).Decode(&request)
		var texts []string
		for _, m := range request.Messages {
			texts = append(texts, string(m.Content))
		}
		begins()
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, piece("Half of ", "null"))
		w.(http.Flusher).Flush()
		s.asked <- texts
		for {
			select {
			case text, more := <-s.goOn:
				if !more {
					_, _ = io.WriteString(w, piece(".", `"stop"`)+"data: [DONE]\n\n")
					return
				}
				_, _ = io.WriteString(w, piece(text, "null"))
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}))
	t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// keptTalk keeps a conversation of a question and an answer.
func keptTalk(t *testing.T, dir string) {
	t.Helper()
	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Add(t.Context(), &sessions.Conversation{
		Session: sessions.Session{ID: "talk", Title: "A talk", Created: time.Now(), Updated: time.Now()}, Leaf: 2,
		All: []sessions.Message{
			{ID: 1, Role: sessions.User, State: sessions.Whole, Parts: []sessions.Part{{Text: "First?"}}},
			{ID: 2, Parent: 1, Role: sessions.Assistant, State: sessions.Whole, Parts: []sessions.Part{{Text: "The first."}}},
		}}); err != nil {
		t.Fatal(err)
	}
}

// script starts vlmchat as a script does, with the server and the store.
func (s *speaker) script(t *testing.T, dir string, args ...string) (_ *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, append([]string{"-b", "openai", "--base-url", s.url, "-m", "slow"}, args...)...)
	cmd.Args[0] = "vlmchat"
	cmd.Env = append(os.Environ(), "VLMCHAT_SESSIONS_DIR="+dir, "VLMCHAT_CONFIG="+filepath.Join(dir, "none"))
	stderr = &bytes.Buffer{}
	cmd.Stderr = stderr
	return cmd, stderr
}

// halfOfIt asks whether the last message is an answer of which there is half.
const halfOfIt = "SELECT m.state='partial' AND p.text='Half of ' AND m.model='slow' FROM messages m JOIN parts p ON p.message=m.id ORDER BY m.id DESC LIMIT 1"

// What a script goes on with is kept however it ends: killed, interrupted, with its
// terminal, or when nobody reads on.
func TestContinuingEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keptTalk(t, dir)
	s := newSpeaker(t, func() {
		if c := conversationIn(t, dir); c.All[len(c.All)-2].Text() != "And?" {
			t.Errorf("when the server is asked, the question is not kept")
		}
	})
	for _, end := range []struct {
		name  string
		how   func(p *os.Process, out io.Closer)
		state sessions.State
		code  int
	}{
		{"kill", func(p *os.Process, _ io.Closer) { _ = p.Kill() }, sessions.Partial, -1},
		{"interrupt", func(p *os.Process, _ io.Closer) { _ = p.Signal(os.Interrupt) }, sessions.Stopped, -1},
		{"terminate", func(p *os.Process, _ io.Closer) { _ = p.Signal(syscall.SIGTERM) }, sessions.Stopped, exitInterrupted},
		{"hang up", func(p *os.Process, _ io.Closer) { _ = p.Signal(syscall.SIGHUP) }, sessions.Stopped, exitInterrupted},
		{"nobody reads", func(_ *os.Process, out io.Closer) {
			out.Close()
			s.goOn <- "more"
		}, sessions.Stopped, exitFailed},
	} {
		cmd, stderr := s.script(t, dir, "-c", "-p", "And?")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-s.asked
		waitInStore(t, dir, "half of the answer", halfOfIt)
		end.how(cmd.Process, out)
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != end.code || stderr.Len() > 0 {
			t.Errorf("%s: it ends with %d, %s", end.name, code, stderr)
		}
		c := conversationIn(t, dir)
		last := c.All[len(c.All)-1]
		if last.State != end.state || !strings.HasPrefix(last.Text(), "Half of ") || last.ID != c.Leaf || last.Model != "slow" {
			t.Errorf("%s: kept is %+v", end.name, last)
		}
	}
	cmd, stderr := s.script(t, dir, "-c", "-p", "And?")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	texts := <-s.asked
	close(s.goOn)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	want := []string{`"First?"`, `"The first."`, `"And?"`, `"Half of "`, `"And?"`, `"Half of "`, `"And?"`, `"Half of "`, `"And?"`, `"Half of "`, `"And?"`, `"Half of more"`, `"And?"`}
	if !slices.Equal(texts, want) {
		t.Errorf("asked is %q, want %q", texts, want)
	}
}

// A conversation that another process has open becomes a branch. One that can't be written
// to is asked with all the same. Both are said, also to a log.
func TestContinuingBesides(t *testing.T) {
	t.Parallel()
	s := newSpeaker(t, func() {})
	close(s.goOn)
	dir := t.TempDir()
	keptTalk(t, dir)
	store, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	hold, err := store.Hold("talk")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Append(t.Context(), sessions.Session{ID: "talk"}, sessions.Message{Parent: 2, Role: sessions.User, State: sessions.Whole, Parts: []sessions.Part{{Text: "Elsewhere?"}}}); err != nil {
		t.Fatal(err)
	}
	if err := store.SetLeaf(t.Context(), "talk", 2); err != nil {
		t.Fatal(err)
	}
	cmd, stderr := s.script(t, dir, "--resume", "talk", "-p", "And?")
	if out, err := cmd.Output(); err != nil || string(out) != "Half of .\n" || stderr.String() != "vlmchat: Another vlmchat has this conversation open. What is said here becomes a branch of it.\n" {
		t.Errorf("%v, %q, %q", err, out, stderr)
	}
	hold.Release()
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	c := conversationIn(t, dir)
	if len(c.All) != 5 || c.All[3].Parent != 2 || c.Leaf != c.All[4].ID || c.All[4].State != sessions.Whole {
		t.Errorf("kept is %+v", c)
	}

	makeReadOnly(t, dir)
	cmd, stderr = s.script(t, dir, "-c", "-p", "Why?")
	if out, err := cmd.Output(); err != nil || string(out) != "Half of .\n" || strings.Count(stderr.String(), "\n") != 1 ||
		!strings.HasPrefix(stderr.String(), "vlmchat: This is not being saved: keeping a message: the disk or the folder can't be written to") {
		t.Errorf("%v, %q, %q", err, out, stderr)
	}
	<-s.asked
	if texts := <-s.asked; !slices.Equal(texts, []string{`"First?"`, `"The first."`, `"And?"`, `"Half of ."`, `"Why?"`}) {
		t.Errorf("asked is %q", texts)
	}
}

// makeReadOnly makes a folder one that nobody can write to.
func makeReadOnly(t *testing.T, dir string) {
	t.Helper()
	if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
		t.Skip("a folder is mounted so that it can't be written to, which takes root: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	if err := syscall.Mount("", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
}
