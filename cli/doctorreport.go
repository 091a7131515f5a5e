package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/termimg"
)

// report is where checks go.
type report interface {
	add(check) error
	end() error
}

func newReport(w io.Writer, r *redactor, asJSON bool) report {
	if asJSON {
		return &jsonReport{w: w, redactor: r, Version: version(), Checks: []check{}}
	}
	p := &textReport{w: w, redactor: r, look: reportLook{unicode: termimg.UTF8(os.Getenv)}}
	p.look.width, p.look.colour = pageLook(w)
	return p
}

// redacted is a check fit to be pasted.
func (r *redactor) redacted(c check) check {
	c.Message = r.text(c.Message)
	hints := strings.Split(c.Hint, "\n")
	for i, hint := range hints {
		hints[i] = r.text(hint)
	}
	c.Hint = strings.Join(hints, "\n")
	details := make([]string, len(c.Details))
	for i, detail := range c.Details {
		details[i] = r.text(detail)
	}
	c.Details = details
	return c
}

// jsonReport is one object, printed at the end.
type jsonReport struct {
	w        io.Writer
	redactor *redactor

	Version string  `json:"version"`
	Checks  []check `json:"checks"`
}

func (p *jsonReport) add(c check) error {
	p.Checks = append(p.Checks, p.redactor.redacted(c))
	return nil
}

func (p *jsonReport) end() error {
	return printJSON(p.w, p)
}

// textReport is for people: a line for each check, what to do and the details
// below it.
type textReport struct {
	w                  io.Writer
	redactor           *redactor
	look               reportLook
	warnings, failures int
}

// reportLook is what the place can show that a report is written to.
type reportLook struct {
	width   int // in columns
	unicode bool
	colour  bool
}

// nameWidth has room for the longest name of a check.
const nameWidth = len("configuration")

func (p *textReport) add(c check) error {
	c = p.redactor.redacted(c)
	switch c.Status {
	case statusWarning:
		p.warnings++
	case statusFailure:
		p.failures++
	}
	// The mark and the name stand before the first line, blanks before the rest.
	margin := strings.Repeat(" ", 2+nameWidth+2)
	var b strings.Builder
	b.WriteString(p.look.mark(c.Status) + " " + fmt.Sprintf("%-*s  ", nameWidth, c.Name))
	room := p.look.width - len(margin)
	b.WriteString(strings.Join(wrapWords(c.Message, room), "\n"+margin) + "\n")
	arrow, item := "> ", "- "
	if p.look.unicode {
		arrow, item = "→ ", "· "
	}
	if c.Hint != "" {
		for hint := range strings.SplitSeq(c.Hint, "\n") {
			b.WriteString(hanging(margin, arrow, hint, room))
		}
	}
	for _, detail := range c.Details {
		b.WriteString(hanging(margin, item, detail, room))
	}
	_, err := io.WriteString(p.w, b.String())
	return err
}

// hanging writes text behind a bullet.
func hanging(margin, bullet, text string, room int) string {
	width := ansi.StringWidth(bullet)
	lines := wrapWords(text, room-width)
	return margin + bullet + strings.Join(lines, "\n"+margin+strings.Repeat(" ", width)) + "\n"
}

func (p *textReport) end() error {
	summary := "\nNo check failed"
	if p.failures > 0 {
		summary = "\n" + counted(p.failures, "check") + " failed"
	}
	if p.warnings > 0 {
		summary += ", " + counted(p.warnings, "warning")
	}
	_, err := fmt.Fprintln(p.w, summary+".")
	return err
}

func (l reportLook) mark(s checkStatus) string {
	marks := map[checkStatus]string{statusOK: "+", statusInfo: "-", statusWarning: "!", statusFailure: "x"}
	if l.unicode {
		marks = map[checkStatus]string{statusOK: "✓", statusInfo: "–", statusWarning: "!", statusFailure: "✗"}
	}
	if !l.colour || s == statusInfo {
		return marks[s]
	}
	colours := map[checkStatus]ansi.BasicColor{statusOK: ansi.Green, statusWarning: ansi.Yellow, statusFailure: ansi.Red}
	return ansi.Style{}.Bold().ForegroundColor(colours[s]).Styled(marks[s])
}
