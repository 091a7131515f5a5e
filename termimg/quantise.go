package termimg

import (
	"cmp"
	"slices"
	"sync/atomic"
)

// mostRegisters is how many colours a sixel picture has at most.
const mostRegisters = 256

// paletted is a picture in the colours of a palette.
type paletted struct {
	width, height int
	most          int // how many colours there could be
	palette       [][3]byte
	index         []byte
}

// Colours are counted in a histogram of five bits for each of red, green, blue.
const (
	binBits = 5
	bins    = 1 << (3 * binBits)
)

func binOf(r, g, b byte) int {
	const low = 8 - binBits
	return int(r>>low)<<(2*binBits) | int(g>>low)<<binBits | int(b>>low)
}

// tally is what a bin holds: how many pixels, and the sum of their levels.
type tally struct{ n, r, g, b uint32 }

// quantise finds colours by a median cut and spreads the error over neighbours
// (Floyd and Steinberg), in stripes side by side, of which each begins afresh.
func quantise(p pixels, most int) paletted {
	histogram := make([]tally, bins)
	for i := 0; i+2 < len(p.rgb); i += 3 {
		r, g, b := p.rgb[i], p.rgb[i+1], p.rgb[i+2]
		t := &histogram[binOf(r, g, b)]
		t.n++
		t.r += uint32(r)
		t.g += uint32(g)
		t.b += uint32(b)
	}
	m := paletted{p.width, p.height, most, medianCut(histogram, most), make([]byte, p.width*p.height)}
	nearest := newNearest(m.palette)
	// Stripes are as high as is best for the picture, not for the processors: it
	// looks the same on every machine.
	const stripe = 64
	stripes := (p.height + stripe - 1) / stripe
	inParallel(stripes, func(from, to int) {
		d := newDither(p.width)
		for y := from * stripe; y < min(to*stripe, p.height); y++ {
			if y%stripe == 0 {
				d.begin()
			}
			d.line(m.index[y*p.width:(y+1)*p.width], p.row(y), nearest)
		}
	})
	return m
}

// box is a part of the histogram that becomes one colour.
type box struct {
	bins []uint16
	n    uint32
	// spread is how much there is to gain by cutting it: along the axis where its
	// colours differ most, by how much, times how many pixels.
	axis   int
	spread uint64
}

// medianCut returns the means of boxes, by how green they are: the one that is most
// worth it is cut in two, again and again.
func medianCut(histogram []tally, most int) [][3]byte {
	var all []uint16
	for i, t := range histogram {
		if t.n > 0 {
			all = append(all, uint16(i))
		}
	}
	boxes := []box{measure(all, histogram)}
	for len(boxes) < most {
		widest := 0
		for i := range boxes {
			if boxes[i].spread > boxes[widest].spread {
				widest = i
			}
		}
		if boxes[widest].spread == 0 {
			break
		}
		a, b := boxes[widest].cut(histogram)
		boxes[widest] = a
		boxes = append(boxes, b)
	}
	palette := make([][3]byte, 0, len(boxes))
	for _, b := range boxes {
		palette = append(palette, b.mean(histogram))
	}
	slices.SortFunc(palette, func(a, b [3]byte) int { return cmp.Compare(a[1], b[1]) })
	return palette
}

// level is a bin's coordinate along an axis: red, green, blue.
func level(bin uint16, axis int) int { return int(bin>>(binBits*(2-axis))) & (1<<binBits - 1) }

func measure(part []uint16, histogram []tally) box {
	b := box{bins: part}
	var sum, squares [3]uint64
	for _, bin := range part {
		n := uint64(histogram[bin].n)
		b.n += histogram[bin].n
		for axis := range 3 {
			l := uint64(level(bin, axis))
			sum[axis] += n * l
			squares[axis] += n * l * l
		}
	}
	for axis := range 3 {
		// The variance times the number of pixels.
		if v := squares[axis] - sum[axis]*sum[axis]/max(1, uint64(b.n)); v > b.spread && len(part) > 1 {
			b.axis, b.spread = axis, v
		}
	}
	return b
}

// cut parts a box at its mean: it has colours on both sides of it.
func (b box) cut(histogram []tally) (low, high box) {
	var sum uint64
	for _, bin := range b.bins {
		sum += uint64(histogram[bin].n) * uint64(level(bin, b.axis))
	}
	mean := int(sum / uint64(b.n))
	at := 0
	for i, bin := range b.bins {
		if level(bin, b.axis) <= mean {
			b.bins[at], b.bins[i] = bin, b.bins[at]
			at++
		}
	}
	return measure(b.bins[:at], histogram), measure(b.bins[at:], histogram)
}

// mean is the colour of a box, in what sixel's percents can tell.
func (b box) mean(histogram []tally) [3]byte {
	var sum tally
	for _, bin := range b.bins {
		t := histogram[bin]
		sum.r += t.r
		sum.g += t.g
		sum.b += t.b
	}
	level := func(total uint32) byte {
		return byte((percent(byte(total/max(1, b.n)))*255 + 50) / 100)
	}
	return [3]byte{level(sum.r), level(sum.g), level(sum.b)}
}

// nearest finds the palette's nearest colour for a bin, once: a picture has few of
// all bins.
type nearest struct {
	palette [][3]byte       // by how green they are
	found   []atomic.Uint32 // the colour's number and one, for each bin
}

func newNearest(palette [][3]byte) *nearest {
	return &nearest{palette, make([]atomic.Uint32, bins)}
}

func (n *nearest) to(r, g, b byte) byte {
	bin := binOf(r, g, b)
	if found := n.found[bin].Load(); found > 0 {
		return byte(found - 1)
	}
	// The middle of the bin.
	const side = 1 << (8 - binBits)
	middle := [3]int32{int32(r&^(side-1) | side/2), int32(g&^(side-1) | side/2), int32(b&^(side-1) | side/2)}
	best, least := 0, int32(1<<30)
	// further compares a colour, unless the greens alone are too far apart.
	further := func(i int) bool {
		c := &n.palette[i]
		dr, dg, db := middle[0]-int32(c[0]), middle[1]-int32(c[1]), middle[2]-int32(c[2])
		if dg*dg >= least {
			return false
		}
		if d := dr*dr + dg*dg + db*db; d < least {
			best, least = i, d
		}
		return true
	}
	at, _ := slices.BinarySearchFunc(n.palette, g, func(c [3]byte, g byte) int { return cmp.Compare(c[1], g) })
	for i := at; i < len(n.palette) && further(i); i++ {
	}
	for i := at - 1; i >= 0 && further(i); i-- {
	}
	n.found[bin].Store(uint32(best) + 1)
	return byte(best)
}

// dither carries the error of each pixel to its neighbours, in sixteenths: 7 to the
// right; 3, 5 and 1 to those below.
type dither struct{ here, below []int32 } // for each colour of each pixel of a line

func newDither(width int) *dither {
	return &dither{make([]int32, 3*width), make([]int32, 3*width)}
}

// begin forgets the lines above.
func (d *dither) begin() { clear(d.here) }

func (d *dither) line(index, rgb []byte, n *nearest) {
	var e, last, before [3]int32 // of this pixel, and of the two on its left
	for x := range index {
		pixel, here := rgb[3*x:3*x+3:3*x+3], d.here[3*x:3*x+3:3*x+3]
		before, last = last, e
		var want [3]int32
		for i := range want {
			want[i] = max(0, min(255, int32(pixel[i])+(here[i]+7*last[i]+8)>>4))
		}
		c := n.to(byte(want[0]), byte(want[1]), byte(want[2]))
		index[x] = c
		for i, level := range n.palette[c] {
			e[i] = want[i] - int32(level)
		}
		if x > 0 {
			for i, below := 0, d.below[3*x-3:3*x:3*x]; i < 3; i++ {
				below[i] = before[i] + 5*last[i] + 3*e[i]
			}
		}
	}
	for i, below := 0, d.below[len(d.below)-3:]; i < 3; i++ {
		below[i] = last[i] + 5*e[i]
	}
	d.here, d.below = d.below, d.here
}
