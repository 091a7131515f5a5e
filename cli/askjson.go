package cli

import (
	"encoding/json"
	"io"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
)

// jsonPrinter prints one object once the answer is whole, and nothing of one that is not.
type jsonPrinter struct {
	w    io.Writer
	line bool // on one line
}

func (p *jsonPrinter) start(beginning) error   { return nil }
func (p *jsonPrinter) hear(engine.Event) error { return nil }
func (p *jsonPrinter) fail(error, int)         {}

func (p *jsonPrinter) finish(_ string, all func() tasks.Answer) error {
	if p.line {
		return printLine(p.w, all())
	}
	return printJSON(p.w, all())
}

// printJSON prints a value as people can read it, too.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return unread(e.Encode(v))
}

// printLine prints a value as one line with one write, so that it is never seen in halves.
func printLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return unread(e.Encode(v))
}
