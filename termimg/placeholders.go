package termimg

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi/kitty"
)

// mostPlaceholders is how many rows and columns there are diacritics for, and
// so a picture may have.
const mostPlaceholders = 297

// placeholders are cells that a terminal replaces by parts of an image. The
// character's diacritics tell the row, the column and the highest byte of the id;
// its colour tells the id's other bytes, 24 bits or a number out of 256. Every cell
// tells all, though it could have it from its left neighbour: then a renderer may
// write cells anew one by one.
//
// See https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders
func placeholders(c, r int, id ID) []string {
	colour := fmt.Sprintf("\x1b[38;5;%dm", id&0xff)
	if id&0xffff00 != 0 {
		colour = fmt.Sprintf("\x1b[38;2;%d;%d;%dm", id>>16&0xff, id>>8&0xff, id&0xff)
	}
	lines := make([]string, r)
	for y := range lines {
		var line strings.Builder
		line.WriteString(colour)
		for x := range c {
			line.WriteRune(kitty.Placeholder)
			line.WriteRune(kitty.Diacritic(y))
			line.WriteRune(kitty.Diacritic(x))
			if high := id >> 24; high != 0 {
				line.WriteRune(kitty.Diacritic(int(high)))
			}
		}
		line.WriteString(reset)
		lines[y] = line.String()
	}
	return lines
}

// virtual asks for a placement that only placeholders show.
func virtual(c, r int) string { return fmt.Sprintf("a=T,U=1,c=%d,r=%d", c, r) }
