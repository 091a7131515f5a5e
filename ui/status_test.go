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
	if got := a.view(); !strings.Contains(got, "asking · 3 s") {
		t.Error(got)
	}
	a.set("loading", 0)
	if got := a.view(); !strings.HasSuffix(got, "loading") {
		t.Error(got)
	}
}
