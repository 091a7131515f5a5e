package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/vlmchat/vlmchat/termtext"
)

// progressLine shows how far something is: a line that is rewritten where a
// person watches, a line for each step where a log is kept.
type progressLine struct {
	w        io.Writer
	terminal bool
	now      func() time.Time
	step     string
	shown    time.Time
	open     bool // the line has no end yet
}

func newProgressLine(w io.Writer) progressLine {
	return progressLine{w: w, terminal: isTerminal(w), now: time.Now}
}

// show shows a step, and on a terminal how far it is, but not too often unless it
// is complete.
func (p *progressLine) show(step, far string, complete bool) {
	fresh := step != p.step
	p.step = step
	if !p.terminal {
		if fresh {
			fmt.Fprintln(p.w, termtext.Line(step))
		}
		return
	}
	now := p.now()
	if !fresh && !complete && now.Sub(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown, p.open = now, true
	// Carriage return and erase to the end of the line.
	fmt.Fprintf(p.w, "\r\x1b[K%s", termtext.Line(step)+far)
}

// end finishes the line that is being rewritten.
func (p *progressLine) end() {
	if p.open {
		fmt.Fprintln(p.w)
		p.open = false
	}
}
