// Package llamaserver starts llama.cpp's own server for tests and benchmarks: a
// real OpenAI-compatible server, and the reference of the native engine.
package llamaserver

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/testdata/serverlog"
)

// Variable names a llama-server to use in place of the installed runtime's.
const Variable = "VLMCHAT_TEST_LLAMA_SERVER"

// ready is how long a server may take to start, on the busiest machine.
const ready = 2 * time.Minute

// pollInterval is how often a starting server is asked whether it is healthy:
// often, as benchmarks time it.
const pollInterval = 2 * time.Millisecond

// Server is a llama-server that runs.
type Server struct {
	URL string // http://127.0.0.1:port

	command []string
	process *os.Process
	exited  chan struct{}
	log     *serverlog.Log
}

// PID is the server's process.
func (s *Server) PID() int { return s.process.Pid }

// Kill ends the server at once, as a crash would, and waits until it is gone.
func (s *Server) Kill() {
	_ = s.process.Kill()
	<-s.exited
}

// Restart starts a server that was killed again, at the same address.
func (s *Server) Restart() error {
	if err := s.start(); err != nil {
		return err
	}
	return s.wait()
}

// Log is what the server has written so far.
func (s *Server) Log() string { return s.log.String() }

// Start starts a server with one thread and returns its URL,
// http://127.0.0.1:port, once it answers. See Run.
func Start(t testing.TB, model, mmproj string, extra ...string) (baseURL string) {
	t.Helper()
	return Run(t, model, mmproj, extra...).URL
}

// Run starts a server as New does. The server ends with the test; if the test
// fails, its log is shown. Without a llama-server the test fails.
func Run(t testing.TB, model, mmproj string, extra ...string) *Server {
	t.Helper()
	s, err := New(model, mmproj, extra...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			t.Logf("the log of llama-server:\n%s", s.Log())
		}
	})
	return s
}

// New starts a server with one thread on a model and its projector ("" for a
// model that only reads), with further arguments if any, and returns it once it
// is healthy. It runs until it is killed.
func New(model, mmproj string, extra ...string) (*Server, error) {
	exe, err := find()
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		s, err := launch(exe, model, mmproj, extra)
		// Another process may have taken the port in between.
		if err == nil || try == 3 {
			return s, err
		}
	}
}

// find returns the executable.
func find() (string, error) {
	if exe := os.Getenv(Variable); exe != "" {
		return exe, nil
	}
	r, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		return "", fmt.Errorf("llama.cpp's llama-server is needed here: run 'make runtime' first (%w)", err)
	}
	if r.Server == "" {
		return "", fmt.Errorf("llama.cpp's llama-server is needed here, and the runtime in %s has none: run 'make runtime', or set %s", r.Dir, Variable)
	}
	return r.Server, nil
}

func launch(exe, model, mmproj string, extra []string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	args := []string{"-m", model, "--host", "127.0.0.1", "--port", fmt.Sprint(port), "--jinja", "-t", "1", "-fit", "off"}
	if mmproj != "" {
		args = append(args, "--mmproj", mmproj)
	}
	s := &Server{URL: fmt.Sprintf("http://127.0.0.1:%d", port), command: append(append([]string{exe}, args...), extra...), log: &serverlog.Log{}}
	if err := s.start(); err != nil {
		return nil, err
	}
	if err := s.wait(); err != nil {
		s.Kill()
		return nil, fmt.Errorf("%w; its log:\n%s", err, s.Log())
	}
	return s, nil
}

// start starts the process.
func (s *Server) start() error {
	cmd := exec.Command(s.command[0], s.command[1:]...)
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("llama-server does not start: %w", err)
	}
	s.process, s.exited = cmd.Process, make(chan struct{})
	go func(exited chan struct{}) {
		_ = cmd.Wait()
		close(exited)
	}(s.exited)
	return nil
}

// wait returns once the server says that it is healthy.
func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), ready)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/health", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-s.exited:
			return fmt.Errorf("llama-server ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("llama-server was not ready after %v", ready)
		case <-time.After(pollInterval):
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
