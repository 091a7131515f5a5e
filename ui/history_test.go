package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/history"
)

var keyCtrlR = tea.KeyPressMsg{Code: 'r', Mod: tea.ModCtrl}

// kept waits until everything that was sent is in the file.
func (p *person) kept() {
	p.t.Helper()
	p.until("the history", func() bool { return !p.m.past.writing && p.m.past.upTo == len(p.m.composer.history) })
}

// What one chat was asked, the next one has.
func TestHistoryAcrossRuns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history")
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, History: history.Open(path)})
	for _, text := range []string{"one", "/system", "two"} {
		p.enter(text)
		p.idle()
	}
	p.write("three")
	p.press(keyAltEnter)
	p.enter("and more")
	p.kept()

	p = open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, History: history.Open(path)})
	p.write("half")
	p.until("the history", func() bool { return len(p.m.composer.history) == 4 })
	for _, want := range []string{"three\nand more", "two", "/system", "one"} {
		p.press(keyUp)
		if got := p.m.composer.value(); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
		for !p.m.composer.atTop() {
			p.press(keyUp)
		}
	}
	p.press(keyDown, keyDown, keyDown, keyDown, keyDown)
	if got := p.m.composer.value(); got != "half" {
		t.Errorf("%q was lost", got)
	}
}

// What was changed at a place of the history is there when one comes back to it.
func TestHistoryKeepsWhatIsBeingWritten(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}})
	for _, text := range []string{"one", "two"} {
		p.enter(text)
		p.idle()
	}
	p.write("draft")
	p.press(keyUp)
	p.write("!")
	p.press(keyUp, keyDown)
	if got := p.m.composer.value(); got != "two!" {
		t.Errorf("%q", got)
	}
	p.send(pastMsg{messages: []string{"earlier"}})
	p.press(keyDown)
	if got := p.m.composer.value(); got != "draft" {
		t.Errorf("%q", got)
	}
	p.press(keyUp, keyEnter)
	p.idle()
	if want := []string{"earlier", "one", "two", "two!"}; !slices.Equal(p.m.composer.history, want) {
		t.Errorf("%q", p.m.composer.history)
	}
}

func TestSearchHistory(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}})
	for _, text := range []string{"what colour is the disc", "how large is it", "what colour is the disc", "and the sky"} {
		p.enter(text)
		p.idle()
	}
	p.write("half")
	p.press(keyCtrlR)
	p.sees("What was sent before")
	if screen := p.screen(); strings.Index(screen, "  how large is it\n") < strings.Index(screen, "  what colour is the disc\n") {
		t.Errorf("the newest are not first, once each:\n%s", screen)
	}
	p.press(keyEsc)
	if got := p.m.composer.value(); got != "half" {
		t.Errorf("%q was lost", got)
	}
	p.press(keyCtrlR)
	p.write("colour")
	p.press(keyEnter)
	if got := p.m.composer.value(); got != "what colour is the disc" {
		t.Errorf("%q", got)
	}
}

// A history that can't be written is said once, and keeps nobody from chatting.
func TestHistoryThatFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, History: history.Open(filepath.Join(dir, "file", "history"))})
	for _, text := range []string{"one", "two"} {
		p.enter(text)
		p.idle()
		p.kept()
	}
	p.sees("History: ")
	if n := strings.Count(p.screen(), "History: "); n != 1 {
		t.Errorf("said %d times:\n%s", n, p.screen())
	}
}
