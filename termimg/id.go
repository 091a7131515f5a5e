package termimg

import (
	"math/rand/v2"

	"github.com/charmbracelet/colorprofile"
)

// ID names an image to a terminal with kitty's graphics. Zero is none.
type ID uint32

// NewID makes up an id. Programs that share a terminal, as in tmux, share its ids,
// so it is a random one. Where text may have 24-bit colours it has 32 bits;
// otherwise it is one that a colour out of 256 can tell (placeholders.go). Through
// tmux it always is: tmux rounds colours to what its terminal has.
func NewID(t Terminal) ID {
	low, high := ID(1+rand.N(255)), ID(1+rand.N(255))
	if t.Profile < colorprofile.TrueColor || t.Tmux {
		return high<<24 | low
	}
	return high<<24 | ID(1+rand.N(0xffff))<<8 | low
}
