package ui

import (
	"context"
	"errors"
	"fmt"
	"image"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/images/clipboard"
	"github.com/vlmchat/vlmchat/images/viewer"
)

func letter(r rune) tea.KeyPressMsg { return tea.KeyPressMsg{Code: r, Text: string(r)} }

// talked is a stage with so many questions, each answered in three lines.
func talked(width, height, questions int) stage {
	s := newStage(width, height)
	s.loaded()
	for i := range questions {
		s.enter(fmt.Sprintf("Question %d?", i+1))
		s.hears(text(fmt.Sprintf("Answer %d.\nmore\nend %d", i+1, i+1)), done())
		s.ends(nil)
	}
	return s
}

// selected is the text of the message that is selected, "" if none is.
func (s stage) selected() string {
	if b, ok := s.m.transcript.selected.(message); ok {
		return strings.SplitN(b.source(), "\n", 2)[0]
	}
	return ""
}

func TestSelecting(t *testing.T) {
	t.Parallel()
	s := talked(60, 16, 5)
	steps := []struct {
		key  tea.KeyPressMsg
		want string
	}{
		{keyAltUp, "Answer 5."},
		{keyAltUp, "Question 5?"},
		{keyUp, "Answer 4."},
		{letter('k'), "Question 4?"},
		{letter('j'), "Answer 4."},
		{keyDown, "Question 5?"},
		{tea.KeyPressMsg{Code: tea.KeyHome}, "Question 1?"},
		{keyAltUp, "Question 1?"},
		{tea.KeyPressMsg{Code: tea.KeyEnd}, "Answer 5."},
		{keyAltDown, ""},
		{keyAltUp, "Answer 5."},
		{keyEsc, ""},
	}
	for i, step := range steps {
		s.send(step.key)
		if got := s.selected(); got != step.want {
			t.Fatalf("step %d: %q is selected, want %q", i, got, step.want)
		}
		screen := screenOf(s.m)
		if step.want != "" && !strings.Contains(screen, "▌ "+step.want) {
			t.Fatalf("step %d: it is not marked in view:\n%s", i, screen)
		}
		if step.want == "" && strings.Contains(screen, "▌") {
			t.Fatalf("step %d: something is marked:\n%s", i, screen)
		}
	}
	// A key that writes goes to the composer.
	s.send(keyAltUp, letter('x'))
	if s.selected() != "" || s.m.composer.value() != "x" {
		t.Errorf("%q is selected, and %q written", s.selected(), s.m.composer.value())
	}
	// What is selected goes with the conversation.
	s.send(keyAltUp)
	s.m.clear("")
	if s.selected() != "" {
		t.Error("it is selected still")
	}
}

// A message that was scrolled to is selected where it is.
func TestSelectingInView(t *testing.T) {
	t.Parallel()
	s := talked(60, 12, 30)
	for range 4 {
		s.send(keyPgUp)
	}
	before := screenOf(s.m)
	s.send(keyAltUp)
	if after := screenOf(s.m); !strings.Contains(before, s.selected()) || strings.ReplaceAll(after, "▌", "┃")[:20] != before[:20] {
		t.Errorf("from\n%s\nto\n%s", before, after)
	}
}

// copier remembers what was copied.
type copier struct {
	text string
	by   string
	err  error
}

func (c *copier) copy(_ context.Context, text string) (string, error) {
	c.text = text
	return c.by, c.err
}

func TestCopy(t *testing.T) {
	t.Parallel()
	c := &copier{by: "xclip"}
	answers := []string{"one **bold**\x1b[31m word\n", "Two:\n```go\na := 1\n```\nand\n```\nb\n```"}
	e := &fake{reply: func(ctx context.Context, r engine.Request, y yield) {
		say(answers[(len(r.Messages)-1)/2])(ctx, r, y)
	}}
	p := open(t, Options{Setup: Setup{Engine: e}, Copy: c.copy})
	p.m.terminal.facts.Env = func(name string) string { return map[string]string{"TERM": "xterm"}[name] }
	p.press(keyCtrlY)
	p.sees("There is nothing yet to copy.")
	for _, question := range []string{"First?", "Second?"} {
		p.enter(question)
		p.until("asked", func() bool { return p.m.run != nil })
		p.idle()
	}
	copies := func(what, want string) {
		t.Helper()
		p.sees("copied " + what)
		if c.text != want {
			t.Errorf("copied %q, want %q", c.text, want)
		}
		p.press(keyEsc)
	}
	p.press(keyCtrlY)
	copies("the last answer (", answers[1])
	p.enter("/copy 1")
	copies("answer 1 (17 characters) by xclip and the terminal", "one **bold** word")
	p.enter("/copy code")
	copies("code 1 of 2 (go) (7 characters)", "a := 1\n")
	p.enter("/copy code 2")
	copies("code 2 of 2", "b\n")
	p.enter("/copy all")
	copies("the conversation", "> First?\n\none **bold** word\n\n> Second?\n\n"+answers[1])
	p.press(keyAltUp, letter('b'))
	p.sees("copied code 1 of 2")
	p.press(letter('b'))
	p.sees("copied code 2 of 2")
	p.press(letter('b'))
	p.sees("copied code 1 of 2")
	p.press(keyUp, letter('c'))
	copies("the message (7 characters)", "Second?")
	for argument, want := range map[string]string{"/copy 3": "There is no message 3.", "/copy code 9": "numbers 1 to 2", "/copy it": "/copy it is not understood."} {
		p.enter(argument)
		p.sees(want)
	}
}

// Who has what was copied is said as far as it is known.
func TestCopyElsewhere(t *testing.T) {
	t.Parallel()
	none := &clipboard.NoAccess{Detail: "over ssh it is far"}
	for name, c := range map[string]struct {
		term string
		text string
		err  error
		want string
	}{
		"ssh":      {"xterm", "x", none, "by the terminal, if it takes it"},
		"too long": {"xterm", strings.Repeat("x", 100_000), none, "is too long for the terminal, and over ssh"},
		"dumb":     {"linux", "x", none, "Not copied"},
		"broken":   {"linux", "x", errors.New("xclip failed: no"), "Not copied: xclip failed: no."},
		"long":     {"xterm", strings.Repeat("x", 100_000), nil, "copied it (100000 characters) by xclip"},
	} {
		s := newStage(100, 24)
		s.loaded()
		s.m.options.Copy = (&copier{by: "xclip", err: c.err}).copy
		s.m.terminal.facts.Env = func(string) string { return c.term }
		s.m.terminal.facts.Env = func(n string) string {
			if n == "TERM" {
				return c.term
			}
			return ""
		}
		p := &person{t, s.m, make(chan tea.Msg), t.Context()}
		p.run(s.m.copyText("it", c.text))
		p.until(name, func() bool { return !strings.Contains(p.screen(), "copying") })
		if screen := strings.Join(strings.Fields(p.screen()), " "); !strings.Contains(screen, c.want) {
			t.Errorf("%s: no %q in\n%s", name, c.want, p.screen())
		}
	}
}

func TestCopyThroughTmux(t *testing.T) {
	t.Parallel()
	var term terminal
	term.facts.Env = func(string) string { return "tmux-256color" }
	if got := term.copying("hi"); got != "\x1b]52;c;aGk=\a" {
		t.Errorf("%q", got)
	}
	term.hear(tmuxMsg{}, image.Point{})
	term.facts.Tmux.Passthrough = true
	if got := term.copying("hi"); got != "\x1bPtmux;\x1b\x1b]52;c;aGk=\a\x1b\\" {
		t.Errorf("%q", got)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	var opened []string
	var fails error
	p := open(t, Options{
		Setup:    Setup{Engine: &fake{reply: say("A disc.")}},
		Pictures: []*images.Picture{testPicture("/home/me/disc.png", 96, 64)},
		View: func(_ context.Context, p *images.Picture) error {
			opened = append(opened, p.Source)
			return fails
		},
	})
	p.enter("/open")
	p.sees("opened disc.png")
	p.enter("What?")
	p.sees("A disc.")
	p.idle()
	p.press(keyAltUp, keyUp, letter('o'))
	p.until("two opened", func() bool { return len(opened) == 2 })
	p.enter("/open 7")
	p.sees("There is no picture of this number.")
	p.press(keyCtrlC) // what was given back
	fails = &viewer.NoAccess{Detail: "there is no screen"}
	p.m.composer.set("/open 1")
	p.press(keyEnter)
	p.sees("disc.png can't be opened in a viewer: there is no screen.\n  /zoom looks closer here.")
}
