package termimg

import (
	"bytes"
	"image"
	"image/color"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Answers is what a terminal told of itself. Who reads its input by events sets the
// fields; Read sets them from bytes.
type Answers struct {
	Name       string      // with its version, as "kitty(0.26.5)": XTVERSION
	Attributes []int       // DA1, which every terminal answers; nil: it did not
	Kitty      bool        // it has kitty's graphics
	Cell       image.Point // size of a cell in pixels
	Window     image.Point // size of all cells in pixels
	Registers  int         // how many colours sixel graphics have
	Background color.Color // nil: it did not tell
}

// queryID names the image of the query, which is never stored.
const queryID = "31"

// Questions returns what asks a terminal. Nothing is for those that would print the
// questions. DA1 is the last, and its answer the last to come.
func Questions(env func(string) string) string {
	switch env("TERM") {
	case "", "dumb", "linux":
		return ""
	}
	query := ansi.KittyGraphics([]byte("AAAA"), "a=q", "i="+queryID, "s=1", "v=1", "t=d", "f=24")
	if mistakesAPC(env) {
		query = ""
	}
	return query +
		ansi.RequestNameVersion +
		ansi.RequestBackgroundColor +
		"\x1b[16t" + // the size of a cell
		"\x1b[14t" + // that of the window
		"\x1b[?1;1;0S" + // XTSMGRAPHICS: colour registers
		ansi.RequestPrimaryDeviceAttributes
}

// mistakesAPC reports whether the query for kitty's graphics would be seen: macOS's
// Terminal prints it, tmux and GNU screen take it for a title.
func mistakesAPC(env func(string) string) bool {
	term := env("TERM")
	return env("TERM_PROGRAM") == "Apple_Terminal" || env("TMUX") != "" || env("STY") != "" ||
		strings.HasPrefix(term, "tmux") || strings.HasPrefix(term, "screen")
}

// answered reports whether no more answers are to come.
func (a *Answers) answered() bool { return a.Attributes != nil }

// longest is how many bytes an answer may have that has not ended.
const longest = 4096

// Read takes the answers that are in data, leaves out what else is there (keys), and
// returns the beginning of an answer that has not ended, for the next call.
func (a *Answers) Read(data []byte) []byte {
	p := ansi.NewParser()
	for len(data) > 0 {
		sequence, _, n, state := ansi.DecodeSequence(data, ansi.NormalState, p)
		if state != ansi.NormalState {
			if len(data) > longest {
				return nil
			}
			return data
		}
		a.take(sequence, p)
		data = data[n:]
	}
	return nil
}

// take reads one sequence.
func (a *Answers) take(sequence []byte, p *ansi.Parser) {
	command := ansi.Cmd(p.Command())
	switch {
	case ansi.HasApcPrefix(sequence):
		if id, status, found := bytes.Cut(p.Data(), []byte(";")); found && string(id) == "Gi="+queryID {
			a.Kitty = string(status) == "OK"
		}
	case ansi.HasDcsPrefix(sequence):
		if command.Prefix() == '>' && command.Final() == '|' {
			a.Name = string(p.Data())
		}
	case ansi.HasOscPrefix(sequence):
		if spec, found := strings.CutPrefix(string(p.Data()), "11;"); found {
			a.Background = ansi.XParseColor(spec)
		}
	case ansi.HasCsiPrefix(sequence):
		a.report(command, p.Params())
	}
}

// report reads a control sequence.
func (a *Answers) report(command ansi.Cmd, params ansi.Params) {
	value := func(i int) int {
		v, _, ok := params.Param(i, 0)
		if !ok {
			return 0
		}
		return max(0, min(v, 1<<15))
	}
	switch {
	case command.Prefix() == '?' && command.Final() == 'c':
		a.Attributes = []int{}
		for i := range params {
			a.Attributes = append(a.Attributes, value(i))
		}
	case command.Prefix() == '?' && command.Final() == 'S' && value(0) == 1 && value(1) == 0:
		a.Registers = value(2)
	case command.Prefix() == 0 && command.Final() == 't' && value(0) == 6:
		a.Cell = image.Pt(value(2), value(1))
	case command.Prefix() == 0 && command.Final() == 't' && value(0) == 4:
		a.Window = image.Pt(value(2), value(1))
	}
}
