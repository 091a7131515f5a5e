package markdown

import (
	"slices"
	"strings"
)

// table is one that rows are still added to.
type table struct {
	aligns []alignment
	head   []cell
	rows   [][]cell // that wait for the widths
	widths []int    // of the columns; nil before they are certain
	pairs  bool     // there is no room for columns: row by row, each cell behind its column's name
	tall   bool     // the row before has several lines
	drawn  int      // rows
}

type alignment uint8

const (
	left alignment = iota
	centre
	right
)

type cell struct {
	spans []span
	width int // of its widest line
}

const (
	// certain is after how many rows the widths of columns are what they are, so
	// that a long table does not move as it grows.
	certain = 50
	// squeezed is how narrow a column may become that would be wider.
	squeezed = 8
	column   = " │ "
)

// beginsTable takes a line below a paragraph's last one that makes this a table's
// head. Before that line is there, a line that looks like a head is taken for one,
// for as long as the text is open.
func (p *parser) beginsTable(line string) bool {
	src := p.para.src
	above, head := "", src
	if i := strings.LastIndexByte(src, '\n'); i >= 0 {
		above, head = src[:i], src[i+1:]
	}
	cells := split(head)
	aligns := make([]alignment, len(cells))
	if line == "" {
		if !strings.HasPrefix(head, "|") || p.para.settled && above == "" {
			return false
		}
	} else {
		var ok bool
		if aligns, ok = delimiterRow(line); !ok || len(aligns) != len(cells) || !strings.Contains(head+line, "|") || p.para.settled && above == "" {
			return false
		}
	}
	if p.para.src = above; above != "" {
		p.begin(tabular)
	}
	p.kind, p.last = tabular, tabular
	p.table = table{aligns: aligns}
	for _, text := range cells {
		p.table.head = append(p.table.head, p.cell(text, bold))
	}
	return true
}

// delimiterRow reads what is between a table's head and its rows.
func delimiterRow(line string) (aligns []alignment, ok bool) {
	for _, text := range split(line) {
		begin, end := strings.HasPrefix(text, ":"), strings.HasSuffix(text, ":")
		if dashes := strings.Trim(text, ":"); dashes == "" || strings.Trim(dashes, "-") != "" {
			return nil, false
		}
		switch {
		case begin && end:
			aligns = append(aligns, centre)
		case end:
			aligns = append(aligns, right)
		default:
			aligns = append(aligns, left)
		}
	}
	return aligns, len(aligns) > 0
}

// split returns the cells of a row.
func split(line string) []string {
	line = strings.TrimPrefix(strings.TrimSpace(line), "|")
	var cells []string
	from := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '|':
			cells = append(cells, line[from:i])
			from = i + 1
		}
	}
	if rest := line[from:]; !blank(rest) || len(cells) == 0 {
		cells = append(cells, rest)
	}
	for i, text := range cells {
		cells[i] = strings.TrimSpace(strings.ReplaceAll(text, "\t", tab))
	}
	return cells
}

// cell reads a cell.
func (p *parser) cell(text string, weight weight) cell {
	c := cell{spans: parse(strings.ReplaceAll(text, `\|`, "|"), look{weight: weight}, p.half)}
	width := 0
	for _, s := range c.spans {
		for i, line := range strings.Split(s.text, "\n") {
			if i > 0 {
				width = 0
			}
			width += p.theme.width(line)
			c.width = max(c.width, width)
		}
	}
	return c
}

// tableRow reads a row.
func (p *parser) tableRow(line string) {
	t := &p.table
	texts := split(line)
	if n := len(t.head); len(texts) > n {
		texts = append(texts[:n-1], strings.Join(texts[n-1:], " | "))
	}
	cells := make([]cell, len(t.head))
	for i, text := range texts {
		cells[i] = p.cell(text, 0)
	}
	if t.widths != nil || t.pairs {
		p.drawRow(cells)
		return
	}
	if t.rows = append(t.rows, cells); len(t.rows) == certain {
		p.drawTable()
	}
}

// endTable draws a table whose widths are still open.
func (p *parser) endTable() {
	if t := &p.table; t.widths == nil && !t.pairs {
		p.drawTable()
	}
}

// drawTable decides how wide the columns are, and draws what is there.
func (p *parser) drawTable() {
	t := &p.table
	natural := make([]int, len(t.head))
	for _, row := range slices.Concat(t.rows, [][]cell{t.head}) {
		for i, c := range row {
			natural[i] = max(natural[i], c.width, 1)
		}
	}
	t.widths = fit(natural, p.room()-(len(natural)-1)*len(" | "))
	if t.pairs = t.widths == nil; !t.pairs {
		p.drawRow(t.head)
		var lines []string
		for _, n := range t.widths {
			lines = append(lines, strings.Repeat("─", n))
		}
		p.emit(p.theme.mark(strings.Join(lines, "─┼─")))
		t.drawn, t.tall = 0, false
	}
	for _, row := range t.rows {
		p.drawRow(row)
	}
	if t.pairs && len(t.rows) == 0 {
		for _, c := range t.head {
			p.emitRows(lay(c.spans, p.room(), p.theme))
		}
	}
	t.rows = nil
}

// fit returns how wide columns are that have so much room together, the wide ones as
// wide as each other: nil if they would be too narrow to read.
func fit(natural []int, room int) []int {
	widths := slices.Clone(natural)
	least := 0
	for _, n := range natural {
		least += min(n, squeezed)
	}
	if least > room {
		return nil
	}
	most := slices.Max(natural)
	for ; most > squeezed; most-- {
		sum := 0
		for _, n := range natural {
			sum += min(n, most)
		}
		if sum <= room {
			break
		}
	}
	for i, n := range natural {
		widths[i] = min(n, most)
		room -= widths[i]
	}
	for i, n := range natural {
		if room > 0 && widths[i] < n {
			widths[i]++
			room--
		}
	}
	return widths
}

// drawRow draws a row. One of several lines is parted from the next one by a line.
func (p *parser) drawRow(cells []cell) {
	t := &p.table
	if t.pairs {
		p.drawPairs(cells)
		return
	}
	columns := make([][]row, len(cells))
	height := 1
	for i, c := range cells {
		columns[i] = lay(c.spans, t.widths[i], p.theme)
		height = max(height, len(columns[i]))
	}
	if t.drawn > 0 && (height > 1 || t.tall) {
		var lines []string
		for _, n := range t.widths {
			lines = append(lines, strings.Repeat("┈", n))
		}
		p.emit(p.theme.mark(strings.Join(lines, "┈┼┈")))
	}
	t.tall = height > 1
	t.drawn++
	for y := range height {
		var b strings.Builder
		for x, lines := range columns {
			if x > 0 {
				b.WriteString(p.theme.mark(column))
			}
			var r row
			if y < len(lines) {
				r = lines[y]
			}
			blanks := max(0, t.widths[x]-r.width)
			before := 0
			switch t.aligns[x] {
			case centre:
				before = blanks / 2
			case right:
				before = blanks
			}
			b.WriteString(strings.Repeat(" ", before) + r.text)
			if x < len(columns)-1 {
				b.WriteString(strings.Repeat(" ", blanks-before))
			}
		}
		p.emit(b.String())
	}
}

// drawPairs draws a row where there is no room for columns. Empty cells are left out:
// else two letters below a head of a thousand columns were a thousand lines.
func (p *parser) drawPairs(cells []cell) {
	t := &p.table
	if t.drawn > 0 {
		p.emit("")
	}
	t.drawn++
	for i, c := range cells {
		if len(c.spans) == 0 {
			continue
		}
		spans := slices.Concat(t.head[i].spans, []span{{text: ": "}}, c.spans)
		p.emitRows(lay(spans, p.room(), p.theme))
	}
}
