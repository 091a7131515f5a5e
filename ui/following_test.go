package ui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/vlmchat/vlmchat/engine"
)

// Whoever has scrolled up reads on, whatever happens below; and whoever has not sees
// the end, whatever happens.
func TestNothingPullsAway(t *testing.T) {
	t.Parallel()
	happens := map[string]func(s stage){
		"text comes":        func(s stage) { s.hears(text("\nmore\nand\nmore\n")) },
		"a note comes":      func(s stage) { s.hears(engine.Event{Kind: engine.Note, Text: "A turn was left out."}) },
		"it ends":           func(s stage) { s.hears(done()); s.ends(nil) },
		"it fails":          func(s stage) { s.ends(errOdd) },
		"the composer":      func(s stage) { s.send(tea.PasteMsg{Content: "a\nb\nc\nd"}) },
		"a dialog":          func(s stage) { s.m.openPalette(); s.m.layout() },
		"finding":           func(s stage) { s.send(keyCtrlF, letter('x'), keyBackspace, keyEsc) },
		"all unfolds":       func(s stage) { s.send(keyCtrlT) },
		"all folds again":   func(s stage) { s.send(keyCtrlT, keyCtrlT) },
		"the terminal says": func(s stage) { s.send(uv.CellSizeEvent{Width: 9, Height: 18}) },
		"a picture comes": func(s stage) {
			s.m.attach(sources("late.png"), &request{})
			s.send(attachedMsg{attachment: s.m.attachments[0], shots: []*shot{newShot(testPicture("late.png", 20, 30))}})
		},
		"one that can't be read": func(s stage) {
			s.m.attach(sources("missing.png"), &request{})
			s.send(attachedMsg{attachment: s.m.attachments[0], err: errOdd})
		},
	}
	for name, happen := range happens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, up := range []int{0, 2, 7} {
				s := newStage(60, 20)
				s.loaded()
				s.enter("Count.")
				s.hears(engine.Event{Kind: engine.Thinking, Text: lines(500, 530)}, text(lines(1, 200)))
				for range up {
					s.send(keyPgUp)
				}
				first := func() string { return strings.SplitN(screenOf(s.m), "\n", 2)[0] }
				before := first()
				happen(s)
				switch {
				case up == 0 && !s.m.transcript.atEnd():
					t.Errorf("the end is out of view:\n%s", screenOf(s.m))
				case up > 0 && first() != before:
					t.Errorf("%d pages up: from %q to %q", up, before, first())
				}
			}
		})
	}
}

// A long line is wrapped anew in another width, and what is read stays in view.
func TestResizeKeepsThePlaceInLongLines(t *testing.T) {
	t.Parallel()
	s := newStage(80, 24)
	s.loaded()
	s.enter("Count.")
	var b strings.Builder
	for i := range 400 {
		fmt.Fprintf(&b, "word%d and some more of it, ", i)
	}
	s.hears(text(b.String()))
	for range 3 {
		s.send(keyPgUp)
	}
	s.m.View()
	read := strings.Fields(strings.SplitN(screenOf(s.m), "\n", 3)[1])
	word := read[len(read)/2]
	for _, size := range []tea.WindowSizeMsg{{Width: 40, Height: 24}, {Width: 110, Height: 24}, {Width: 80, Height: 24}} {
		s.send(size)
		if screen := screenOf(s.m); !strings.Contains(screen, word) {
			t.Errorf("%v: %q is out of view:\n%s", size, word, screen)
		}
	}
}
