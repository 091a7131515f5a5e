package clipboard

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestChooseWriting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		os        string
		env       map[string]string
		installed []string
		by        string
		detail    string
	}{
		"Wayland":       {"linux", map[string]string{"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, []string{"wl-copy", "xclip"}, "wl-copy", ""},
		"X11":           {"linux", map[string]string{"DISPLAY": ":0"}, []string{"xclip", "xsel"}, "xclip", ""},
		"X11 with xsel": {"linux", map[string]string{"DISPLAY": ":0"}, []string{"xsel"}, "xsel", ""},
		"not installed": {"linux", map[string]string{"DISPLAY": ":0"}, []string{"wl-copy"}, "", "xclip, which is not installed"},
		"no display":    {"linux", nil, []string{"xclip"}, "", "there is no display"},
		"ssh":           {"linux", map[string]string{"DISPLAY": ":0", "SSH_TTY": "/dev/pts/1"}, []string{"xclip"}, "", "over ssh"},
		"ssh -X":        {"linux", map[string]string{"DISPLAY": "localhost:10.0", "WAYLAND_DISPLAY": "w", "SSH_TTY": "/dev/pts/1"}, []string{"xclip"}, "xclip", ""},
		"a Mac":         {"darwin", nil, []string{"pbcopy"}, "pbcopy", ""},
		"Windows":       {"windows", nil, nil, "the system's clipboard", ""},
	} {
		here := surroundings{os: c.os, env: func(name string) string { return c.env[name] }, find: func(program string) (string, error) {
			if slices.Contains(c.installed, program) {
				return "/bin/" + program, nil
			}
			return "", exec.ErrNotFound
		}}
		w, err := here.chooseWriting()
		var none *NoAccess
		if w.name != c.by || (err == nil) != (c.detail == "") || err != nil && (!errors.As(err, &none) || !strings.Contains(none.Detail, c.detail)) {
			t.Errorf("%s: %q %v", name, w.name, err)
		}
		if here.tmux() != nil {
			t.Errorf("%s: there is no tmux", name)
		}
	}
}
