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
	overSSH := s.env("SSH_CONNECTION") != "" || s.env("SSH_TTY") != ""
	display := s.env("DISPLAY")
	// With ssh -X the display, and its clipboard, are those that the person sits at.
	forwarded := strings.HasPrefix(display, "localhost:")
	switch {
	case overSSH && !forwarded:
		return means{}, &NoAccess{"over ssh the clipboard of this machine is not the one that you copy into"}
	case s.os == "windows":
		return means{"the system's own", readSystem}, nil
	case s.os == "darwin":
		return s.program("osascript", "macOS has it", osascript)
	case s.env("WAYLAND_DISPLAY") != "" && !overSSH:
		return s.program("wl-paste", "it is in the package wl-clipboard", wayland)
	case display != "":
		return s.program("xclip", "it is in the package of this name", x11)
	}
	return means{}, &NoAccess{"there is no display, and so no clipboard (WAYLAND_DISPLAY and DISPLAY are not set)"}
}

// program is a means that runs a program, where that is installed.
func (s surroundings) program(name, hint string, read func(path string) func(context.Context) (Content, error)) (means, error) {
	path, err := s.find(name)
	if err != nil {
		return means{}, &NoAccess{"the clipboard is read with " + name + ", which is not installed: " + hint}
	}
	return means{name, read(path)}, nil
}
