package termimg

import (
	"image/color"
	"sync"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// palette is the colours of a terminal that has few.
type palette []entry

type entry struct {
	color   color.Color
	r, g, b int
}

// They are made when they are used: most terminals have all colours.
var (
	basic = sync.OnceValue(func() palette { return newPalette(0, 16) })
	// The first sixteen are left out: every terminal sets them differently.
	indexed = sync.OnceValue(func() palette { return newPalette(16, 256) })
)

func newPalette(from, to int) palette {
	var p palette
	for i := from; i < to; i++ {
		var c color.Color = ansi.IndexedColor(i)
		if i < 16 {
			c = ansi.BasicColor(i)
		}
		r, g, b, _ := c.RGBA()
		p = append(p, entry{c, int(r >> 8), int(g >> 8), int(b >> 8)})
	}
	return p
}

// colours returns how a profile shows a pixel. The profile's own conversion goes
// by hue and lightness and takes pale pink for grey; in a picture the colours are
// what is talked about, and the nearest in red, green and blue keeps them.
func colours(profile colorprofile.Profile) func(r, g, b byte) color.Color {
	switch profile {
	case colorprofile.ANSI:
		return basic().nearest
	case colorprofile.ANSI256:
		return indexed().nearest
	}
	return func(r, g, b byte) color.Color { return color.RGBA{r, g, b, 0xff} }
}

func (p palette) nearest(r, g, b byte) color.Color {
	var best color.Color
	least := 1 << 30
	for _, e := range p {
		dr, dg, db := e.r-int(r), e.g-int(g), e.b-int(b)
		if d := dr*dr + dg*dg + db*db; d < least {
			best, least = e.color, d
		}
	}
	return best
}
