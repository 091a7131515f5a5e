package cli

import (
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
