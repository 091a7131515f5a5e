package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/termtext"
)

// room is what the line leaves free of the terminal's: for the cursor, and for the ^C with
// which terminals show that somebody has had enough.
const room = 3

// status shows on stderr what is going on until the first word of an answer,
// on one line that is cleared then. It is silent unless stderr is a terminal.
type status struct {
	w     io.Writer // of progress; nil: silent
	notes io.Writer // likewise
	shown bool
}

func newStatus(stderr io.Writer) *status {
	if !isTerminal(stderr) {
		return &status{}
	}
	return &status{w: stderr, notes: stderr}
}

// note prints a line that stays.
func (s *status) note(text string) {
	if s.notes != nil {
		fmt.Fprintln(s.notes, text)
	}
}

func (s *status) show(ev engine.Event) {
	if s.w == nil {
		return
	}
	what := ""
	switch ev.Kind {
	case engine.Load:
		if ev.Text != "" {
			s.clear()
			s.note(termtext.Line(ev.Text))
		}
		what = "loading the model"
	case engine.Encode:
		what = fmt.Sprintf("looking at picture %d", ev.Picture+1)
	case engine.Prompt:
		what = "reading"
	case engine.Thinking:
		what = "thinking"
	case engine.Wait:
		what = termtext.Line(ev.Text)
	}
	if ev.Progress > 0 && ev.Progress < 1 {
		what += fmt.Sprintf(" %2.0f%%", 100*ev.Progress)
	}
	s.doing(what)
}

// doing shows what is going on.
func (s *status) doing(what string) {
	if s.w == nil {
		return
	}
	s.clear()
	fmt.Fprint(s.w, ansi.Truncate(what, s.columns()-room, "…"))
	s.shown = true
}

// columns is how wide the terminal is by now: a line that is wrapped can't be cleared.
func (s *status) columns() int {
	if f, ok := s.w.(*os.File); ok {
		if width, _, err := term.GetSize(f.Fd()); err == nil && width > room {
			return width
		}
	}
	return 80
}

func (s *status) clear() {
	if s.shown {
		fmt.Fprint(s.w, "\r\x1b[K")
		s.shown = false
	}
}
