package markdown

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// room is how many cells a line has inside all containers.
func (p *parser) room() int {
	used := 0
	p.labels(func(_ *container, width int) { used += width })
	return max(1, p.width-used)
}

// emit draws a line in all containers. An empty one has no blanks at its end.
func (p *parser) emit(line string) {
	var b strings.Builder
	blanks := ""
	p.labels(func(c *container, width int) {
		if !c.quote && !c.fresh {
			blanks += strings.Repeat(" ", width)
			return
		}
		label := strings.TrimRight(c.label, " ")
		b.WriteString(blanks + p.theme.mark(label))
		blanks = c.label[len(label):]
	})
	for i := range p.stack {
		p.stack[i].fresh = false
	}
	if line != "" {
		b.WriteString(blanks + line)
	}
	p.lines = append(p.lines, b.String())
}

// labels calls a function with each container that has a label at all: they take at
// most half of the width, the outer ones first.
func (p *parser) labels(each func(c *container, width int)) {
	left := p.width / 2
	for i := range p.stack {
		c := &p.stack[i]
		width := p.theme.width(c.label)
		if width > left {
			continue
		}
		left -= width
		each(c, width)
	}
}

// mark draws what belongs to no text.
func (t *Theme) mark(s string) string { return t.styled(look{role: Mark}, s) }

func (t *Theme) styled(l look, s string) string {
	style := t.style(l)
	if style == "" || s == "" {
		return s
	}
	return style + s + ansi.ResetStyle
}
