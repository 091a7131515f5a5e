package viewer

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		os        string
		env       map[string]string
		installed string
		detail    string
	}{
		"X11":           {"linux", map[string]string{"DISPLAY": ":0"}, "xdg-open", ""},
		"Wayland":       {"linux", map[string]string{"WAYLAND_DISPLAY": "w"}, "xdg-open", ""},
		"not installed": {"linux", map[string]string{"DISPLAY": ":0"}, "", "xdg-open, which is not installed"},
		"no screen":     {"linux", nil, "xdg-open", "there is no screen"},
		"ssh":           {"linux", map[string]string{"DISPLAY": ":0", "SSH_TTY": "/dev/pts/1"}, "xdg-open", "over ssh"},
		"ssh -X":        {"linux", map[string]string{"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "a"}, "xdg-open", ""},
		"a Mac":         {"darwin", nil, "open", ""},
		"a Mac, ssh":    {"darwin", map[string]string{"SSH_TTY": "a"}, "open", "over ssh"},
		"Windows":       {"windows", nil, "", ""},
	} {
		s := surroundings{os: c.os, env: func(name string) string { return c.env[name] }, find: func(program string) (string, error) {
			if program == c.installed {
				return "/bin/" + program, nil
			}
			return "", exec.ErrNotFound
		}}
		open, err := s.choose()
		var none *NoAccess
		if (err == nil) != (c.detail == "") || (open == nil) != (err != nil) || err != nil && (!errors.As(err, &none) || !strings.Contains(none.Detail, c.detail)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
