package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

var (
	keyAltLeft  = tea.KeyPressMsg{Code: tea.KeyLeft, Mod: tea.ModAlt}
	keyAltRight = tea.KeyPressMsg{Code: tea.KeyRight, Mod: tea.ModAlt}
	keyLeft     = tea.KeyPressMsg{Code: tea.KeyLeft}
	keyDelete   = tea.KeyPressMsg{Code: tea.KeyDelete}
)

// attaches puts pictures into the row, as read as they are in a moment.
func (s stage) attaches(names ...string) {
	s.m.attachments = nil
	for i, name := range names {
		s.m.attachments = append(s.m.attachments, &attachment{source: name, shot: newShot(testPicture(name, 20+i, 30)), from: &request{}, taken: true})
	}
}

// row is the order of the chips, the selected one in brackets.
func (s stage) row() string {
	var all []string
	for _, a := range s.m.attachments {
		name := strings.TrimSuffix(a.source, ".png")
		if a == s.m.chips.selected {
			name = "(" + name + ")"
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

func TestChips(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		text string // in the composer
		keys []tea.KeyPressMsg
		row  string
		left string // in the composer
	}{
		{"the last", "", []tea.KeyPressMsg{keyAltLeft}, "a b (c)", ""},
		{"the first", "", []tea.KeyPressMsg{keyAltRight}, "(a) b c", ""},
		{"by Shift+Tab", "", []tea.KeyPressMsg{keyShiftTab}, "a b (c)", ""},
		{"while writing", "two words", []tea.KeyPressMsg{keyShiftTab, keyDelete}, "a (b)", "two words"},
		{"a word left", "two words", []tea.KeyPressMsg{keyAltLeft, letter('x')}, "a b c", "two xwords"},
		{"moving between", "", []tea.KeyPressMsg{keyAltLeft, keyLeft, keyLeft, keyLeft, keyRight}, "a (b) c", ""},
		{"beyond the last", "", []tea.KeyPressMsg{keyAltLeft, keyRight, letter('x')}, "a b c", "x"},
		{"ends", "", []tea.KeyPressMsg{keyAltLeft, keyHome}, "(a) b c", ""},
		{"moving it", "", []tea.KeyPressMsg{keyAltLeft, keyAltLeft, keyAltLeft, keyAltLeft, keyAltRight}, "a (c) b", ""},
		{"at the end", "", []tea.KeyPressMsg{keyAltLeft, keyAltRight}, "a b (c)", ""},
		{"removing", "", []tea.KeyPressMsg{keyAltRight, keyDelete, keyBackspace}, "(c)", ""},
		{"removing the last", "", []tea.KeyPressMsg{keyAltLeft, keyDelete}, "a (b)", ""},
		{"removing all", "", []tea.KeyPressMsg{keyAltLeft, keyDelete, keyDelete, keyDelete, letter('x')}, "", "x"},
		{"leaving", "", []tea.KeyPressMsg{keyAltLeft, keyEsc, keyBackspace}, "a b", ""},
		{"writing", "", []tea.KeyPressMsg{keyAltLeft, letter('x'), keyBackspace, keyBackspace}, "a b", ""},
		{"a key of the chat", "", []tea.KeyPressMsg{keyAltLeft, keyPgUp}, "a b c", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(60, 16)
			s.loaded()
			s.attaches("a.png", "b.png", "c.png")
			s.m.composer.set(test.text)
			for _, k := range test.keys {
				s.send(k)
			}
			if got, text := s.row(), s.m.composer.value(); got != test.row || text != test.left {
				t.Errorf("chips %q, want %q; the composer holds %q, want %q", got, test.row, text, test.left)
			}
		})
	}
}

// The model is sent the pictures as the chips stand, and those of the start are shown so.
func TestChipsAreSentInTheirOrder(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("Fine.")}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.enter("/attach a.png b.png c.png")
	p.idle()
	p.press(keyAltRight, keyAltRight, keyAltRight, keyEsc)
	p.enter("What?")
	p.sees("Fine.")
	if got, want := turns(e.asked()[0]), []string{"user: [b.png] [c.png] [a.png] What?"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

// One that is being read can be moved and removed, stays selected when it is there, and
// what waits for it comes back.
func TestChipsBeingRead(t *testing.T) {
	t.Parallel()
	s := newStage(60, 16)
	s.loaded()
	s.attaches("a.png")
	s.enter("/attach b.png")
	s.send(keyAltLeft, keyAltLeft, keyEnter)
	if s.m.zoom != nil || !strings.Contains(screenOf(s.m), "▐reading b.png…▌× [a.png") {
		t.Errorf("\n%s", screenOf(s.m))
	}
	b := s.m.attachments[0]
	s.send(attachedMsg{attachment: b, shots: []*shot{newShot(testPicture("b.png#1", 9, 9)), newShot(testPicture("b.png#2", 9, 9))}})
	if got, want := s.row(), "(b.png#1) b.png#2 a"; got != want {
		t.Errorf("chips %q, want %q", got, want)
	}
	s.send(keyEsc)
	s.enter("/attach c.png")
	s.enter("What?")
	if s.m.outbox == nil {
		t.Fatal("the question does not wait")
	}
	s.send(keyShiftTab, keyDelete)
	if got := s.row(); s.m.outbox != nil || got != "b.png#1 b.png#2 (a)" || s.m.composer.value() != "What?" {
		t.Errorf("chips %q; the composer holds %q", got, s.m.composer.value())
	}
}

// A chip is looked at closely, and is still selected then.
func TestZoomOnChip(t *testing.T) {
	t.Parallel()
	s := newStage(60, 16)
	s.loaded()
	s.attaches("a.png", "b.png", "c.png")
	s.send(keyAltLeft, keyLeft, letter('z'))
	if s.m.zoom == nil || s.m.zoom.shots[s.m.zoom.at] != s.m.attachments[1].shot {
		t.Fatal("another picture is looked at")
	}
	s.send(keyEsc)
	if got := s.row(); got != "a (b) c" {
		t.Errorf("chips %q", got)
	}
}

// Whichever is selected is seen, whole where there is room for that, and all are counted.
func TestManyChips(t *testing.T) {
	t.Parallel()
	st := newStyles(true, colorprofile.ASCII, 0)
	var as attachments
	for i := range 12 {
		source := fmt.Sprintf("%s-%d.png", strings.Repeat("x", 3*i), i)
		as = append(as, &attachment{source: source, shot: newShot(testPicture(source, 8, 8))})
	}
	for _, width := range []int{20, 40, 60, 80} {
		var c chips
		for _, at := range []int{0, 5, 11, 10, 9, 3, 11, 0, -1} {
			c.selected = nil
			if at >= 0 {
				c.selected = as[at]
			}
			seen := c.row(as, width, st)
			i := slices.IndexFunc(seen, func(s seenChip) bool { return s.of == c.selected })
			if at >= 0 && (i < 0 || seen[i].short && i > 0) {
				t.Errorf("in %d cells number %d is at %d of %d", width, at, i, len(seen))
			}
			line := c.draw(as, width, st)
			if behind := len(as) - c.first - len(seen); behind > 0 && !strings.Contains(line, fmt.Sprintf(" +%d", behind)) ||
				c.first > 0 && !strings.Contains(line, fmt.Sprintf("‹%d ", c.first)) || st.width(line) > width {
				t.Errorf("%d cells: %q", width, line)
			}
		}
	}
}

func TestChipsSayTheirPage(t *testing.T) {
	t.Parallel()
	st := newStyles(true, colorprofile.ASCII, 0)
	a := &attachment{shot: newShot(testPicture("/home/me/a long report.pdf#12", 800, 600))}
	for room, want := range map[int]string{40: "a long report.pdf#12 · 800×600", 16: "a long repor…#12", 9: "a lon…#12"} {
		if got := a.chip(room, st); got != want {
			t.Errorf("in %d cells %q, want %q", room, got, want)
		}
	}
}

func TestClickOnChips(t *testing.T) {
	t.Parallel()
	s := newStage(40, 16)
	s.loaded()
	s.attaches("a.png", "b.png", "c.png", "d.png", "e.png")
	clickAt := func(text string, beyond int) {
		t.Helper()
		for y, line := range strings.Split(screenOf(s.m), "\n") {
			if before, _, found := strings.Cut(line, text); found && strings.Contains(line, "]×") {
				s.send(tea.MouseClickMsg{X: s.m.styles.width(before) + beyond, Y: y, Button: tea.MouseLeft})
				return
			}
		}
		t.Fatalf("no %s:\n%s", text, screenOf(s.m))
	}
	for _, step := range []struct {
		click  string
		beyond int
		row    string
	}{
		{"[b.png", 3, "a (b) c d e"},
		{"[a.png", 0, "(a) b c d e"},
		{"[b.png · 21×30]×", 15, "a c d e"}, // nothing is selected, as nothing was of it
		{" +2", 1, "a c (d) e"},
		{"‹", 0, "a (c) d e"},
	} {
		clickAt(step.click, step.beyond)
		if got := s.row(); got != step.row {
			t.Errorf("after a click on %q: %q, want %q\n%s", step.click, got, step.row, screenOf(s.m))
		}
	}
}

// A click in the text puts the cursor there.
func TestClickInComposer(t *testing.T) {
	t.Parallel()
	s := newStage(40, 16)
	s.loaded()
	s.m.composer.set("one\ntwo three")
	s.send(keyShiftTab)
	for y, line := range strings.Split(screenOf(s.m), "\n") {
		if strings.Contains(line, "two three") {
			s.send(tea.MouseClickMsg{X: 6, Y: y, Button: tea.MouseLeft})
		}
	}
	s.send(letter('x'))
	if got := s.m.composer.value(); got != "one\ntwo xthree" || s.m.chips.selected != nil {
		t.Errorf("the composer holds %q", got)
	}
}
