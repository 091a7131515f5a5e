package ui

import (
	"fmt"
	"time"

	"github.com/vlmchat/vlmchat/termtext"
)

// thought is what a model thinks before it answers: dimmed, above the answer, and in
// none of the requests that follow. While it is thought its last lines are seen; once
// the answer begins it is one line, unless the person wants to see it.
type thought struct {
	shown flow
	clean termtext.Cleaner
	doing activity // for how long it was thought
	fold  fold
	dim   dressing
}

// fold says whether all of a thought is seen.
type fold int

const (
	asOthers fold = iota // as the frame says
	folded
	unfolded
)

// peek is how many lines are seen of a thought that is being thought.
const peek = 3

func (t *thought) add(text string) {
	t.shown.add(t.clean.Clean(text))
	t.doing.set("thinking", 0)
}

// said is the thought's text, safe to draw.
func (t *thought) said() string { return t.shown.text.String() }

func (t *thought) empty() bool { return t.shown.empty() }

// open reports whether all of it is seen.
func (t *thought) open(f frame) bool {
	return t.fold == unfolded || t.fold == asOthers && f.unfolded
}

// draw returns the line that says how it is with the thought, and what is seen of it
// below. tokens is how many it has, 0 if nobody told.
func (t *thought) draw(f frame, width int, thinking bool, tokens int) []string {
	st := f.styles
	body := t.shown.lines(width, st.by)
	switch {
	case t.open(f):
	case thinking:
		body = body[max(0, len(body)-peek):]
	default:
		body = nil
	}
	lines := []string{st.faint.Render(st.cut(t.head(t.open(f), thinking, tokens), width, "…"))}
	dim := func(line string) string { return st.faint.Render(line) }
	return append(lines, t.dim.lines(body, st, dim)...)
}

// lasted is for how long it was thought.
func (t *thought) lasted() time.Duration { return t.doing.now.Sub(t.doing.began) }

func (t *thought) head(open, thinking bool, tokens int) string {
	if thinking {
		return t.doing.view("")
	}
	head := "▸ thought"
	if open {
		head = "▾ thought"
	}
	if d := t.lasted(); d >= time.Second {
		head += fmt.Sprintf(" for %.0f s", d.Seconds())
	}
	if tokens > 0 {
		head += dot + count(tokens) + " tokens"
	}
	return head
}
