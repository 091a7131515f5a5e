package ui

import (
	"strings"
	"testing"
	"time"
)

// What begins has not lasted yet, however long ago something else was shown.
func TestActivityBegins(t *testing.T) {
	t.Parallel()
	var a activity
	start := time.Now()
	a.set("asking", 0)
	a.tick(start)
	a.tick(start.Add(3 * time.Second))
	if got := a.view(""); !strings.Contains(got, "asking · 3 s") {
		t.Error(got)
	}
	a.set("loading", 0)
	if got := a.view(""); !strings.HasSuffix(got, "loading") {
		t.Error(got)
	}
}

func lastLine(screen string) string { return screen[strings.LastIndex(screen, "\n")+1:] }

// How an answer went stands under it; where answers have no footer, the last line has it.
func TestStatusWithoutFooters(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: echo()}, NoFooter: true})
	p.asks("Well?")
	p.until("answered", func() bool {
		return strings.HasSuffix(p.screen(), "ctx █░░░░ 6% of 2k · 500 tok/s · TTFT 120 ms · 64 picture tokens")
	})
	if screen := p.screen(); strings.Count(screen, "tok/s") != 1 {
		t.Errorf("more than once:\n%s", screen)
	}
}
