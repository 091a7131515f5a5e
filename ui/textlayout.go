package ui

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// textLayout is how a text lies in rows of a width.
type textLayout struct {
	width int // of a row, in cells
	by    measure
	lines []textLine
	rows  int // of all lines
}

// textLine is a line of a text, and where in it rows begin, the first one aside.
type textLine struct {
	text   string
	breaks []int
	start  int // of the line, in the text
	row    int // its first one
}

// lay lays out a text. Lines that are as they were are not wrapped again.
func (l *textLayout) lay(text string) {
	old := l.lines
	all := strings.Split(text, "\n")
	same, behind := 0, 0 // lines that are as they were at the beginning, and at the end
	for same < min(len(all), len(old)) && all[same] == old[same].text {
		same++
	}
	for behind < min(len(all), len(old))-same && all[len(all)-1-behind] == old[len(old)-1-behind].text {
		behind++
	}
	l.lines = make([]textLine, len(all))
	start, row := 0, 0
	for i, line := range all {
		var breaks []int
		switch {
		case i < same:
			breaks = old[i].breaks
		case i >= len(all)-behind:
			breaks = old[len(old)-len(all)+i].breaks
		default:
			breaks = breakLine(line, l.width, l.by)
		}
		l.lines[i] = textLine{line, breaks, start, row}
		start += len(line) + 1
		row += len(breaks) + 1
	}
	l.rows = row
}

// fit lays out the text anew, for another width or other characters.
func (l *textLayout) fit(width int, by measure, text string) {
	if l.width != width || l.by != by {
		l.width, l.by, l.lines = width, by, nil
		l.lay(text)
	}
}

// character returns the first character of a text, and how many cells it takes.
func character(text string, by measure) (string, int) {
	if text == "" {
		return "", 0
	}
	if text[0] < utf8.RuneSelf && (len(text) == 1 || text[1] < utf8.RuneSelf) {
		if text[0] < ' ' {
			return text[:1], 0
		}
		return text[:1], 1
	}
	return ansi.FirstGraphemeCluster(text, by)
}

// breakLine returns where a line is broken to fit a width: behind blanks, around wide
// characters, or where it must be. Blanks that don't fit hang over.
func breakLine(line string, width int, by measure) []int {
	if width <= 0 {
		return nil
	}
	var breaks []int
	start, cells := 0, 0        // of the row
	opportunity, before := 0, 0 // the last place for a break, and how many cells of the row are before it
	for i := 0; i < len(line); {
		c, w := character(line[i:], by)
		if w > 1 {
			opportunity, before = i, cells
		}
		if c != " " && cells+w > width && cells > 0 {
			if opportunity > start {
				start, cells = opportunity, cells-before
				breaks = append(breaks, start)
			}
			if cells+w > width && cells > 0 {
				start, cells = i, 0
				breaks = append(breaks, start)
			}
		}
		i += len(c)
		cells += w
		if c == " " || w > 1 {
			opportunity, before = i, cells
		}
	}
	return breaks
}

// rowOf returns a row: its text, and where that begins.
func (l *textLayout) rowOf(row int) (text string, start int) {
	i := sort.Search(len(l.lines), func(i int) bool { return l.lines[i].row > row }) - 1
	line := l.lines[i]
	from, to := 0, len(line.text)
	if n := row - line.row; n > 0 {
		from = line.breaks[n-1]
	}
	if n := row - line.row; n < len(line.breaks) {
		to = line.breaks[n]
	}
	return line.text[from:to], line.start + from
}

// locate returns the row and the column of a place.
func (l *textLayout) locate(at int) (row, column int) {
	i := sort.Search(len(l.lines), func(i int) bool { return l.lines[i].start > at }) - 1
	line := l.lines[i]
	n := sort.SearchInts(line.breaks, at-line.start+1)
	from := 0
	if n > 0 {
		from = line.breaks[n-1]
	}
	return line.row + n, l.by.StringWidth(line.text[from : at-line.start])
}

// place returns the place that is seen in a row, at a column or before it.
func (l *textLayout) place(row, column int) int {
	text, start := l.rowOf(row)
	wrapped := row+1 < l.rows
	if wrapped {
		_, next := l.rowOf(row + 1)
		wrapped = next == start+len(text) // its end is the next row's beginning
	}
	for i, cells := 0, 0; ; {
		c, w := character(text[i:], l.by)
		if c == "" || cells+w > column || wrapped && i+len(c) == len(text) {
			return start + i
		}
		i += len(c)
		cells += w
	}
}
