// Package termimg draws a picture as the text of a terminal: two pixels to a
// cell with half blocks where there is colour, a ramp of characters where there
// is none. Terminals that show real pixels (kitty, sixel, iTerm2) will be served
// by the same Image, which is why callers say how much room there is and never
// how a cell is made.
package termimg

import (
	"math"

	"github.com/charmbracelet/colorprofile"
)

// bound is the longest edge, in pixels, that an Image keeps: more than any
// terminal shows in half blocks, and little enough to be scaled in a frame.
const bound = 256

// Image is a picture made ready to be drawn at any size, as often as a terminal
// is resized.
type Image struct {
	width, height int // of the picture itself, which may be larger than pix
	pix           pixels
}

// New makes an Image of rgb: three bytes a pixel, rows without padding. It goes
// over every pixel once, so a large photograph takes some milliseconds here and
// none later. It keeps no reference to rgb.
func New(rgb []byte, width, height int) *Image {
	if width <= 0 || height <= 0 || len(rgb) < 3*width*height {
		return &Image{}
	}
	scale := min(1, bound/float64(max(width, height)))
	w, h := scaled(width, scale), scaled(height, scale)
	return &Image{width, height, pixels{width, height, rgb}.resize(w, h)}
}

// Look says what the terminal can show.
type Look struct {
	Profile colorprofile.Profile // how many colours
	Light   bool                 // the background is light: matters where there are no colours
}

// coloured reports whether there is colour to draw with.
func (l Look) coloured() bool { return l.Profile >= colorprofile.ANSI }

// Method names the way in which Lines draws, for people.
func (l Look) Method() string {
	if !l.coloured() {
		return "a ramp of characters"
	}
	return "half blocks"
}

// Size returns how many cells the picture takes when it may take at most cols by
// rows: in its own proportions (a cell is twice as tall as it is wide), never
// larger than its own pixels, and at least one cell.
func (m *Image) Size(cols, rows int) (c, r int) {
	if m.width == 0 || cols <= 0 || rows <= 0 {
		return 0, 0
	}
	scale := min(1, float64(cols)/float64(m.width), 2*float64(rows)/float64(m.height))
	return min(cols, scaled(m.width, scale)), min(rows, scaled(m.height, scale/2))
}

// Lines draws the picture into at most cols by rows cells, one string for each
// row. Each line ends with its attributes reset.
func (m *Image) Lines(cols, rows int, look Look) []string {
	c, r := m.Size(cols, rows)
	if c == 0 || r == 0 {
		return nil
	}
	if look.coloured() {
		return halfBlocks(m.pix.resize(c, 2*r), look.Profile)
	}
	return ramp(m.pix.resize(c, r), look.Light)
}

func scaled(n int, scale float64) int {
	return max(1, int(math.Round(float64(n)*scale)))
}
