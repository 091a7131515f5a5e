// Package markdown draws what a model says: markdown that comes in pieces, of any
// length, and is read while it comes.
//
// A text is read line by line, and what is in the lines of a screen that a line of
// the text completes stays there (parser). Of what comes after, the tail, the rest is
// guessed at each time it is drawn, on a copy of the parser. So a frame costs as
// much as the tail, which is bounded: a paragraph's text is settled every few
// kilobytes, a table's widths are after some rows, and code is by line.
//
// For that it is markdown as models write it, not CommonMark to the letter: nothing
// looks otherwise because of what comes later. References to addresses at the end
// are text, lists have blank lines where the source has, "---" makes a heading of a
// single line alone, and a line ends where it ended in the source.
package markdown

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vlmchat/vlmchat/termtext"
)

// Stream is a text in markdown that grows at its end. The zero value is empty.
type Stream struct {
	clean termtext.Cleaner
	text  strings.Builder // as it may be drawn
	ended bool

	parser *parser // has taken text[:upTo]
	upTo   int
}

// Add appends what came. It need not be safe to draw.
func (s *Stream) Add(text string) { s.text.WriteString(s.clean.Clean(text)) }

// End says that nothing will come any more: what was never closed is text.
func (s *Stream) End() { s.ended = true }

// Empty reports whether there is nothing to see.
func (s *Stream) Empty() bool { return strings.TrimSpace(s.text.String()) == "" }

// Text returns what came, as it may be drawn.
func (s *Stream) Text() string { return s.text.String() }

// Lines draws the text in lines of at most width cells. The slice is the caller's.
func (s *Stream) Lines(width int, theme *Theme) []string {
	if s.parser == nil || s.parser.width != width || s.parser.theme != theme {
		s.parser, s.upTo = newParser(width, theme), 0
	}
	text := s.text.String()
	s.upTo += s.parser.take(text[s.upTo:])
	tail := s.parser.clone()
	tail.finish(text[s.upTo:], !s.ended)
	return slices.Concat(s.parser.lines, tail.lines)
}

// Block is a block of code in a text.
type Block struct {
	Language string // as it is written there; "" if it is not
	Text     string // with a newline at its end
}

// Code returns the blocks of code, in their order. The last one may be unfinished
// if the text is.
func (s *Stream) Code() []Block {
	p := newParser(80, &Theme{})
	p.codes = &codes{}
	text := s.text.String()
	p.finish(text[p.take(text):], false)
	return p.codes.all()
}

// piece is up to how many bytes of a line are looked at at once.
const piece = 4096

// take reads all lines of a text that are whole, and of one that is very long what
// is as good as a line. It returns how much that is, and depends on nothing but
// the text's beginning.
func (p *parser) take(text string) (n int) {
	for {
		rest := text[n:]
		end := strings.IndexByte(rest[:min(len(rest), piece+1)], '\n')
		switch {
		case end >= 0:
			p.piece(rest[:end], true)
			n += end + 1
		case len(rest) > piece:
			cut := piece
			for !utf8.RuneStart(rest[cut]) {
				cut--
			}
			p.piece(rest[:cut], false)
			n += cut
		default:
			return n
		}
	}
}

// piece reads a line, or of a longer one the next piece; the last one has its end.
func (p *parser) piece(text string, last bool) {
	if p.within {
		p.more(text, last)
	} else {
		p.line(text, last)
	}
	p.within = !last
}

// finish reads the line that the text ends with, which may be half a line if the
// text is open, and draws everything.
func (p *parser) finish(rest string, open bool) {
	p.half = open
	hidden := open && !p.within && p.undecided(rest)
	if rest != "" && !hidden {
		p.piece(rest, true)
	}
	switch {
	case open && p.kind == text && p.beginsTable(""):
	case open && p.kind == text:
		p.kind = none
		p.endText(true)
	}
	p.close()
	p.closeTo(0)
}

// undecided reports whether a line's beginning may become one of several things
// that look nothing like each other, so that it is better not seen yet.
func (p *parser) undecided(text string) bool {
	text = strings.TrimSpace(text)
	if p.kind == fenced {
		return text != "" && len(text) <= p.code.size && strings.Trim(text, string(rune(p.code.fence))) == ""
	}
	number := strings.TrimRight(text, ".)")
	return strings.Trim(text, "-=*_#`~>+|:[ ") == "" ||
		len(number) < 3 && len(text)-len(number) < 2 && strings.Trim(number, "0123456789") == ""
}
