package ui

import (
	"fmt"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// Measures of a picker.
const (
	// besides is the width from which a preview has room beside the entries, and
	// oneLine that from which what there is to say of an entry stands behind its name.
	besides, oneLine = 72, 56
	// leastRows is how many entries there is room for above a preview.
	leastRows = 4
	// namesMost is the part of a line, in per cent, that names take at most.
	namesMost = 55
)

func (p *picker) draw(f frame, height int) panel {
	rows := max(1, height-1)
	p.column, p.above = 0, 1
	width, below := f.width, 0
	if p.preview != nil && len(p.matches) > 0 {
		if f.width >= besides {
			p.column = f.width * 2 / 5
			width = p.column - 1
		} else if rows > 2*leastRows {
			below = rows - max(leastRows, rows*2/5)
			rows -= below
		}
	}
	out := panel{lines: []string{p.filterLine(f)}, cursor: p.cursor()}
	list := p.list(f, width, rows)
	// What is found changes with every letter; the screen does not jump with it.
	p.tall = min(max(p.tall, len(list)), rows)
	for len(list) < p.tall {
		list = append(list, "")
	}
	out.lines = append(out.lines, list...)
	if p.column == 0 && below == 0 {
		return out
	}
	inner := f
	at := panelPlace{row: 1, col: p.column + 1}
	if p.column > 0 {
		inner.width = max(1, f.width-at.col)
		inner.pictureRows = max(1, min(f.pictureRows, rows-2))
		below = rows
	} else {
		inner.width = max(1, f.width-len(indent))
		inner.pictureRows = max(1, min(f.pictureRows, below-2))
		at = panelPlace{row: 1 + len(list), col: len(indent)}
	}
	out.join(p.preview(p.matches[p.at].entry, inner, below), at, below, f.styles)
	return out
}

// panelPlace is where in a panel another one goes.
type panelPlace struct{ row, col int }

// join puts another panel into this one, of at most so many lines.
func (p *panel) join(other panel, at panelPlace, height int, st *styles) {
	for i, line := range other.lines[:min(len(other.lines), max(0, height))] {
		for len(p.lines) <= at.row+i {
			p.lines = append(p.lines, "")
		}
		before := p.lines[at.row+i]
		p.lines[at.row+i] = before + spaces(at.col-st.width(before)) + line
	}
	for _, h := range other.hung {
		h.row, h.col = h.row+at.row, h.col+at.col
		if h.seen.To = min(h.seen.To, at.row+height-h.row); h.seen.From < h.seen.To {
			p.hung = append(p.hung, h)
		}
	}
}

func (p *picker) cursor() *tea.Cursor { return p.filter.Cursor() }

// filterLine is what was written, and how many entries there are of how many.
func (p *picker) filterLine(f frame) string {
	st := f.styles
	far := fmt.Sprint(len(p.matches))
	if len(p.matches) < len(p.entries) {
		far += fmt.Sprintf(" of %d", len(p.entries))
	}
	if p.search != nil {
		far = spinner[p.search.doing.frame%len(spinner)] + " " + far
	}
	const least = 24 // for what is written
	room := f.width - st.width(far) - 2
	if room < least {
		far, room = "", f.width
	}
	p.filter.SetWidth(max(1, room-len(indent)-1))
	line := p.filter.View()
	if far == "" {
		return line
	}
	return line + spaces(f.width-st.width(line)-st.width(far)-1) + st.faint.Render(far)
}

// list draws the rows that there is room for: entries, headings of sections, and why
// there is nothing else.
func (p *picker) list(f frame, width, rows int) []string {
	narrow := width < oneLine
	all, selected := p.lay(narrow)
	last := selected
	for last+1 < len(all) && all[last+1] == all[selected] {
		last++
	}
	p.first = max(min(p.first, selected), last-rows+1, 0)
	if p.at == 0 {
		p.first = 0 // with the heading above it
	}
	st := f.styles
	column := 0
	if narrow {
		column = width - 3
	} else {
		most := max(1, width*namesMost/100)
		if p.names > 0 {
			most = min(most, p.names)
		}
		for i := 0; i < len(p.matches) && column < most; i++ {
			e := p.matches[i].entry
			column = min(most, max(column, st.width(p.lead(e))+st.width(e.name)+2))
		}
	}
	p.rows = all[p.first:min(len(all), p.first+rows)]
	var lines []string
	for at, i := range p.rows {
		switch {
		case at > 0 && i == p.rows[at-1]:
			lines = append(lines, st.faint.Render(st.cut("    "+p.matches[i].about(p.written() != ""), width, "…")))
		case i >= 0:
			lines = append(lines, p.row(i, column, width, narrow, st))
		default:
			lines = append(lines, st.cut(st.faint.Underline(true).Render(p.matches[-i-1].entry.section), width, "…"))
		}
	}
	if n := p.nothing(); n != nil {
		lines = append(lines, indented(n.lines(max(1, width-len(indent)), st))...)
	} else if len(lines) == 0 && p.search != nil {
		lines = append(lines, indent+st.faint.Render(p.doing+" …"))
	}
	return lines[:min(len(lines), rows)]
}

// lay returns what stands in the rows: the index of a match, or of a heading that of the
// match below it as -1-index; and the row of what would be picked, which on a narrow
// screen has two. While something is looked for there are no headings, as the best
// comes first.
func (p *picker) lay(narrow bool) (rows []int, selected int) {
	section, written := "", p.written() != ""
	if first := p.matches; len(first) > 0 && first[0].entry.section == first[len(first)-1].entry.section {
		section = first[0].entry.section // of all of them, which says nothing
	}
	for i, found := range p.matches {
		if s := found.entry.section; s != section && !written {
			section = s
			if s != "" {
				rows = append(rows, -1-i)
			}
		}
		if i == p.at {
			selected = len(rows)
			if narrow && p.preview == nil && found.about(written) != "" {
				rows = append(rows, i)
			}
		}
		rows = append(rows, i)
	}
	return rows, selected
}

// about says of an entry what is not its name: its section, too, where that is not
// seen as a heading.
func (f match) about(section bool) string {
	if !section || f.entry.section == "" {
		return f.entry.about
	}
	return strings.TrimPrefix(f.entry.about+dot+f.entry.section, dot)
}

// lead is what is drawn before an entry's name: nothing while something is looked for, as
// those around it are missing then.
func (p *picker) lead(e entry) string {
	if p.written() != "" {
		return ""
	}
	return e.lead
}

// cut shortens an entry's name to width cells, and tells which of what is left are letters
// that were written.
func (f match) cut(width int, st *styles) (name string, letter []bool) {
	name, letter = f.entry.name, f.letter
	over := st.width(name) - width
	if over <= 0 || !f.entry.path {
		return st.cut(name, width, "…"), letter
	}
	end := st.by.TruncateLeft(name, over+1, "")
	gone := utf8.RuneCountInString(name) - utf8.RuneCountInString(end)
	return st.cut("…"+end, width, ""), append([]bool{false}, letter[min(gone, len(letter)):]...)
}

// row draws an entry.
func (p *picker) row(i, column, width int, narrow bool, st *styles) string {
	e := p.matches[i].entry
	style, mark := st.plain, "  "
	if e.unfit {
		style = st.faint
	}
	if i == p.at {
		style, mark = style.Bold(true), st.bar.Render(prompt)
	}
	lead := st.cut(p.lead(e), max(0, column-3), "…")
	name, letter := p.matches[i].cut(max(1, column-2-st.width(lead)), st)
	pad := spaces(column - 2 - st.width(lead) - st.width(name))
	name = st.faint.Render(lead) + emphasise(name, letter, style)
	switch {
	case e.current:
		name += " •"
	case p.marked != nil && p.marked(e):
		name += " ✓"
	default:
		name += indent
	}
	if narrow {
		return st.cut(mark+name+pad, width, "…")
	}
	return st.cut(mark+name+pad+" "+st.faint.Render(p.matches[i].about(p.written() != "")), width, "…")
}
