package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

var (
	keyBranchPrev = tea.KeyPressMsg{Code: tea.KeyLeft, Mod: tea.ModAlt | tea.ModShift}
	keyBranchNext = tea.KeyPressMsg{Code: tea.KeyRight, Mod: tea.ModAlt | tea.ModShift}
)

// echo answers each question with its number and its text.
func echo() *fake {
	e := &fake{}
	n := 0
	e.reply = func(_ context.Context, r engine.Request, yield yield) {
		n++
		last := r.Messages[len(r.Messages)-1].Parts
		yield(engine.Event{Kind: engine.Delta, Text: fmt.Sprintf("Answer %d to %s", n, last[len(last)-1].Text)}, nil)
		yield(done(), nil)
	}
	return e
}

// asks writes a line, and waits for what comes of it.
func (p *person) asks(text string) {
	p.t.Helper()
	p.enter(text)
	p.idle()
}

// lastAsked is what the engine was asked last.
func lastAsked(e *fake) []string {
	all := e.asked()
	return turns(all[len(all)-1])
}

// A message that is asked anew takes the place of the old one, which stays as a branch.
func TestEdit(t *testing.T) {
	t.Parallel()
	e := echo()
	p := open(t, Options{Setup: Setup{Engine: e}, Pictures: []*images.Picture{testPicture("a.png", 8, 8)}})
	p.asks("What?")
	p.sees("Answer 1 to What?")
	p.press(keyUp)
	p.sees(" editing message 1 ")
	p.sees("[a.png · 8×8]×\n› What?\n " + "Enter asks it anew · Esc leaves it")
	p.write(" Really?")
	p.asks("")
	p.sees("Answer 2 to What? Really?")
	if got, want := lastAsked(e), []string{"user: [a.png] What? Really?"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	p.sees("┃ What? Really?  ‹2/2›")
	if strings.Contains(p.screen(), "Answer 1") {
		t.Errorf("the old answer is still there:\n%s", p.screen())
	}
	p.press(keyBranchPrev)
	p.sees("┃ What?  ‹1/2›")
	p.sees("Answer 1 to What?")
	p.asks("And?")
	if got, want := lastAsked(e), []string{"user: [a.png] What?", "assistant: Answer 1 to What?", "user: And?"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	p.press(keyBranchNext)
	p.sees("Answer 2")
	p.press(keyBranchNext) // and to where it ended
	p.sees("Answer 3 to And?")
}

func TestLeaveEdit(t *testing.T) {
	t.Parallel()
	e := echo()
	p := open(t, Options{Setup: Setup{Engine: e}, Pictures: []*images.Picture{testPicture("a.png", 8, 8)}})
	p.press(keyUp) // nothing to edit
	if p.m.edit != nil {
		t.Fatal("edits nothing")
	}
	p.asks("One?")
	p.asks("Two?")
	p.press(keyUp)
	p.sees("› Two?")
	p.press(keyEsc)
	if p.m.edit != nil || !p.m.composer.empty() {
		t.Errorf("not left:\n%s", p.screen())
	}
	p.enter("/edit 1")
	p.sees("[a.png · 8×8]×\n› One?")
	p.press(keyEsc)
	if len(p.m.attachments) > 0 {
		t.Errorf("its picture is left behind:\n%s", p.screen())
	}
	p.press(keyUp, keyUp) // the last message, and those before
	p.sees("› /edit 1")
	if p.m.edit != nil {
		t.Error("edits what is in the history")
	}
	p.m.composer.set("")
	p.enter("/edit 7")
	p.sees("There is no message 7.")
	p.asks("/attach b.png")
	p.enter("/edit")
	p.sees("Pictures wait for the next message.")
	if len(e.asked()) != 2 {
		t.Errorf("asked %d times", len(e.asked()))
	}
}

// What was being written when another message was edited comes back.
func TestEditKeepsTheDraft(t *testing.T) {
	t.Parallel()
	e := echo()
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.asks("One?")
	p.write("a draft")
	p.run(p.m.startEdit(p.m.talk.leaf))
	p.write("!")
	p.asks("")
	p.sees("Answer 2 to One?!")
	p.sees("› a draft")
}

// A message that is changed while its answer comes stops that.
func TestEditStopsTheAnswer(t *testing.T) {
	t.Parallel()
	e := &fake{reply: sayThenHang("Well")}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.enter("Wat?")
	p.sees("Well")
	p.press(keyUp)
	p.sees("answering")
	p.press(keyBackspace, keyBackspace)
	p.write("ts?")
	e.mu.Lock()
	e.reply = say("Fine.")
	e.mu.Unlock()
	p.press(keyEnter)
	p.sees("Fine.")
	if got, want := lastAsked(e), []string{"user: Wats?"}; !slices.Equal(got, want) || e.overlap {
		t.Errorf("asked %q, want %q; overlap %v", got, want, e.overlap)
	}
}

// A picture that the text of a message names is not attached twice when it is edited.
func TestEditWithANameInTheText(t *testing.T) {
	t.Parallel()
	e := echo()
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.asks("Look at ./d.png")
	p.press(keyUp)
	p.write(" again")
	p.asks("")
	p.until("asked twice", func() bool { return len(e.asked()) == 2 })
	if got, want := lastAsked(e), []string{"user: [./d.png] Look at ./d.png again"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

// Asked again, a fixed seed is another one, and the person sees it; the old answer is
// a branch. A message that is edited without a change is asked again as well.
func TestRetryIsABranch(t *testing.T) {
	t.Parallel()
	e := echo()
	seed := uint32(42)
	p := open(t, Options{Setup: Setup{Engine: e, Sampling: engine.Sampling{Temperature: 0.7, Seed: &seed}}})
	p.asks("What?")
	p.asks("/retry")
	p.sees("Answer 2 to What?  ‹2/2›")
	p.sees("in place of 42")
	p.press(keyUp)
	p.asks("")
	p.sees("Answer 3 to What?  ‹3/3›")
	seen := map[uint32]bool{}
	for _, r := range e.asked() {
		seen[*r.Sampling.Seed] = true
	}
	if len(seen) != 3 || !seen[42] || *p.m.setup.Sampling.Seed != 42 {
		t.Errorf("the seeds were %v, and the setting is %d", seen, *p.m.setup.Sampling.Seed)
	}
	p.press(keyBranchPrev)
	p.sees("Answer 2 to What?  ‹2/3›")
	p.asks("And?")
	if got, want := lastAsked(e), []string{"user: What?", "assistant: Answer 2 to What?", "user: And?"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

// A try that failed is not offered as another answer.
func TestRetryOfAFailure(t *testing.T) {
	t.Parallel()
	e := &fake{reply: refuse("", errOdd)}
	p := open(t, Options{Setup: Setup{Engine: e, Sampling: engine.Sampling{Temperature: 0.7}}})
	p.asks("What?")
	e.reply = say("This.")
	p.asks("/retry")
	p.sees("This.")
	if strings.Contains(p.screen(), "‹") {
		t.Errorf("the failed one is a branch:\n%s", p.screen())
	}
}

func TestRetryAtTemperatureZero(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: echo()}})
	p.asks("What?")
	p.asks("/retry")
	p.sees("The temperature is 0")
}

// Another model gets the same question, and goes on; one that is not there changes
// nothing.
func TestRetryWithAnotherModel(t *testing.T) {
	t.Parallel()
	one, two := newServer("one", say("First.")), newServer("two", say("Second."))
	p := open(t, Options{Setup: between(one, map[string]engine.Engine{"two": two})})
	p.sees("one · ollama")
	p.asks("What?")
	p.asks("/retry three")
	p.sees("one goes on.")
	p.sees("First.")
	p.asks("/retry two")
	p.sees("Second.  ‹2/2›")
	if got, want := turns(two.asked()[0]), []string{"user: What?"}; !slices.Equal(got, want) || len(one.asked()) != 1 {
		t.Errorf("asked %q", got)
	}
}

func TestBranchesAreATree(t *testing.T) {
	t.Parallel()
	e := echo()
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.enter("/branch")
	p.sees("Nothing was asked yet.")
	p.press(keyEsc)
	p.sees("tiny-vlm")
	for _, q := range []string{"One", "Two", "Three"} {
		p.asks(q)
	}
	p.enter("/branch 1")
	p.sees("the conversation goes on behind message 1; what came then is kept")
	p.asks("Four")
	if got, want := lastAsked(e), []string{"user: One", "assistant: Answer 1 to One", "user: Four"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	p.enter("/branch")
	at := p.m.dialog.(*picker).at
	for i, want := range []string{"1 One •", "├ 2 Two", "│ 3 Three", "└ 4 Four •"} {
		line := strings.Split(p.screen(), "\n")[19+i]
		if !strings.Contains(line, want) || !strings.Contains(line, "Answer ") || !strings.Contains(line, "tiny-vlm") {
			t.Errorf("line %d is %q, without %q", i, line, want)
		}
	}
	if at != 3 {
		t.Errorf("%d is chosen", at)
	}
	p.press(keyUp, keyEnter)
	p.sees("Answer 3 to Three")
	if strings.Contains(p.screen(), "Answer 4") {
		t.Errorf("the other branch is still there:\n%s", p.screen())
	}
	p.sees("┃ Two  ‹1/2›")
	p.m.plain = true
	p.enter("/branch")
	p.sees("  1 One: Answer 1 to One · tiny-vlm")
	p.sees("  │ 3 Three: Answer 3 to Three · tiny-vlm")
	p.sees("  └ 4 Four: Answer")
}

func TestUndo(t *testing.T) {
	t.Parallel()
	e := echo()
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.asks("/undo")
	p.sees("There is nothing to take back.")
	p.asks("One")
	p.asks("Two")
	p.asks("/undo")
	p.asks("/undo")
	p.sees("message 1 is taken back")
	if screen := p.screen(); strings.Contains(screen, "One\n") || strings.Contains(screen, "Answer") {
		t.Errorf("it is still there:\n%s", screen)
	}
	p.asks("/redo")
	p.sees("Answer 1 to One")
	p.asks("/redo")
	p.sees("Answer 2 to Two")
	p.asks("/redo")
	p.sees("Nothing was taken back")
	p.asks("/undo")
	p.asks("Three")
	if got, want := lastAsked(e), []string{"user: One", "assistant: Answer 1 to One", "user: Three"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	p.asks("/redo") // something else was said since
	p.sees("Nothing was taken back")
	p.sees("┃ Three  ‹2/2›")
}

// While an answer comes the conversation stays where it is.
func TestNoTravelWhileAnswering(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: sayThenHang("Well")}}})
	p.enter("What?")
	p.sees("Well")
	for _, command := range []string{"/undo", "/redo", "/branch 1"} {
		p.enter(command)
		p.sees(withKey(busyHint, " · Esc stops"))
		p.press(keyDown)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 18, 0, 0, 0, time.UTC)
	if got := clock(now.Add(-time.Hour), now); got != "17:00" {
		t.Error(got)
	}
	if got := clock(now.AddDate(0, 0, -1), now); got != "28 Nov 18:00" {
		t.Error(got)
	}
}
