package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
)

func TestComposerKeys(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("Fine.")}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.write("one")
	p.press(keyAltEnter)
	p.write("two")
	p.press(keyCtrlJ)
	p.write("three")
	if got := p.m.composer.value(); got != "one\ntwo\nthree" {
		t.Fatalf("the composer holds %q", got)
	}
	if h := p.m.composer.height(); h != 3 {
		t.Errorf("it is %d lines high", h)
	}
	p.press(keyEnter)
	p.sees("Fine.")
	if got := turns(e.asked()[0])[0]; got != "user: one\ntwo\nthree" {
		t.Errorf("asked %q", got)
	}
	if h := p.m.composer.height(); h != 1 {
		t.Errorf("empty, it is %d lines high", h)
	}
}

func TestPasteLines(t *testing.T) {
	t.Parallel()
	for _, written := range []string{"a\nb", "a\rb", "a\r\nb", "a\x1b[31m\nb\u202e"} {
		p := open(t, Options{Setup: Setup{Engine: &fake{}}})
		p.send(tea.PasteMsg{Content: written})
		if got := p.m.composer.value(); got != "a\nb" {
			t.Errorf("%q became %q", written, got)
		}
	}
}

func TestComposerGrowsToAFewLines(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{}}})
	p.send(tea.PasteMsg{Content: strings.Repeat("line\n", 100) + "last"})
	if h := p.m.composer.height(); h != maxComposerLines {
		t.Errorf("it is %d lines high", h)
	}
	if got := strings.Count(p.m.composer.value(), "\n"); got != 100 {
		t.Errorf("it holds %d newlines", got)
	}
	if !strings.Contains(p.screen(), "last") {
		t.Errorf("the cursor's line is out of view:\n%s", p.screen())
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}})
	for _, text := range []string{"one", "/tiles", "/tiles", "two"} {
		p.enter(text)
		p.idle()
	}
	p.write("draft")
	for _, step := range []struct {
		key  tea.KeyPressMsg
		want string
	}{
		{keyUp, "two"}, {keyUp, "/tiles"}, {keyUp, "one"}, {keyUp, "one"},
		{keyDown, "/tiles"}, {keyDown, "two"}, {keyDown, "draft"}, {keyDown, "draft"},
	} {
		p.press(step.key)
		if got := p.m.composer.value(); got != step.want {
			t.Fatalf("got %q, want %q", got, step.want)
		}
	}
}

// Within a message of several lines the arrows move the cursor first.
func TestHistoryAndLines(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}})
	p.enter("one")
	p.idle()
	p.write("a")
	p.press(keyCtrlJ)
	p.write("b")
	p.press(keyUp)
	if got := p.m.composer.value(); got != "a\nb" {
		t.Fatalf("got %q", got)
	}
	p.press(keyUp)
	if got := p.m.composer.value(); got != "one" {
		t.Fatalf("got %q", got)
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("Fine.")}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.enter("/describe it")
	p.sees("There is no command /describe, and it was not sent.")
	p.enter("/")
	p.sees("There is no command /, and")
	p.enter("/attach")
	p.sees("Pictures in ")
	p.press(keyEsc)
	p.enter("/HELP")
	p.sees("/attach [PATH]  ")
	p.press(keyEsc)
	if n := len(e.asked()); n != 0 {
		t.Errorf("%d requests", n)
	}
	p.enter(" /describe it")
	p.sees("Fine.")
	if got := turns(e.asked()[0])[0]; got != "user: /describe it" {
		t.Errorf("asked %q", got)
	}
}

func TestHelpKey(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{}}})
	p.write("?")
	p.sees("Commands")
	p.sees("/attach [PATH]")
	p.write("scroll up") // a key by what it does
	p.sees("› PgUp")
	p.press(keyEnter)
	p.write("why?")
	if got := p.m.composer.value(); got != "why?" {
		t.Errorf("the composer holds %q", got)
	}
	p.m.composer.set("")
	p.write("?crop")
	p.press(keyEnter)
	if got := p.m.composer.value(); got != "/crop " {
		t.Errorf("the composer holds %q", got)
	}
}

func TestLeave(t *testing.T) {
	t.Parallel()
	quits := func(p *person, msg tea.Msg) bool {
		_, cmd := p.m.Update(msg)
		_, is := cmd().(tea.QuitMsg)
		return is
	}
	p := open(t, Options{Setup: Setup{Engine: &fake{}}})
	p.press(keyCtrlC)
	p.sees("press Ctrl+C again to quit")
	if !quits(p, keyCtrlC) {
		t.Error("the second Ctrl+C does not quit")
	}

	p = open(t, Options{Setup: Setup{Engine: &fake{}}})
	p.press(keyCtrlC)
	p.write("x") // changed my mind
	if p.m.armed != 0 || p.m.status.flash != "" {
		t.Error("another key does not disarm")
	}
	p.press(keyCtrlC)
	p.send(disarmMsg(1)) // of the first, which is over
	if p.m.armed == 0 {
		t.Error("an old timer disarmed a new press")
	}
	p.send(disarmMsg(2))
	if p.m.armed != 0 || p.m.status.flash != "" {
		t.Error("time does not disarm")
	}

	p = open(t, Options{Setup: Setup{Engine: &fake{}}})
	p.write("/quit")
	if !quits(p, keyEnter) {
		t.Error("/quit does not quit")
	}
}

// Whoever reads further up is not pulled down by what is written below.
func TestScrollWhileStreaming(t *testing.T) {
	t.Parallel()
	more := make(chan string)
	e := &fake{}
	e.reply = func(_ context.Context, _ engine.Request, yield yield) {
		for text := range more {
			yield(engine.Event{Kind: engine.Delta, Text: text}, nil)
		}
		yield(done(), nil)
	}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.enter("Count.")
	p.until("asked", func() bool { return len(e.asked()) == 1 })
	more <- lines(1, 60)
	p.sees("line 60.")
	p.press(keyPgUp)
	before := p.screen()
	if !strings.Contains(before, "↓ ") || strings.Contains(before, "line 60.") {
		t.Fatalf("not scrolled:\n%s", before)
	}
	more <- lines(61, 90)
	p.until("more lines", func() bool { return strings.Contains(p.m.talk.leaf.answer.raw.String(), "line 90.") })
	if transcriptOf(p.screen()) != transcriptOf(before) {
		t.Errorf("pulled along:\n%s", p.screen())
	}
	p.press(keyCtrlHome)
	p.sees("┃ Count.")
	for range 30 {
		p.send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	}
	p.sees("line 90.")
	more <- lines(91, 120)
	p.sees("line 120.") // at the end it follows again
	p.send(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
	p.press(keyPgDown)
	p.sees("line 120.")
	p.press(keyPgUp, keyPgUp, keyCtrlEnd)
	p.sees("line 120.")
	close(more)
	p.idle()
}

// transcriptOf cuts off the lines below.
func transcriptOf(screen string) string {
	before, _, _ := strings.Cut(screen, "───")
	return before
}

func lines(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "line %d.\n", i)
	}
	return b.String()
}
