package cli

import (
	"fmt"
	"io"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
)

// textPrinter prints the answer as it comes, made safe for a terminal.
type textPrinter struct {
	w, stderr io.Writer
	extract   bool // the first code block alone
	whole     bool // it is printed when it is whole
	cleaner   termtext.Cleaner
	last      byte
	begun     bool   // something was printed
	log       *aside // that is on the same terminal; nil for none
}

func newTextPrinter(w, stderr io.Writer, extract bool) *textPrinter {
	return &textPrinter{w: w, stderr: stderr, extract: extract, last: '\n'}
}

func (p *textPrinter) start(b beginning) error {
	p.whole = b.whole
	return nil
}

func (p *textPrinter) hear(ev engine.Event) error {
	switch {
	case p.whole:
	case ev.Kind == engine.Delta:
		return p.text(ev.Text)
	case ev.Kind == engine.Restart:
		return p.restart(ev.Text)
	}
	return nil
}

func (p *textPrinter) finish(answer string, _ func() tasks.Answer) error {
	if p.whole {
		if p.extract {
			answer = tasks.CodeBlock(answer)
		}
		if err := p.text(answer); err != nil {
			return err
		}
	}
	return p.end()
}

// fail ends the line of an answer that did not come to its end, so that the error below it
// stands alone.
func (p *textPrinter) fail(error, int) { _ = p.end() }

func (p *textPrinter) text(s string) error {
	s = p.cleaner.Clean(s)
	if s == "" {
		return nil
	}
	p.last, p.begun = s[len(s)-1], true
	_, err := io.WriteString(p.w, s)
	p.log.behind(p.last != '\n')
	return err
}

// restart begins the answer anew, in place of what was printed: that is told on stderr,
// whoever reads it.
func (p *textPrinter) restart(why string) error {
	if p.begun {
		if err := p.end(); err != nil {
			return err
		}
		fmt.Fprintf(p.stderr, "The answer above was cut, and begins anew: %s\n", termtext.Line(why))
	}
	log := p.log
	*p = *newTextPrinter(p.w, p.stderr, p.extract)
	p.log = log
	return nil
}

// end ends the answer's last line.
func (p *textPrinter) end() error {
	ended := p.last == '\n' || p.log.endedLine()
	if p.last = '\n'; ended {
		return nil
	}
	p.log.behind(false)
	_, err := io.WriteString(p.w, "\n")
	return err
}
