//go:build !windows

// Package rpcserver runs llama.cpp's own RPC server for tests, each in a process
// of the tests' executable that can be killed.
package rpcserver

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/testdata/serverlog"
)

// command is the argument that makes the tests' executable a server.
const command = "rpcserver"

// ready is how long a server may take to start, on the busiest machine.
const ready = 2 * time.Minute

// Serve turns the process into a server if it was started as one, and returns
// otherwise. The tests' executable calls it before anything else.
func Serve() {
	if len(os.Args) != 6 || os.Args[1] != command {
		return
	}
	go func() { // the tests are gone
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	err := serve(os.Args[2], os.Args[3], os.Args[4], os.Args[5])
	fmt.Fprintln(os.Stderr, "the RPC server ended:", err)
	os.Exit(1)
}

// Server is an RPC server on this machine that lends its CPU.
type Server struct {
	Endpoint string // 127.0.0.1:port

	runtime runtimes.Runtime
	process *os.Process
	stdin   io.Closer
	exited  chan struct{}
	log     *serverlog.Log
}

// Run starts a server of a runtime. It ends with the test.
func Run(t *testing.T, r runtimes.Runtime) *Server {
	t.Helper()
	s := &Server{runtime: r}
	var err error
	for range 3 { // another process may take the port in between
		if s.Endpoint, err = freeEndpoint(); err != nil {
			t.Fatal(err)
		}
		if err = s.start(); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			t.Logf("the log of the RPC server %s:\n%s", s.Endpoint, s.log)
		}
	})
	return s
}

// Kill ends the server at once, as a crash would, and waits until it is gone.
func (s *Server) Kill() {
	_ = s.process.Kill()
	<-s.exited
	s.stdin.Close()
}

// PID is the number of the server's process.
func (s *Server) PID() int { return s.process.Pid }

// Restart starts a server that was killed at the same endpoint.
func (s *Server) Restart(t *testing.T) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) start() error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(exe, command, s.Endpoint, s.runtime.GGMLBase, s.runtime.GGML, s.runtime.BackendDir)
	s.exited, s.log = make(chan struct{}), &serverlog.Log{}
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if s.stdin, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.process = cmd.Process
	go func() {
		_ = cmd.Wait()
		fmt.Fprintln(s.log, cmd.ProcessState)
		close(s.exited)
	}()
	for deadline := time.Now().Add(ready); time.Now().Before(deadline); {
		if conn, err := net.Dial("tcp", s.Endpoint); err == nil {
			conn.Close()
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("the RPC server of %s ended before it was ready; its log:\n%s", s.runtime.Dir, s.log)
		case <-time.After(5 * time.Millisecond):
		}
	}
	s.Kill()
	return fmt.Errorf("the RPC server of %s was not ready after %v", s.runtime.Dir, ready)
}

func freeEndpoint() (string, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
