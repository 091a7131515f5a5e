package ui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
)

// click sends a click of the left button on the line of the screen that has a text.
func (s stage) click(text string) {
	for y, line := range strings.Split(screenOf(s.m), "\n") {
		if strings.Contains(line, text) {
			s.send(tea.MouseClickMsg{X: 4, Y: y, Button: tea.MouseLeft}, tea.MouseReleaseMsg{X: 4, Y: y, Button: tea.MouseLeft})
			return
		}
	}
	panic(text + " is not on the screen:\n" + screenOf(s.m))
}

func TestMouse(t *testing.T) {
	t.Parallel()
	s := newStage(60, 24)
	s.loaded()
	s.enter("What is it?")
	s.hears(engine.Event{Kind: engine.Thinking, Text: "It is round."}, text("A disc."), done())
	s.ends(nil)
	s.click("A disc.")
	if got := s.selected(); got != "A disc." {
		t.Errorf("%q is selected", got)
	}
	s.click("▸ thought")
	if screen := screenOf(s.m); !strings.Contains(screen, "It is round.") {
		t.Errorf("the thought is folded:\n%s", screen)
	}
	s.click("▾ thought")
	if screen := screenOf(s.m); strings.Contains(screen, "It is round.") {
		t.Errorf("the thought is not folded:\n%s", screen)
	}
	s.click("disc.png")
	if got := s.selected(); got != "What is it?" {
		t.Errorf("%q is selected", got)
	}
	// The second click is too late.
	s.send(secondClickMsg(s.m.clicked.number))
	s.click("disc.png")
	if s.m.zoom != nil {
		t.Error("two slow clicks are a double click")
	}
	s.click("disc.png")
	if s.m.zoom == nil {
		t.Fatal("a double click does not zoom")
	}
	s.send(keyEsc)
	s.click("This is the demo model")
	if got := s.selected(); got != "" {
		t.Errorf("%q is selected by a note", got)
	}
}

// The rule says how much is below, and a click on it goes there.
func TestClickBelow(t *testing.T) {
	t.Parallel()
	s := talked(60, 14, 40)
	s.send(keyPgUp, keyPgUp)
	screen := screenOf(s.m)
	if !strings.Contains(screen, "↓ 20 lines · End") {
		t.Errorf("\n%s", screen)
	}
	s.send(letter('x'))
	if screen = screenOf(s.m); !strings.Contains(screen, "↓ 20 lines · Ctrl+End") {
		t.Errorf("\n%s", screen)
	}
	s.send(keyCtrlHome)
	if screen = screenOf(s.m); !strings.Contains(screen, "messages · Ctrl+End") {
		t.Errorf("\n%s", screen)
	}
	s.click("↓ ")
	if !s.m.transcript.atEnd() {
		t.Errorf("not at the end:\n%s", screenOf(s.m))
	}
}
