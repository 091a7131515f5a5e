package clipboard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// writing is a way to put a text into the clipboard.
type writing struct {
	name  string
	write func(ctx context.Context, text string) error
}

// Write puts a text into the clipboard of this machine, and says by what. Where there
// is none, or it is another machine's than the person sits at, tmux may have it put
// into that of the terminal it draws on, wherever that is. A *NoAccess says that
// neither is there; the terminal may take it then (OSC 52). The text never stands in
// a list of processes.
func Write(ctx context.Context, text string) (by string, err error) {
	s := here()
	w, err := s.chooseWriting()
	if err == nil {
		err = w.write(ctx, text)
	}
	if tmux := s.tmux(); err != nil && ctx.Err() == nil && tmux != nil && tmux.write(ctx, text) == nil {
		return tmux.name, nil
	}
	return w.name, err
}

// tmux is the way by its buffer, which it hands on to its terminal (-w); nil if this
// is no tmux.
func (s surroundings) tmux() *writing {
	path, err := s.find("tmux")
	if err != nil || s.env("TMUX") == "" {
		return nil
	}
	return &writing{"tmux", feeding(path, "load-buffer", "-w", "-")}
}

// chooseWriting finds the way to write, or says why there is none.
func (s surroundings) chooseWriting() (writing, error) {
	if err := s.elsewhere(); err != nil {
		return writing{}, err
	}
	switch {
	case s.os == "windows":
		return writing{"the system's clipboard", writeSystem}, nil
	case s.os == "darwin":
		return s.feeds("macOS has it", command{"pbcopy", nil})
	case s.env("WAYLAND_DISPLAY") != "" && !s.overSSH():
		return s.feeds("it is in the package wl-clipboard", command{"wl-copy", nil})
	case s.env("DISPLAY") != "":
		return s.feeds("it is in the package of this name",
			command{"xclip", []string{"-selection", "clipboard", "-in"}},
			command{"xsel", []string{"--clipboard", "--input"}})
	}
	return writing{}, errNoDisplay
}

// command is a program with its arguments.
type command struct {
	name string
	args []string
}

// feeds is a way that runs the first of some programs that is installed.
func (s surroundings) feeds(hint string, programs ...command) (writing, error) {
	for _, c := range programs {
		if path, err := s.find(c.name); err == nil {
			return writing{c.name, feeding(path, c.args...)}, nil
		}
	}
	return writing{}, &NoAccess{"the clipboard is written with " + programs[0].name + ", which is not installed: " + hint}
}

// toLetGo is for how long a program that has ended may leave its output to another
// that goes on: xclip and wl-copy leave one behind that holds the text.
const toLetGo = 100 * time.Millisecond

// feeding hands a text to a program as its input.
func feeding(path string, args ...string) func(context.Context, string) error {
	return func(ctx context.Context, text string) error {
		name := strings.TrimSuffix(filepath.Base(path), ".exe")
		limited, cancel := context.WithTimeout(ctx, maxTime)
		defer cancel()
		cmd := exec.CommandContext(limited, path, args...)
		cmd.Stdin = strings.NewReader(text)
		cmd.Env = append(cmd.Environ(), "LC_CTYPE=UTF-8") // pbcopy takes Latin letters without it
		cmd.WaitDelay = toLetGo
		var said bytes.Buffer
		cmd.Stderr = &capped{w: &said, room: 4096}
		err := cmd.Run()
		var exit *exec.ExitError
		switch {
		case err == nil, errors.Is(err, exec.ErrWaitDelay):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case limited.Err() != nil:
			return fmt.Errorf("%s did not take it within %v", name, maxTime)
		case errors.As(err, &exit):
			words, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
			return &failure{name, words, err}
		}
		return fmt.Errorf("%s can't be run: %w", name, err)
	}
}
