package ui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/engine"
)

func TestFindWords(t *testing.T) {
	t.Parallel()
	s := talked(60, 14, 20)
	for range 3 {
		s.send(keyPgUp)
	}
	before := screenOf(s.m)
	s.send(keyCtrlF)
	for _, r := range "answer 1" {
		s.send(letter(r))
	}
	// 1 and 10 to 19.
	if screen := screenOf(s.m); !strings.Contains(screen, " of 11") || !strings.Contains(screen, "Answer 1") {
		t.Fatalf("\n%s", screen)
	}
	at := func() string {
		return strings.Fields(screenOf(s.m)[strings.Index(screenOf(s.m), " of 11")-2:])[0]
	}
	from := at()
	s.send(keyDown)
	if next := at(); next == from {
		t.Errorf("still at %s", next)
	}
	s.send(keyUp)
	if back := at(); back != from {
		t.Errorf("at %s, not back at %s", back, from)
	}
	for range 11 {
		s.send(keyDown)
		if !strings.Contains(screenOf(s.m), "Answer 1") {
			t.Fatalf("a match is not in view:\n%s", screenOf(s.m))
		}
	}
	if round := at(); round != from {
		t.Errorf("at %s, not round to %s", round, from)
	}
	s.send(keyEsc)
	if after := screenOf(s.m); after != before {
		t.Errorf("Esc went from\n%s\nto\n%s", before, after)
	}
	s.enter("/find Question 7")
	s.send(keyEnter)
	if screen := screenOf(s.m); s.selected() != "Question 7?" || !strings.Contains(screen, "▌ Question 7?") {
		t.Errorf("%q is selected:\n%s", s.selected(), screen)
	}
	s.send(keyEsc, keyCtrlF, letter('~'), letter('%'))
	if screen := screenOf(s.m); !strings.Contains(screen, "nothing found") {
		t.Errorf("\n%s", screen)
	}
}

// Small letters find capitals, and not the other way round. What is found in a thought
// unfolds it for as long as one is there.
func TestFindWhat(t *testing.T) {
	t.Parallel()
	s := newStage(50, 30)
	s.loaded()
	s.enter("Where is the Disc?")
	s.hears(engine.Event{Kind: engine.Thinking, Text: "Hm, a secret in it."},
		text("A **bold** and `snake_case` disc,\nwith 黄色的圆形在深蓝色的天空前面黄色的圆形在深蓝色的天空前面 and a word at the line's very end."), done())
	s.ends(nil)
	s.m.say(&note{text: "A note of mine.", hint: "And its hint."})
	for query, want := range map[string]int{
		"disc": 3, "Disc": 1, "bold and": 1, "snake_case": 1, "disc, with": 1, "disc.png": 1,
		"secret": 1, "天空前面黄色": 1, "note of mine": 1, "hint": 1, "line's very end": 1, "tok/s": 0, "a": -1, "**": 0,
	} {
		s.m.find(query)
		found := s.m.transcript.found
		if want >= 0 && found.total != want {
			t.Errorf("%q: %d matches, want %d", query, found.total, want)
		}
		// Each is marked, over lines' ends too.
		for i := range found.total {
			s.m.layout()
			view := s.m.View().Content
			if !strings.Contains(view, "\x1b[1;7m") {
				t.Errorf("%q: match %d is not marked:\n%s", query, i, ansi.Strip(view))
			}
			s.send(keyDown)
		}
		s.send(keyEsc)
		if screen := screenOf(s.m); strings.Contains(screen, "a secret") {
			t.Errorf("%q: the thought stays unfolded", query)
		}
	}
}

// Marks change how a screen looks, never what it says.
func TestMarksKeepTheText(t *testing.T) {
	t.Parallel()
	for _, profile := range []colorprofile.Profile{colorprofile.ASCII, colorprofile.TrueColor} {
		s := talked(50, 30, 5)
		s.send(tea.ColorProfileMsg{Profile: profile})
		s.m.find("e")
		marked := ansi.Strip(strings.Join(s.m.transcript.view(), "\n"))
		s.m.transcript.found = nil
		if plain := ansi.Strip(strings.Join(s.m.transcript.view(), "\n")); plain != marked {
			t.Errorf("%v: from\n%s\nto\n%s", profile, plain, marked)
		}
	}
}

// Whatever is looked for and wherever lines end, what is marked is within its line.
func FuzzSpans(f *testing.F) {
	f.Add("a disc before 黄色的圆形, a disc", "a disc", 7)
	f.Fuzz(func(t *testing.T, text, query string, width int) {
		width = 1 + max(0, width%80)
		st := newStyles(true, colorprofile.TrueColor, 0)
		n := &note{text: text}
		tr := newTranscript()
		tr.resize(frame{width: width, styles: st}, 20)
		tr.add(n)
		plain := strings.Join(tr.view(), "\n")
		tr.found = &found{}
		tr.found.look(tr, query, 0)
		for _, match := range tr.found.spans(tr.lines(0), everything, st.by) {
			for _, s := range match {
				if w := st.width(tr.lines(0)[s.line]); s.from < 0 || s.to > w || s.from >= s.to {
					t.Errorf("%+v in a line of %d", s, w)
				}
			}
		}
		if marked := strings.Join(tr.view(), "\n"); ansi.Strip(marked) != ansi.Strip(plain) {
			t.Errorf("%q became %q", ansi.Strip(plain), ansi.Strip(marked))
		}
	})
}

// A letter typed in a long conversation.
func BenchmarkFind(b *testing.B) {
	s := talked(120, 40, 1000)
	s.send(keyCtrlF)
	for i := 0; b.Loop(); i++ {
		s.m.dialog.(*finder).input.SetValue(fmt.Sprintf("e%d", i%9))
		s.m.dialog.(*finder).look(s.m)
		s.m.View()
	}
}

// What was found is marked no longer once something else is asked for in its place.
func TestFindingGivesWay(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("A disc.")}}})
	p.asks("What?")
	p.enter("/find disc")
	p.sees("1 of 1")
	p.run(p.m.openPicker(&picker{heading: "Other", empty: "Nothing."}))
	if p.m.transcript.found != nil {
		t.Error("it is marked still")
	}
}
