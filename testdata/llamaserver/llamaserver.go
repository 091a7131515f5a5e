// Package llamaserver starts the real llama-server of the installed runtime for
// tests and benchmarks: the reference for the native engine's answers, and a
// real server for the OpenAI engine.
package llamaserver

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/runtimes"
)

// Server is a running llama-server.
type Server struct {
	URL string // of its OpenAI-compatible API, without the final slash: ".../v1"
	PID int

	cmd    *exec.Cmd
	exited chan struct{}
	log    *buffer
}

// Find returns the path of the llama-server that belongs to the runtime in use.
// VLMCHAT_TEST_LLAMA_SERVER names another one.
func Find() (string, error) {
	if path := os.Getenv("VLMCHAT_TEST_LLAMA_SERVER"); path != "" {
		return path, nil
	}
	r, err := runtimes.Use(os.Getenv("VLMCHAT_RUNTIME"))
	if err != nil {
		return "", err
	}
	if r.Server == "" {
		return "", fmt.Errorf("the runtime %s brings no llama-server", r.Dir)
	}
	return r.Server, nil
}

// Run starts a server of one thread on a free port of this machine and waits
// until it is ready.
func Run(model, mmproj string, extra ...string) (*Server, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	args := append([]string{
		"-m", model, "--mmproj", mmproj, "--host", "127.0.0.1", "--port", strconv.Itoa(port),
		"--jinja", "-t", "1", "-fit", "off", "--no-webui",
	}, extra...)
	s := &Server{
		URL: fmt.Sprintf("http://127.0.0.1:%d/v1", port), cmd: exec.Command(path, args...),
		exited: make(chan struct{}), log: &buffer{},
	}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.PID = s.cmd.Process.Pid
	go func() {
		_ = s.cmd.Wait()
		close(s.exited)
	}()
	for range 600 {
		select {
		case <-s.exited:
			return nil, fmt.Errorf("%s ended at its start:\n%s", path, s.log)
		case <-time.After(50 * time.Millisecond):
		}
		resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/health", port))
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return s, nil
		}
	}
	s.Stop()
	return nil, fmt.Errorf("%s did not become ready:\n%s", path, s.log)
}

// Stop ends the server at once.
func (s *Server) Stop() {
	_ = s.cmd.Process.Kill()
	<-s.exited
}

// Log is what the server printed so far.
func (s *Server) Log() string { return s.log.String() }

// Start runs a server for the length of a test. Without one the test fails: the
// runtime is software that 'make runtime' installs.
func Start(t testing.TB, model, mmproj string, extra ...string) *Server {
	t.Helper()
	s, err := Run(model, mmproj, extra...)
	if err != nil {
		t.Fatalf("this test needs llama-server (run 'make runtime'): %v", err)
	}
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("llama-server's log:\n%s", s.Log())
		}
	})
	return s
}

// buffer keeps the end of what is written to it.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

const keepLog = 64 << 10

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.b.Write(p)
	if over := b.b.Len() - keepLog; over > 0 {
		b.b.Next(over)
	}
	return len(p), nil
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
