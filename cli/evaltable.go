package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// textTable is rows of texts that stand below each other: the first column begins at the left,
// numbers end at the right.
type textTable struct {
	left int        // how many columns begin at the left
	head []string   // above the columns
	rows [][]string // of as many
}

func (t *textTable) add(cells ...string) { t.rows = append(t.rows, cells) }

// dropEmpty leaves out the columns in which no row has anything.
func (t *textTable) dropEmpty() {
	for i := len(t.head) - 1; i > 0; i-- {
		if slices.ContainsFunc(t.rows, func(row []string) bool { return row[i] != "" }) {
			continue
		}
		t.head = slices.Delete(t.head, i, i+1)
		for k := range t.rows {
			t.rows[k] = slices.Delete(t.rows[k], i, i+1)
		}
	}
}

// gap is between two columns.
const gap = 2

// print writes the table in no more columns of the terminal than width: the first column is cut,
// and where that is not enough the last ones are left out. head is how the line above it is drawn.
func (t *textTable) print(w io.Writer, width int, head func(string) string) {
	const least = 8 // of the first column
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	behind := 0 // the first column
	for i, n := range widths[1:] {
		if behind+gap+n+min(least, widths[0]) > width {
			widths = widths[:1+i]
			break
		}
		behind += gap + n
	}
	widths[0] = min(widths[0], width-behind)
	fmt.Fprintln(w, head(t.line(t.head, widths)))
	for _, row := range t.rows {
		fmt.Fprintln(w, t.line(row, widths))
	}
}

func (t *textTable) line(row []string, widths []int) string {
	var b strings.Builder
	for i, cell := range row[:len(widths)] {
		if i == 0 {
			cell = ansi.Truncate(cell, widths[0], "…")
		} else {
			b.WriteString(strings.Repeat(" ", gap))
		}
		blanks := strings.Repeat(" ", max(0, widths[i]-ansi.StringWidth(cell)))
		if i < t.left {
			b.WriteString(cell + blanks)
		} else {
			b.WriteString(blanks + cell)
		}
	}
	return strings.TrimRight(b.String(), " ")
}
