package ui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/vlmchat/vlmchat/engine"
)

// What a model thinks is shown above its answer, dimmed, while it comes, and is
// never repeated to it.
func TestThinking(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	e := &fake{reply: func(_ context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Thinking, Text: "Round,\x1b[31m and"}, nil)
		yield(engine.Event{Kind: engine.Thinking, Text: " on green."}, nil)
		<-goOn
		yield(engine.Event{Kind: engine.Delta, Text: "A disc."}, nil)
		yield(done(), nil)
	}}
	off := false
	p := open(t, Options{Setup: Setup{Engine: e, Thinking: &off}})
	p.send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	p.enter("What is it?")
	p.sees("  Round, and on green.")
	p.sees("thinking · Esc stops")
	if faint := p.m.styles.faint.Render("Round, and on green."); !strings.Contains(p.m.View().Content, faint) {
		t.Errorf("it is not dimmed: %q", p.m.View().Content)
	}
	close(goOn)
	p.sees("  ▸ thought\n  A disc.")
	p.press(keyCtrlT)
	p.sees("  ▾ thought\n  Round, and on green.\n\n  A disc.")
	p.idle()
	p.enter("Sure?")
	p.until("a second request", func() bool { return len(e.asked()) == 2 })
	if got, want := turns(e.asked()[1]), []string{"user: What is it?", "assistant: A disc.", "user: Sure?"}; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
	if r := e.asked()[0]; r.Thinking == nil || *r.Thinking {
		t.Errorf("thinking is %v", r.Thinking)
	}
}

// A model that only thought has said nothing.
func TestThinkingWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	e := &fake{reply: func(_ context.Context, _ engine.Request, yield yield) {
		yield(engine.Event{Kind: engine.Thinking, Text: "Hm."}, nil)
		yield(done(), nil)
	}}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.enter("What is it?")
	p.sees("  ▸ thought\n  (the model said nothing)")
}

// While a model thinks, the last lines are seen, and for how long it has; then all of
// it is one line, until the person asks for more.
func TestThoughtFolds(t *testing.T) {
	t.Parallel()
	s := newStage(60, 40)
	s.loaded()
	s.enter("Count.")
	start := time.Unix(0, 0)
	s.hears(engine.Event{Kind: engine.Thinking, Text: lines(1, 20)})
	s.send(tickMsg(start), tickMsg(start.Add(12*time.Second)))
	screen := screenOf(s.m)
	if !strings.Contains(screen, "thinking · 12 s\n  line 18.\n  line 19.\n  line 20.\n") || strings.Contains(screen, "line 17") {
		t.Errorf("while thinking:\n%s", screen)
	}
	usage := done()
	usage.Usage.ThinkingTokens = 320
	s.hears(text("Twenty."), usage)
	s.ends(nil)
	if screen = screenOf(s.m); !strings.Contains(screen, "  ▸ thought for 12 s · 320 tokens\n  Twenty.\n") || strings.Contains(screen, "line 20") {
		t.Errorf("when it has answered:\n%s", screen)
	}
	s.send(keyAltUp, tea.KeyPressMsg{Code: 't', Text: "t"})
	if screen = screenOf(s.m); !strings.Contains(screen, "▌ ▾ thought for 12 s · 320 tokens\n▌ line 1.\n") {
		t.Errorf("unfolded:\n%s", screen)
	}
	s.send(keyCtrlT, keyCtrlT) // all, and the one that was turned by itself too
	if screen = screenOf(s.m); strings.Contains(screen, "line 1.\n") {
		t.Errorf("folded with all:\n%s", screen)
	}
}

// A thought that folds above what one reads does not move it.
func TestFoldingKeepsThePlace(t *testing.T) {
	t.Parallel()
	s := newStage(60, 20)
	s.loaded()
	s.enter("Count.")
	s.hears(engine.Event{Kind: engine.Thinking, Text: lines(1, 70)}, text(lines(100, 190)), done())
	s.ends(nil)
	for range 3 {
		s.send(keyPgUp)
	}
	first := func() string { return strings.SplitN(screenOf(s.m), "\n", 2)[0] }
	before := first()
	for range 2 {
		s.send(keyCtrlT)
		if got := first(); got != before {
			t.Errorf("from %q to %q", before, got)
		}
	}
}

// For how long it was thought is kept with the answer.
func TestThoughtIsKept(t *testing.T) {
	t.Parallel()
	a := &answer{}
	a.think("Hm.")
	a.thought.doing.now = a.thought.doing.began.Add(12 * time.Second)
	a.add("Yes.")
	a.end(answered)
	kept := messageFrom(&exchange{question: &question{}, answer: a})
	again := answerFrom(&kept, false)
	if head := again.thought.head(false, again.thinking(), 0); head != "▸ thought for 12 s" || again.thought.said() != "Hm." {
		t.Errorf("%q of %q", head, again.thought.said())
	}
}
