package markdown

import (
	"slices"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// tab is what a tab becomes: a terminal would move to its own stops, which nothing
// here could measure.
const tab = "    "

// span is a piece of text of one look.
type span struct {
	text string
	look look
	link string // the address that it leads to, "" for none
}

func (s span) with(text string) span {
	s.text = text
	return s
}

// join appends a span, to the last one if that looks the same. Only so is a
// character of several code points measured as the terminal will.
func join(line []span, s span) []span {
	if n := len(line); n > 0 && line[n-1].look == s.look && line[n-1].link == s.link {
		line[n-1].text += s.text
		return line
	}
	return append(line, s)
}

// row is a drawn line.
type row struct {
	text  string
	width int
}

// layout lays spans out in lines, between words where it can. What is in its rows
// is final, whatever follows.
type layout struct {
	theme *Theme
	width int
	rows  []row

	line  []span // the last line, so far
	cells int    // of line
	gap   []span // blanks behind it, drawn if a word follows in the same line
	word  []span // what must not be broken, if it fits into a line
}

// clone returns a layout that goes on from here by itself, without the rows.
func (l *layout) clone() layout {
	c := *l
	c.rows, c.line, c.gap, c.word = nil, slices.Clone(l.line), slices.Clone(l.gap), slices.Clone(l.word)
	return c
}

func (l *layout) add(spans []span) {
	for _, s := range spans {
		for text := s.text; text != ""; {
			var piece string
			switch end := strings.IndexAny(text, " \n"); {
			case end < 0:
				piece, text = text, ""
				l.words(s.with(piece))
			case end > 0:
				piece, text = text[:end], text[end:]
				l.words(s.with(piece))
			case text[0] == '\n':
				text = text[1:]
				l.end()
			default:
				text = text[1:]
				l.flush()
				l.gap = join(l.gap, s.with(" "))
			}
		}
	}
}

// words adds text without blanks. Where scripts are written without any, each
// character is a word, unless it may not begin a line.
func (l *layout) words(s span) {
	from, before := 0, rune(0)
	for i, r := range s.text {
		if i > from && (breaks(r) || breaks(before) || before == '-' && unicode.IsLetter(r)) && !closes(r) && !opens(before) {
			l.word = join(l.word, s.with(s.text[from:i]))
			l.flush()
			from = i
		} else if i == 0 && len(l.word) > 0 && breaks(r) && !closes(r) {
			l.flush()
		}
		before = r
	}
	l.word = join(l.word, s.with(s.text[from:]))
}

// breaks reports whether a character stands for itself, as Chinese and Japanese
// ones do.
func breaks(r rune) bool {
	return r >= 0x2E80 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) ||
		r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFF60)
}

// closes reports whether a character must not begin a line: what ends a phrase,
// and what belongs to the character before.
func closes(r rune) bool {
	return strings.ContainsRune("、。，．！？：；）」』】》〉〕］｝ー々％", r) ||
		r == 0x200D || unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc, unicode.Variation_Selector)
}

// opens reports whether a character must not end a line.
func opens(r rune) bool { return r == 0x200D || strings.ContainsRune("（「『【《〈〔［｛", r) }

// flush puts the word into the line, or into the next one.
func (l *layout) flush() {
	if len(l.word) == 0 {
		return
	}
	word, width := l.word, l.measure(l.word)
	l.word = nil
	if gap := l.measure(l.gap); l.cells > 0 && l.cells+gap+width > l.width {
		l.end()
	} else if l.cells+gap+width <= l.width {
		l.put(l.gap, gap)
	}
	l.gap = nil
	if width <= l.width {
		l.put(word, width)
		return
	}
	l.chop(word)
}

func (l *layout) measure(spans []span) int {
	n := 0
	for _, s := range spans {
		n += l.theme.width(s.text)
	}
	return n
}

func (l *layout) put(spans []span, width int) {
	for _, s := range spans {
		l.line = join(l.line, s)
	}
	l.cells += width
}

// chop fills lines with spans, breaking them anywhere.
func (l *layout) chop(spans []span) {
	for _, s := range spans {
		for text := s.text; text != ""; {
			fits, width := l.prefix(text, l.width-l.cells)
			if fits == 0 && l.cells > 0 {
				l.end()
				continue
			}
			if fits == 0 { // a wide character in a line of one cell
				cluster, _ := ansi.FirstGraphemeCluster(text, l.theme.By)
				text = text[len(cluster):]
				continue
			}
			l.put([]span{s.with(text[:fits])}, width)
			text = text[fits:]
		}
	}
}

// prefix returns how many bytes of a text fit into so many cells, and their width.
func (l *layout) prefix(text string, room int) (size, width int) {
	for size < len(text) {
		if c := text[size]; c >= ' ' && c <= '~' && (size+1 == len(text) || text[size+1] < 0x80) {
			if width == room {
				break
			}
			size, width = size+1, width+1
			continue
		}
		cluster, w := ansi.FirstGraphemeCluster(text[size:], l.theme.By)
		if width+w > room {
			break
		}
		size, width = size+len(cluster), width+w
	}
	return size, width
}

// end ends the line.
func (l *layout) end() {
	l.flush()
	l.rows = append(l.rows, l.draw(l.line))
	l.line, l.cells, l.gap = nil, 0, nil
}

// draw writes a line with the looks of its spans.
func (l *layout) draw(line []span) row {
	var b strings.Builder
	for _, s := range line {
		style := l.theme.style(s.look)
		if s.link != "" {
			b.WriteString(ansi.SetHyperlink(s.link))
		}
		b.WriteString(style)
		b.WriteString(s.text)
		if style != "" {
			b.WriteString(ansi.ResetStyle)
		}
		if s.link != "" {
			b.WriteString(ansi.ResetHyperlink())
		}
	}
	r := row{b.String(), l.measure(line)}
	if r.width > l.width {
		// Characters that combine over the edge of a word are counted otherwise
		// together.
		r.text = l.theme.By.Truncate(r.text+strings.Repeat(" ", l.width+1), l.width, "")
		r.width = l.theme.By.StringWidth(r.text)
	}
	return r
}

// lay returns spans in rows of at most width cells: at least one.
func lay(spans []span, width int, theme *Theme) []row {
	l := layout{theme: theme, width: width}
	l.add(spans)
	l.end()
	return l.rows
}
