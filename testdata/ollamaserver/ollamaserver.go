// Package ollamaserver starts a real Ollama for tests, with the tiny model in it.
package ollamaserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/testdata/serverlog"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// Variable names the executable. 'make test-ollama' sets it.
const Variable = "VLMCHAT_TEST_OLLAMA"

// ready is how long the server may take to start, on the busiest machine.
const ready = 2 * time.Minute

// The models that a server has at its start.
const (
	tiny    = "tiny-vlm"     // sees
	blind   = "tiny-text"    // the same without its projector
	thinker = "tiny-thinker" // the same, of which Ollama believes that it thinks
)

// chatML is the chat template of the tiny model in Ollama's words.
const chatML = `{{- range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
`

// thinkingML has the tags by which Ollama tells a model that thinks.
const thinkingML = `{{- range .Messages }}<|im_start|>{{ .Role }}
{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
`

// Server is an Ollama that runs, with models of its own and nobody else's.
type Server struct {
	URL     string // http://127.0.0.1:port
	Models  string // the folder in which it keeps them, OLLAMA_MODELS
	Model   string // one that sees
	Blind   string // one that does not
	Thinker string // one that can be told to think

	executable  string
	environment []string
	process     *os.Process
	exited      chan struct{}
	log         *serverlog.Log
}

// PID is the server's process.
func (s *Server) PID() int { return s.process.Pid }

// Log is what the server has written so far.
func (s *Server) Log() string { return s.log.String() }

// Kill ends the server at once, as a crash would, and waits until it is gone.
// Its runners end with it.
func (s *Server) Kill() {
	killGroup(s.process)
	<-s.exited
}

// Restart starts a server that was killed again, at the same address and with the
// models that it had.
func (s *Server) Restart() error { return s.start() }

// Stop asks the server to end, and waits until it has.
func (s *Server) Stop() {
	if s.process.Signal(os.Interrupt) != nil {
		killGroup(s.process) // Windows knows no such signal
	}
	<-s.exited
}

// Start starts a server, with further variables if any (NAME=value), and returns
// it once it answers and has the models. It ends with the test; if the test
// fails, its log is shown.
func Start(t testing.TB, variables ...string) *Server {
	t.Helper()
	exe := os.Getenv(Variable)
	if exe == "" {
		t.Fatalf("a real Ollama is needed here, and %s does not say where: run 'make test-ollama'", Variable)
	}
	home := t.TempDir()
	s := &Server{Models: t.TempDir(), Model: tiny, Blind: blind, Thinker: thinker, log: &serverlog.Log{}}
	// Another process may take the port in between.
	for try := 1; ; try++ {
		err := s.launch(exe, home, variables)
		if err == nil {
			break
		}
		if try == 3 {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("the log of Ollama:\n%s", s.Log())
		}
	})
	if err := s.fill(t.Context()); err != nil {
		t.Fatalf("the tiny model can't be brought to Ollama: %v", err)
	}
	return s
}

func (s *Server) launch(exe, home string, variables []string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	host := l.Addr().String()
	l.Close()
	s.URL, s.executable, s.environment = "http://"+host, exe, nil
	for _, v := range os.Environ() {
		// What a person has set for an Ollama of theirs is not for this one.
		if !strings.HasPrefix(v, "OLLAMA_") {
			s.environment = append(s.environment, v)
		}
	}
	s.environment = append(s.environment, "HOME="+home, "OLLAMA_HOST="+host, "OLLAMA_MODELS="+s.Models, "OLLAMA_CONTEXT_LENGTH=2048", "OLLAMA_NUM_PARALLEL=1", "GIN_MODE=release")
	s.environment = append(s.environment, variables...)
	return s.start()
}

// start starts the process and returns once it answers.
func (s *Server) start() error {
	cmd := exec.Command(s.executable, "serve")
	cmd.Env = s.environment
	cmd.Stdout, cmd.Stderr = s.log, s.log
	inGroup(cmd)
	cmd.WaitDelay = time.Second // a runner may hold them for longer
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("the Ollama in %s does not start: %w", s.executable, err)
	}
	s.process, s.exited = cmd.Process, make(chan struct{})
	go func(exited chan struct{}) {
		_ = cmd.Wait()
		close(exited)
	}(s.exited)
	if err := s.wait(); err != nil {
		s.Kill()
		return fmt.Errorf("%w; its log:\n%s", err, s.Log())
	}
	return nil
}

// wait returns once the server answers.
func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), ready)
	defer cancel()
	for {
		if err := call(ctx, http.MethodGet, s.URL+"/api/version", nil); err == nil {
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("Ollama ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("Ollama was not ready after %v", ready)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// fill creates the models.
func (s *Server) fill(ctx context.Context) error {
	model, err := s.blob(ctx, tinyvlm.Model)
	if err != nil {
		return err
	}
	projector, err := s.blob(ctx, tinyvlm.Projector)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		name, template string
		projector      bool
	}{{tiny, chatML, true}, {blind, chatML, false}, {thinker, thinkingML, true}} {
		files := map[string]string{"tiny-vlm.gguf": model}
		if m.projector {
			files["tiny-vlm-mmproj.gguf"] = projector
		}
		body, err := json.Marshal(map[string]any{
			"model": m.name, "files": files, "template": m.template, "stream": false,
			"parameters": map[string]any{"stop": []string{"<|im_end|>"}, "num_thread": 1},
			"license":    "MIT",
		})
		if err != nil {
			return err
		}
		if err := call(ctx, http.MethodPost, s.URL+"/api/create", body); err != nil {
			return err
		}
	}
	return nil
}

// blob brings a file to the server and returns its digest.
func (s *Server) blob(ctx context.Context, file []byte) (string, error) {
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256(file))
	return digest, call(ctx, http.MethodPost, s.URL+"/api/blobs/"+digest, file)
}

// call sends a request whose answer is of no interest unless it is a refusal.
func call(ctx context.Context, method, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %s: %s", method, url, resp.Status, said)
	}
	return err
}
