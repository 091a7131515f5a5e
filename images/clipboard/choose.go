package clipboard

import (
	"context"
	"strings"
)

// means is a way to read the clipboard.
type means struct {
	name string
	read func(context.Context) (Content, error)
}

// surroundings decide on the means.
type surroundings struct {
	os   string
	env  func(string) string
	find func(program string) (path string, err error)
}

// choose finds the means, or says why there is none.
func (s surroundings) choose() (means, error) {
	if err := s.elsewhere(); err != nil {
		return means{}, err
	}
	switch {
	case s.os == "windows":
		return means{"the system's own", readSystem}, nil
	case s.os == "darwin":
		return s.program("osascript", "macOS has it", osascript)
	case s.env("WAYLAND_DISPLAY") != "" && !s.overSSH():
		return s.program("wl-paste", "it is in the package wl-clipboard", wayland)
	case s.env("DISPLAY") != "":
		return s.program("xclip", "it is in the package of this name", x11)
	}
	return means{}, errNoDisplay
}

var errNoDisplay = &NoAccess{"there is no display, and so no clipboard (WAYLAND_DISPLAY and DISPLAY are not set)"}

func (s surroundings) overSSH() bool { return s.env("SSH_CONNECTION") != "" || s.env("SSH_TTY") != "" }

// elsewhere says so if the person sits at another machine, whose clipboard can't be
// had here. With ssh -X the display, and its clipboard, are those that they sit at.
func (s surroundings) elsewhere() error {
	if s.overSSH() && !strings.HasPrefix(s.env("DISPLAY"), "localhost:") {
		return &NoAccess{"over ssh this machine's clipboard is not the one in front of you"}
	}
	return nil
}

// program is a means that runs a program, where that is installed.
func (s surroundings) program(name, hint string, read func(path string) func(context.Context) (Content, error)) (means, error) {
	path, err := s.find(name)
	if err != nil {
		return means{}, &NoAccess{"the clipboard is read with " + name + ", which is not installed: " + hint}
	}
	return means{name, read(path)}, nil
}
