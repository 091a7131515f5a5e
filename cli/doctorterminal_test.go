package cli

import (
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

func TestJudgeTerminal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		facts terminalFacts
		env   map[string]string
		want  checkStatus
		said  string
	}{
		"good":  {terminalFacts{there: true, width: 80, height: 24, profile: colorprofile.TrueColor, unicode: true}, map[string]string{"TERM": "x", "TERM_PROGRAM": "p", "TERM_PROGRAM_VERSION": "1"}, statusOK, "x, p 1, 80x24, true colours, UTF-8"},
		"dumb":  {terminalFacts{there: true, unicode: true}, map[string]string{"TERM": "dumb"}, statusWarning, "no colours"},
		"ascii": {terminalFacts{there: true}, nil, statusWarning, "not UTF-8"},
		"none":  {terminalFacts{}, map[string]string{"TERM": "dumb"}, statusInfo, "none: "},
	} {
		c.facts.env = func(name string) string { return c.env[name] }
		if got := judgeTerminal(c.facts); got.Status != c.want || !strings.Contains(got.Message, c.said) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestJudgeClipboard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		goos      string
		env       map[string]string
		installed string
		status    checkStatus
		want      string
	}{
		{"linux", map[string]string{"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "wl-paste", statusOK, "wl-paste is there"},
		{"linux", map[string]string{"DISPLAY": ":0"}, "xsel", statusOK, "xsel is there"},
		{"linux", map[string]string{"DISPLAY": ":0"}, "wl-paste", statusInfo, "none: there is no xclip or xsel"},
		{"linux", nil, "xclip", statusInfo, "none: there is no display (WAYLAND_DISPLAY, DISPLAY)"},
		{"linux", map[string]string{"DISPLAY": ":0", "SSH_CONNECTION": "x"}, "xclip", statusInfo, "none: over ssh it is another machine's"},
		{"darwin", nil, "pbpaste", statusOK, "pbpaste is there"},
		{"windows", nil, "", statusOK, "the system's own"},
	} {
		env := func(name string) string { return c.env[name] }
		there := func(program string) bool { return program == c.installed }
		if got := judgeClipboard(c.goos, env, there); got.Status != c.status || got.Message != c.want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}
