package termimg

import (
	"image"

	"github.com/charmbracelet/colorprofile"
)

// Method is a way in which a terminal shows pictures.
type Method string

// The methods, the plainest first.
const (
	ASCII        Method = "ascii"        // a ramp of characters, without colours
	Blocks       Method = "blocks"       // half blocks: two pixels to a cell
	Sixel        Method = "sixel"        // DEC's sixel graphics
	ITerm2       Method = "iterm2"       // iTerm2's inline images
	Kitty        Method = "kitty"        // kitty's graphics, placed at the cursor
	Placeholders Method = "placeholders" // kitty's graphics in the place of Unicode placeholders, which scroll as text does
)

// Terminal says what a terminal can show, and how.
type Terminal struct {
	Method  Method
	Profile colorprofile.Profile // how many colours text has
	Light   bool                 // the background is light: matters where there are no colours
	Cell    image.Point          // size of a cell in pixels; zero if it is not known
	Tmux    bool                 // tmux is between us and the terminal: graphics have to be passed through
}
