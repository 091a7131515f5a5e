package termimg

import (
	"image"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// DrawAt is Draw at a column and a row of the screen, counted from 0, wherever the
// cursor is.
func (m *Image) DrawAt(at image.Point, c, r int, rows Rows, t Terminal, id ID) string {
	drawing := m.Draw(c, r, rows, t, id)
	if drawing == "" {
		return ""
	}
	// A terminal remembers one cursor.
	drawing = strings.TrimSuffix(strings.TrimPrefix(drawing, ansi.SaveCursor), ansi.RestoreCursor)
	return keepCursor(ansi.CursorPosition(at.X+1, at.Y+1) + drawing)
}
