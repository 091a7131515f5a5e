package termimg

import (
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/charmbracelet/colorprofile"
)

// Method is a way in which a terminal shows pictures.
type Method string

// The methods, the plainest first.
const (
	Off          Method = "off"          // no pictures
	ASCII        Method = "ascii"        // a ramp of characters, without colours
	Blocks       Method = "blocks"       // half blocks: two pixels to a cell
	Sixel        Method = "sixel"        // DEC's sixel graphics
	ITerm2       Method = "iterm2"       // iTerm2's inline images
	Kitty        Method = "kitty"        // kitty's graphics, placed at the cursor
	Placeholders Method = "placeholders" // kitty's graphics in the place of Unicode placeholders, which scroll as text does
)

// Auto is the word for whatever the terminal can.
const Auto = "auto"

var methods = []Method{Placeholders, Kitty, ITerm2, Sixel, Blocks, ASCII, Off}

// ParseMethod reads a method's name, or Auto, which is no method: "".
func ParseMethod(name string) (Method, error) {
	if name == Auto {
		return "", nil
	}
	if m := Method(name); slices.Contains(methods, m) {
		return m, nil
	}
	names := []string{Auto}
	for _, m := range methods {
		names = append(names, string(m))
	}
	last := len(names) - 1
	return "", fmt.Errorf("has to be %s or %s", strings.Join(names[:last], ", "), names[last])
}

// Plain is the method for a terminal of which no more is known than how many
// colours its text has.
func Plain(profile colorprofile.Profile) Method {
	if profile >= colorprofile.ANSI {
		return Blocks
	}
	return ASCII
}

// String names a method for people: "half blocks".
func (m Method) String() string {
	switch m {
	case Off:
		return "nothing"
	case ASCII:
		return "a ramp of characters"
	case Blocks:
		return "half blocks"
	case Sixel:
		return "sixel graphics"
	case ITerm2:
		return "iTerm2's inline images"
	case Kitty:
		return "kitty's graphics"
	case Placeholders:
		return "kitty's graphics with Unicode placeholders"
	}
	return string(m)
}

// Terminal says what a terminal can show, and how.
type Terminal struct {
	Method    Method
	Profile   colorprofile.Profile // how many colours text has
	Light     bool                 // the background is light: matters where there are no colours
	Cell      image.Point          // size of a cell in pixels; zero if it is not known
	Registers int                  // how many colours sixel graphics have; zero if it is not known
	Tmux      bool                 // tmux is between us and the terminal: graphics have to be passed through
}

// Placed reports whether Draw is what shows a picture, over blank Lines.
func (t Terminal) Placed() bool {
	return t.Method == Kitty || t.Method == ITerm2 || t.Method == Sixel
}

// pixels reports whether a picture is drawn in pixels rather than characters.
func (t Terminal) pixels() bool { return t.Placed() || t.Method == Placeholders }

// cell is the size of a cell, or the proportions of the usual one: that of a VT340,
// which is also what Windows Terminal takes for sixel graphics whatever its font.
func (t Terminal) cell() image.Point {
	if t.Cell.X > 0 && t.Cell.Y > 0 {
		return t.Cell
	}
	return image.Pt(10, 20)
}

// registers is how many colours a sixel picture may have.
func (t Terminal) registers() int {
	if t.Registers <= 0 {
		return mostRegisters
	}
	return max(2, min(t.Registers, mostRegisters))
}
