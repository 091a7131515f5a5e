package markdown

import (
	"slices"
	"strings"
)

// parser reads a text line by line, and draws each block as soon as it is certain
// how it looks.
type parser struct {
	width int
	theme *Theme
	lines []string // drawn, for good
	codes *codes   // where code is collected, nil if it is not
	half  bool     // the line that is read may be half a line

	stack  []container // that are open
	kind   block       // of the leaf that is open in the innermost one
	para   paragraph
	code   code
	table  table
	within bool // within a line that is read in pieces

	last  block // what was drawn last
	blank bool  // a blank line followed it
}

// block is a kind of block.
type block uint8

const (
	none block = iota
	quote
	listItem
	text
	heading
	rule
	fenced
	indented
	tabular
)

func newParser(width int, theme *Theme) *parser {
	return &parser{width: max(1, width), theme: theme}
}

// clone returns a parser that goes on from here by itself, without the lines.
func (p *parser) clone() *parser {
	c := *p
	c.lines = nil
	c.stack = slices.Clone(p.stack)
	c.para.layout = p.para.layout.clone()
	c.table.rows = slices.Clip(p.table.rows)
	return &c
}

// line reads a line. Of one that is not whole the rest comes by more, and it is
// text or code.
func (p *parser) line(line string, whole bool) {
	rest, n := line, 0
	for ; n < len(p.stack); n++ {
		inner, ok := p.stack[n].continues(rest, p.kind == fenced)
		if !ok {
			break
		}
		rest = inner
	}
	inside := n == len(p.stack)
	switch {
	case p.kind == fenced && inside && whole && p.code.ends(rest):
		p.close()
		return
	case p.kind == fenced && inside:
		p.codeLine(rest, whole)
		return
	case blank(rest):
		p.blankLine(n)
		return
	case p.kind == indented && inside && indentation(rest) >= len(tab):
		p.codeLine(outdent(rest, len(tab)), whole)
		return
	}
	sibling := !inside && !p.stack[n].quote
	if p.kind == text && !inside && !p.interrupts(rest, sibling, whole) {
		p.para.add(rest) // it is the paragraph's, though it lacks the marks
		p.settle()
		return
	}
	p.closeTo(n)
	rest = p.openContainers(rest, sibling)
	p.leaf(rest, whole)
}

// openContainers opens those that a line begins, and returns what is inside.
func (p *parser) openContainers(rest string, sibling bool) string {
	for {
		if inner, ok := quoted(rest); ok {
			p.begin(quote)
			p.stack = append(p.stack, container{quote: true, label: "│ ", fresh: true})
			rest = inner
		} else if p.beginsItem(rest, sibling) {
			c, inner, _, _ := item(rest, p.nested())
			p.begin(listItem)
			p.stack = append(p.stack, c)
			rest = inner
		} else {
			return rest
		}
		sibling = false
	}
}

// beginsItem reports whether a line begins an item. In the middle of a paragraph a
// number other than one is rather a year's, unless the paragraph is in a list.
func (p *parser) beginsItem(line string, sibling bool) bool {
	_, inner, number, ok := item(line, 0)
	if !ok || isRule(line) {
		return false
	}
	if indentation(line) >= len(tab) && p.nested() == 0 {
		return false
	}
	return p.kind != text || sibling || !blank(inner) && number <= 1
}

// nested returns in how many lists the parser is.
func (p *parser) nested() int {
	n := 0
	for _, c := range p.stack {
		if !c.quote {
			n++
		}
	}
	return n
}

// interrupts reports whether a line is no part of the paragraph before it.
func (p *parser) interrupts(line string, sibling, whole bool) bool {
	if _, ok := quoted(line); ok || p.beginsItem(line, sibling) {
		return true
	}
	if !whole || indentation(line) >= len(tab) {
		return false
	}
	_, isHeading := headingLevel(line)
	_, isFence := fence(line)
	return isHeading || isFence || isRule(line)
}

// leaf reads what a line has inside all containers.
func (p *parser) leaf(line string, whole bool) {
	switch p.kind {
	case text:
		if whole && p.underlined(line) || whole && p.beginsTable(line) {
			return
		}
		if !p.interrupts(line, false, whole) {
			p.para.add(line)
			p.settle()
			return
		}
	case tabular:
		if whole && strings.Contains(line, "|") {
			p.tableRow(line)
			return
		}
	}
	p.close()
	if blank(line) {
		return // an item that begins in its second line
	}
	level, isHeading := headingLevel(line)
	f, isFence := fence(line)
	switch {
	case indentation(line) >= len(tab) && (p.blank || p.last == none):
		p.beginCode(indented, code{})
		p.codeLine(outdent(line, len(tab)), whole)
	case !whole || indentation(line) >= len(tab):
		p.beginText(line)
	case isFence:
		p.beginCode(fenced, f)
	case isHeading:
		p.begin(heading)
		p.heading(strings.Trim(line, " \t"), level)
	case isRule(line):
		p.begin(rule)
		p.emit(p.theme.mark(strings.Repeat("─", p.room())))
	default:
		p.beginText(line)
	}
}

// more reads the next piece of a line that is text or code, perhaps its last one.
func (p *parser) more(rest string, last bool) {
	switch p.kind {
	case text:
		p.para.src += strings.ReplaceAll(rest, "\t", tab)
		p.settle()
	case fenced, indented:
		p.codePiece(rest, last)
	}
}

// blankLine reads one that the first n containers hold.
func (p *parser) blankLine(n int) {
	if n < len(p.stack) {
		p.closeTo(n) // a quote
	}
	if p.kind == indented {
		p.code.blanks++
		return
	}
	p.close()
	p.blank = true
}

// close draws what is left of the leaf.
func (p *parser) close() {
	kind := p.kind
	p.kind = none
	switch kind {
	case text:
		p.endText(false)
	case tabular:
		p.endTable()
	case indented:
		p.blank = p.code.blanks > 0
	}
}

// closeTo closes all but the first n containers, and the leaf if it is in these.
func (p *parser) closeTo(n int) {
	for len(p.stack) > n {
		p.close()
		if p.stack[len(p.stack)-1].fresh {
			p.emit("") // there is nothing in it
		}
		p.stack = p.stack[:len(p.stack)-1]
	}
}

// begin closes the leaf before a block and parts the two: by a blank line if there
// was one, and otherwise where what is large meets text.
func (p *parser) begin(kind block) {
	p.close()
	large := kind >= heading || p.last >= rule
	fresh := len(p.stack) > 0 && p.stack[len(p.stack)-1].fresh
	if p.last != none && !fresh && (p.blank || large) {
		p.emit("")
	}
	p.blank, p.last = false, kind
}

// headingLevel returns how many hashes a line begins with, if that makes it a
// heading.
func headingLevel(line string) (level int, ok bool) {
	line = strings.TrimLeft(line, " ")
	level = len(line) - len(strings.TrimLeft(line, "#"))
	ok = level > 0 && level <= 6 && (len(line) == level || line[level] == ' ' || line[level] == '\t')
	return level, ok
}

// isRule reports whether a line is a rule: three or more of a kind, and blanks.
func isRule(line string) bool {
	line = strings.TrimSpace(line)
	if line == "" || strings.IndexByte("-*_", line[0]) < 0 {
		return false
	}
	return strings.Count(line, line[:1]) >= 3 && strings.Trim(line, line[:1]+" \t") == ""
}
