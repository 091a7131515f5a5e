package termimg

import (
	"bytes"
	"fmt"
	"image"
	"strconv"

	"github.com/charmbracelet/x/ansi"
)

// band is how many rows of pixels a sixel is high.
const band = 6

// sixels writes the rows of pixels from top up to bottom. A band is written once
// for each of its colours, from the first pixel that has it to the last. The last
// band is not ended: what follows is then in the picture's last row and nothing
// scrolls.
//
// See https://vt100.net/docs/vt3xx-gp/chapter14.html
func sixels(m paletted, top, bottom int) string {
	bands := (bottom - top + band - 1) / band
	parts := make([][]byte, bands)
	inParallel(bands, func(from, to int) {
		s := newSixelBand(m.width)
		for i := from; i < to; i++ {
			y := top + i*band
			parts[i] = s.write(m, y, min(y+band, bottom))
		}
	})
	var out bytes.Buffer
	fmt.Fprintf(&out, `"1;1;%d;%d`, m.width, bottom-top)
	for i, c := range m.palette {
		fmt.Fprintf(&out, "#%d;2;%d;%d;%d", i, percent(c[0]), percent(c[1]), percent(c[2]))
	}
	out.Write(bytes.Join(parts, []byte("-")))
	// The second parameter leaves pixels alone that have no colour.
	return ansi.SixelGraphics(0, 1, 0, out.Bytes())
}

// sixelBand is the work sheet for one band after another.
type sixelBand struct {
	bits  [mostRegisters][]byte // for each colour and column, which of the six pixels have it
	first [mostRegisters]int    // the first column that has the colour
	last  [mostRegisters]int
	used  []byte // the colours of this band
}

func newSixelBand(width int) *sixelBand {
	s := &sixelBand{}
	all := make([]byte, len(s.bits)*width)
	for i := range s.bits {
		s.bits[i] = all[i*width : (i+1)*width]
		s.first[i] = width
	}
	return s
}

func (s *sixelBand) write(m paletted, top, bottom int) []byte {
	for y := top; y < bottom; y++ {
		bit := byte(1) << (y - top)
		for x, c := range m.index[y*m.width : (y+1)*m.width] {
			if s.first[c] == m.width {
				s.used = append(s.used, c)
				s.last[c] = -1
			}
			s.first[c], s.last[c] = min(s.first[c], x), max(s.last[c], x)
			s.bits[c][x] |= bit
		}
	}
	out := make([]byte, 0, 4*m.width)
	for i, c := range s.used {
		if i > 0 {
			out = append(out, '$')
		}
		out = strconv.AppendInt(append(out, '#'), int64(c), 10)
		out = repeated(out, 0, s.first[c])
		for x, end := s.first[c], s.last[c]+1; x < end; {
			bits, run := s.bits[c][x], x
			for x < end && s.bits[c][x] == bits {
				x++
			}
			out = repeated(out, bits, x-run)
		}
		clear(s.bits[c][s.first[c] : s.last[c]+1])
		s.first[c] = m.width
	}
	s.used = s.used[:0]
	return out
}

// repeated writes a sixel n times, the shorter way.
func repeated(out []byte, bits byte, n int) []byte {
	sixel := '?' + bits
	if n > 3 {
		return append(strconv.AppendInt(append(out, '!'), int64(n), 10), sixel)
	}
	for range n {
		out = append(out, sixel)
	}
	return out
}

// percent is the unit of sixel's colours.
func percent(level byte) int { return (int(level)*100 + 127) / 255 }

// paletted returns the picture in a palette, remembering it: it is drawn anew in
// parts while it scrolls.
func (m *Image) paletted(size image.Point, colours int) paletted {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.few.width != size.X || m.few.height != size.Y || m.few.most != colours {
		m.few = quantise(m.resized(size), colours)
	}
	return m.few
}
