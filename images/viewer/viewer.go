// Package viewer shows a file in the program that the system has for its kind: the
// picture viewer that a person is used to.
package viewer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// NoAccess says why nothing can be shown from here.
type NoAccess struct{ Detail string }

// Error says what is missing.
func (e *NoAccess) Error() string { return e.Detail }

// Open shows a file, and returns once a program has taken it, which may go on for
// longer than this process. A *NoAccess says that there is no screen for it, or that
// it is not the one in front of the person.
func Open(ctx context.Context, path string) error {
	s := surroundings{os: runtime.GOOS, env: os.Getenv, find: exec.LookPath}
	open, err := s.choose()
	if err != nil {
		return err
	}
	// A whole path can't be taken for an option.
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	return open(ctx, path)
}

// surroundings decide on how files are opened.
type surroundings struct {
	os   string
	env  func(string) string
	find func(program string) (path string, err error)
}

// choose finds what opens files, or says why nothing does.
func (s surroundings) choose() (func(ctx context.Context, path string) error, error) {
	overSSH := s.env("SSH_CONNECTION") != "" || s.env("SSH_TTY") != ""
	display := s.env("DISPLAY")
	switch {
	case overSSH && !strings.HasPrefix(display, "localhost:"): // as ssh -X has it
		return nil, &NoAccess{"over ssh a viewer would open on the other machine's screen"}
	case s.os == "windows":
		return openSystem, nil
	case s.os == "darwin":
		return s.program("open", "macOS has it")
	case display == "" && s.env("WAYLAND_DISPLAY") == "":
		return nil, &NoAccess{"there is no screen for a viewer (WAYLAND_DISPLAY and DISPLAY are not set)"}
	}
	return s.program("xdg-open", "it is in the package xdg-utils")
}

func (s surroundings) program(name, hint string) (func(context.Context, string) error, error) {
	program, err := s.find(name)
	if err != nil {
		return nil, &NoAccess{"files are opened with " + name + ", which is not installed: " + hint}
	}
	return func(ctx context.Context, path string) error { return start(ctx, program, path) }, nil
}

// toFail is for how long it is waited whether a program refuses: some end when the
// viewer was told, others are the viewer.
const toFail = 2 * time.Second

// start runs a program on a file. Nothing that it prints is seen.
func start(ctx context.Context, program, path string) error {
	name := filepath.Base(program)
	cmd := exec.Command(program, path)
	apart(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s can't be run: %w", name, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	timer := time.NewTimer(toFail)
	defer timer.Stop()
	select {
	case err := <-ended:
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			return fmt.Errorf("%s found no program for it, or that failed (it ended with %s)", name, exit.ProcessState)
		}
		return err
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil
}
