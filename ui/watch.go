package ui

import (
	"math"

	"github.com/charmbracelet/x/ansi"
)

// watch follows what is written to a terminal closely enough to know which rows
// of the screen it changes: by text, by erasing, or by scrolling, for which the
// renderer moves whole regions. It measures no text, as a renderer that knows the
// screen's width lets nothing wrap.
type watch struct {
	parser *ansi.Parser
	height int // of the screen
	row    int // of the cursor; unknown at first
	saved  int
	margin rows

	changed []rows // by what was written since changes were taken
	cleared bool   // the whole screen was, at once
	entered bool   // the alternate screen
	left    bool
}

// rows are those from from on, up to but not with to.
type rows struct{ from, to int }

func (r rows) meets(o rows) bool { return r.from < o.to && o.from < r.to }

// everything is all the rows that a screen can have.
var everything = rows{0, math.MaxInt}

const unknown = -1

func newWatch() *watch {
	w := &watch{parser: ansi.NewParser(), row: unknown, saved: unknown, margin: everything}
	w.parser.SetHandler(ansi.Handler{
		Print:     func(rune) { w.change(w.row, w.row+1) },
		Execute:   w.control,
		HandleEsc: w.escape,
		HandleCsi: w.sequence,
	})
	return w
}

// follow takes what is about to be written to a screen of so many rows, of 0 if
// that is not known.
func (w *watch) follow(output []byte, height int) {
	w.height = height
	if height == 0 {
		w.height = everything.to
	}
	w.changed, w.cleared, w.entered, w.left = w.changed[:0], false, false, false
	w.parser.Parse(output)
}

// changes reports whether one of some rows is changed.
func (w *watch) changes(some rows) bool {
	for _, r := range w.changed {
		if r.meets(some) {
			return true
		}
	}
	return false
}

func (w *watch) change(from, to int) {
	if w.row == unknown {
		from, to = everything.from, everything.to
	}
	r := rows{from, to}
	if n := len(w.changed); n == 0 || w.changed[n-1] != r {
		w.changed = append(w.changed, r)
	}
}

func (w *watch) move(by int) {
	if w.row != unknown {
		w.row = max(0, min(w.row+by, w.height-1))
	}
}

func (w *watch) moveTo(row int) { w.row = max(0, min(row, w.height-1)) }

// down is a line feed, which scrolls at the bottom.
func (w *watch) down() {
	switch {
	case w.row == unknown, w.row == min(w.margin.to, w.height)-1:
		w.change(w.margin.from, w.margin.to)
	default:
		w.move(1)
	}
}

// up is its reverse.
func (w *watch) up() {
	switch w.row {
	case unknown, w.margin.from:
		w.change(w.margin.from, w.margin.to)
	default:
		w.move(-1)
	}
}

func (w *watch) control(b byte) {
	switch b {
	case '\n', '\v', '\f':
		w.down()
	}
}

func (w *watch) escape(cmd ansi.Cmd) {
	switch cmd {
	case '7':
		w.saved = w.row
	case '8':
		w.row = w.saved
	case 'D', 'E':
		w.down()
	case 'M':
		w.up()
	case 'c':
		w.change(everything.from, everything.to)
	}
}

// altScreen are the modes that change between the main and the alternate screen.
func altScreen(params ansi.Params) bool {
	found := false
	params.ForEach(0, func(_, mode int, _ bool) { found = found || mode == 47 || mode == 1047 || mode == 1049 })
	return found
}

func (w *watch) sequence(cmd ansi.Cmd, params ansi.Params) {
	n, _, _ := params.Param(0, 1)
	count := max(1, n)
	switch cmd {
	case 'A', 'F':
		w.move(-count)
	case 'B', 'E', 'e':
		w.move(count)
	case 'H', 'f', 'd':
		w.moveTo(count - 1)
	case 'J':
		switch n, _, _ := params.Param(0, 0); n {
		case 0:
			w.change(w.row, everything.to)
		case 1:
			w.change(0, w.row+1)
		default:
			w.change(everything.from, everything.to)
			w.cleared, w.margin = true, everything // the canvas sees to the margins
		}
	case 'K', 'X', 'P', '@', 'b':
		w.change(w.row, w.row+1)
	case 'L', 'M':
		w.change(w.row, w.margin.to)
	case 'S', 'T':
		w.change(w.margin.from, w.margin.to)
	case 'r':
		bottom, _, _ := params.Param(1, everything.to)
		w.margin = rows{count - 1, bottom}
		w.row = 0
	case 's':
		w.saved = w.row
	case 'u':
		w.row = w.saved
	case ansi.Cmd(ansi.Command('?', 0, 'h')):
		if altScreen(params) {
			w.entered = true
			w.change(everything.from, everything.to)
		}
	case ansi.Cmd(ansi.Command('?', 0, 'l')):
		if altScreen(params) {
			w.left = true
			w.change(everything.from, everything.to)
		}
	}
}
