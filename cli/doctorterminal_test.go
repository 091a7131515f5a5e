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
