package ui

import (
	"context"
	"slices"
	"strings"
	"testing"

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
	p.sees("  Round, and on green.\n\n  A disc.")
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
	p.sees("  Hm.\n  (the model said nothing)")
}
