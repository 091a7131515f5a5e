package termimg

import (
	"image"
	"math"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

// photo is something like a photograph: no flat parts, noise in it.
func photo(width, height int) []byte {
	rgb := make([]byte, 3*width*height)
	seed := uint32(1)
	for y := range height {
		for x := range width {
			seed = seed*1664525 + 1013904223
			noise := float64(seed>>24)/16 - 8
			fx, fy := float64(x)/float64(width), float64(y)/float64(height)
			wave := 60 * math.Sin(17*fx*fy+5*fx)
			i := 3 * (y*width + x)
			rgb[i] = byte(max(0, min(255, 200*fx+noise+wave/2)))
			rgb[i+1] = byte(max(0, min(255, 130-wave+noise)))
			rgb[i+2] = byte(max(0, min(255, 220*fy+noise)))
		}
	}
	return rgb
}

// BenchmarkPreview is what a person waits for after a photo of 12 megapixels is
// decoded: 80 columns of it.
func BenchmarkPreview(b *testing.B) {
	rgb := photo(4000, 3000)
	for _, method := range []Method{Placeholders, Kitty, ITerm2, Sixel, Blocks, ASCII} {
		b.Run(string(method), func(b *testing.B) {
			t := Terminal{Method: method, Profile: colorprofile.TrueColor, Cell: image.Pt(9, 18)}
			for b.Loop() {
				m := New(rgb, 4000, 3000)
				c, r := m.Size(80, 30, t)
				n := len(m.Transmit(c, r, t, 1)) + len(m.Draw(c, r, Rows{0, r}, t, 1))
				m.Lines(c, r, t, 1)
				b.ReportMetric(float64(n), "bytes")
			}
		})
	}
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			New(rgb, 4000, 3000)
		}
	})
}
