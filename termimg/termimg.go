// Package termimg shows a picture in a terminal: with pixels where the terminal
// has graphics (kitty's, sixel, iTerm2's), with half blocks where it has colours,
// with a ramp of characters where it has none.
//
// Asking a terminal (Ask, or Questions and Answers for who reads its input
// already) and Choose make a Terminal. Callers say how much room there is (Size),
// put the Lines there, which take the picture's place in the text, and write what
// Transmit and Draw return: the first once, the second at the picture's place.
// Both are empty for methods that do without. Delete frees what was transmitted.
package termimg

import (
	"image"
	"math"
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
)

// Image is a picture made ready to be drawn at any size, as often as a terminal
// is resized. It may be used by several goroutines at once.
type Image struct {
	pix pixels

	mu    sync.Mutex
	later func() []byte // makes the pixels of pix; nil if they are there
	drawn pixels        // pix at the size that was asked for last
	few   paletted      // and that in the colours of a sixel terminal
}

// New makes an Image of rgb: three bytes a pixel, rows without padding. It keeps
// rgb, which must not change.
func New(rgb []byte, width, height int) *Image {
	if width <= 0 || height <= 0 || len(rgb) < 3*width*height {
		return &Image{}
	}
	return &Image{pix: pixels{width, height, rgb[:3*width*height]}}
}

// Size returns how many cells the picture takes when it may take at most cols by
// rows: in its own proportions, never larger than its own pixels, and at least one
// cell. It is nothing where pictures are not shown.
func (m *Image) Size(cols, rows int, t Terminal) (c, r int) {
	if m.pix.width == 0 || cols <= 0 || rows <= 0 || t.Method == Off {
		return 0, 0
	}
	if t.Method == Placeholders {
		cols, rows = min(cols, mostPlaceholders), min(rows, mostPlaceholders)
	}
	cell := t.cell()
	if !t.pixels() {
		// A column is a pixel, a row as many as are as high as it.
		tall := float64(cell.Y) / float64(cell.X)
		scale := min(1, float64(cols)/float64(m.pix.width), tall*float64(rows)/float64(m.pix.height))
		return min(cols, scaled(m.pix.width, scale)), min(rows, scaled(m.pix.height, scale/tall))
	}
	size := m.fit(cols, rows, cell)
	return (size.X + cell.X - 1) / cell.X, (size.Y + cell.Y - 1) / cell.Y
}

// fit returns the size in pixels of the picture in a place of c by r cells: the
// largest that has its own proportions and no more than its own pixels.
func (m *Image) fit(c, r int, cell image.Point) image.Point {
	scale := min(1, float64(c*cell.X)/float64(m.pix.width), float64(r*cell.Y)/float64(m.pix.height))
	return image.Pt(min(c*cell.X, scaled(m.pix.width, scale)), min(r*cell.Y, scaled(m.pix.height, scale)))
}

// at returns the picture with so many pixels.
func (m *Image) at(size image.Point) pixels {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.resized(size)
}

func (m *Image) resized(size image.Point) pixels {
	if m.later != nil {
		m.pix.rgb, m.later = m.later(), nil
	}
	if m.drawn.width != size.X || m.drawn.height != size.Y {
		m.drawn = m.pix.resize(size.X, size.Y)
	}
	return m.drawn
}

// Lines returns what stands in the text where the picture is, of a size that Size
// returned: one string for each row, each with its attributes reset at the end.
// With ASCII and Blocks that is the picture, with Placeholders it is what the
// terminal replaces by the image id, and with the other methods it is blank.
func (m *Image) Lines(c, r int, t Terminal, id ID) []string {
	if m.pix.width == 0 || c <= 0 || r <= 0 {
		return nil
	}
	switch t.Method {
	case Off:
		return nil
	case ASCII:
		return ramp(m.at(image.Pt(c, r)), t.Light)
	case Blocks:
		return halfBlocks(m.at(image.Pt(c, 2*r)), t.Profile)
	case Placeholders:
		return placeholders(c, r, id)
	}
	return blanks(c, r)
}

// Transmit returns what gives a terminal with kitty's graphics the pixels, by the
// name of id: it is written once, anywhere, before Draw or before the Lines are
// seen. Other methods transmit nothing. The terminal says nothing in return.
func (m *Image) Transmit(c, r int, t Terminal, id ID) string {
	if m.pix.width == 0 || c <= 0 || r <= 0 {
		return ""
	}
	switch t.Method {
	case Kitty:
		return transmit(m.at(m.fit(c, r, t.cell())), id, t, "a=t")
	case Placeholders:
		return transmit(m.at(m.fit(c, r, t.cell())), id, t, virtual(c, r))
	}
	return ""
}

// Rows is a part of a picture: those from From up to but not with To, counted in
// cells from its top.
type Rows struct{ From, To int }

// Draw returns what shows rows of the picture with Sixel, ITerm2 and Kitty,
// written when the cursor is at the place of the first of them in the leftmost
// column. Other methods draw nothing beyond their Lines.
//
// The place has to be on the screen with all its rows: then nothing scrolls, and
// the cursor is afterwards where it was. Kitty draws over what it has placed under
// the same id before (which is therefore moved); Sixel and ITerm2 paint over the
// cells, and lose what is later written there.
func (m *Image) Draw(c, r int, rows Rows, t Terminal, id ID) string {
	rows = Rows{max(0, rows.From), min(r, rows.To)}
	if m.pix.width == 0 || c <= 0 || rows.From >= rows.To {
		return ""
	}
	cell := t.cell()
	size := m.fit(c, r, cell)
	// The last row of cells may be filled in part.
	top, bottom := min(rows.From*cell.Y, size.Y), min(rows.To*cell.Y, size.Y)
	if top == bottom {
		return ""
	}
	switch t.Method {
	case Kitty:
		return place(c, rows, size, top, bottom, t, id)
	case Sixel:
		return keepCursor(sixels(m.paletted(size, t.registers()), top, bottom))
	case ITerm2:
		return keepCursor(inline(m.at(size).rows(top, bottom), c, rows, cell))
	}
	return ""
}

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

// keepCursor has the cursor be afterwards where it was: terminals differ in where
// they leave it.
func keepCursor(drawing string) string { return ansi.SaveCursor + drawing + ansi.RestoreCursor }

func scaled(n int, scale float64) int {
	return max(1, int(math.Round(float64(n)*scale)))
}
