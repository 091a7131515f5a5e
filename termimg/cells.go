package termimg

import (
	"slices"
	"strings"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

const (
	upperHalf = "▀"
	reset     = "\x1b[m"
)

// halfBlocks draws two rows of pixels in one row of cells: the upper half block
// in the upper pixel's colour on a background of the lower one's. Neighbours of
// the same colours share one sequence, which keeps flat pictures small on slow
// lines.
func halfBlocks(p pixels, profile colorprofile.Profile) []string {
	shown := colours(profile)
	lines := make([]string, 0, p.height/2)
	for y := 0; y+1 < p.height; y += 2 {
		var line strings.Builder
		var last string
		for x := range p.width {
			style := ansi.Style{}.
				ForegroundColor(shown(p.at(x, y))).
				BackgroundColor(shown(p.at(x, y+1))).
				String()
			if style != last {
				line.WriteString(style)
				last = style
			}
			line.WriteString(upperHalf)
		}
		line.WriteString(reset)
		lines = append(lines, line.String())
	}
	return lines
}

// shades goes from nothing to as much ink as a character holds.
const shades = " .:-=+*#%@"

// ramp draws brightness alone. Ink is what is bright on a dark terminal and what
// is dark on a light one.
func ramp(p pixels, light bool) []string {
	lines := make([]string, p.height)
	for y := range lines {
		line := make([]byte, p.width)
		for x := range line {
			i := 3 * (y*p.width + x)
			luma := (299*int(p.rgb[i]) + 587*int(p.rgb[i+1]) + 114*int(p.rgb[i+2])) / 1000
			if light {
				luma = 255 - luma
			}
			line[x] = shades[luma*len(shades)/256]
		}
		lines[y] = string(line)
	}
	return lines
}

// blanks keeps a place free for what is drawn over it.
func blanks(c, r int) []string {
	return slices.Repeat([]string{strings.Repeat(" ", c)}, r)
}
