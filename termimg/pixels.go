package termimg

import (
	"encoding/binary"
	"runtime"
	"sync"
)

// pixels is a picture in memory: red, green, blue, row by row.
type pixels struct {
	width, height int
	rgb           []byte
}

// rows returns the part from a row of pixels up to another.
func (p pixels) rows(from, to int) pixels {
	return pixels{p.width, to - from, p.rgb[3*from*p.width : 3*to*p.width]}
}

func (p pixels) row(y int) []byte { return p.rgb[3*y*p.width : 3*(y+1)*p.width] }

func (p pixels) at(x, y int) (r, g, b byte) {
	i := 3 * (y*p.width + x)
	return p.rgb[i], p.rgb[i+1], p.rgb[i+2]
}

// resize averages over areas: every source pixel counts in proportion to what it
// covers of a target pixel, unless there are more than enough. Shrinking by much,
// which is what a terminal asks for, this does not blur; growing, it keeps edges.
func (p pixels) resize(width, height int) pixels {
	if width == p.width && height == p.height {
		return p
	}
	return p.part(Area{Width: float64(p.width), Height: float64(p.height)}, width, height)
}

// part is resize for a part of the picture, which has to lie within it.
func (p pixels) part(a Area, width, height int) pixels {
	out := pixels{width, height, make([]byte, 3*width*height)}
	columns, rows := spans(a.X, a.Width, p.width, width), spans(a.Y, a.Height, p.height, height)
	inParallel(height, func(from, to int) {
		line := make([]byte, 3*p.width+1)
		for y := from; y < to; y++ {
			p.mean(line, rows[y])
			narrow(out.row(y), line, columns)
		}
	})
	return out
}

// Eight bytes of a row are computed with at once, as two words of four lanes: the
// bytes of even places and of odd ones, each with room for 8 bits more.
const (
	lanes     = 1 + 1<<16 + 1<<32 + 1<<48
	evenBytes = 0xff * lanes
)

// mean makes one row of several.
func (p pixels) mean(out []byte, rows span) {
	rgb, weights := p.rgb[3*rows.first*p.width:], rows.weights
	step, x := 3*rows.step*p.width, 0
	for ; x+8 <= 3*p.width; x += 8 {
		even, odd := uint64(half*lanes), uint64(half*lanes)
		at := x
		for _, w := range weights {
			v := binary.LittleEndian.Uint64(rgb[at:])
			even += v & evenBytes * uint64(w)
			odd += v >> 8 & evenBytes * uint64(w)
			at += step
		}
		binary.LittleEndian.PutUint64(out[x:], even>>8&evenBytes|odd&^evenBytes)
	}
	for ; x < 3*p.width; x++ {
		sum := uint32(half)
		for i, w := range weights {
			sum += w * uint32(rgb[x+i*step])
		}
		out[x] = byte(sum >> 8)
	}
}

// narrow makes a row of a longer one, which ends with a byte that does not count.
func narrow(out, line []byte, columns []span) {
	for i, s := range columns {
		redBlue, green := uint32(half|half<<16), uint32(half)
		at := 3 * s.first
		for _, w := range s.weights {
			v := binary.LittleEndian.Uint32(line[at:])
			redBlue += v & 0xff00ff * w
			green += v >> 8 & 0xff * w
			at += 3 * s.step
		}
		px := out[3*i : 3*i+3 : 3*i+3]
		px[0], px[1], px[2] = byte(redBlue>>8), byte(green>>8), byte(redBlue>>24)
	}
}

// Weights are whole numbers: a byte times all of them fits a lane.
const (
	unit = 1 << 8
	half = unit / 2
)

// span says which source pixels make up a target pixel: those from the first on, step
// apart, by their weights, which add up to a unit.
type span struct {
	first, step int
	weights     []uint32
}

// enough is how many source pixels along an axis make a good picture of fewer than
// half as many, and most of how many one pixel is made. Where there are twice as many
// every second one counts, and so on, so that a larger picture takes no more time. In
// a photo of 12 megapixels that moves a pixel by a level or so, and a line as thin as
// one of its pixels may fade.
const (
	enough = 1500
	most   = 16
)

// spans says, along one axis, which of the n source pixels make up each of the m
// target pixels, into which a length goes that begins at a place.
func spans(begin, length float64, n, m int) []span {
	every := max(1, int(length)/min(max(enough, 2*m), most*m))
	n /= every
	begin, length = begin/float64(every), length/float64(every)
	all := make([]span, m)
	step := length / float64(m)
	for i := range all {
		from, to := begin+float64(i)*step, begin+float64(i+1)*step
		first := min(int(from), n-1)
		s := span{first: first*every + every/2, step: every}
		left, largest := uint32(unit), 0
		for j := first; j < n && float64(j) < to; j++ {
			covered := min(to, float64(j+1)) - max(from, float64(j))
			weight := min(left, uint32(covered/step*unit+0.5))
			left -= weight
			s.weights = append(s.weights, weight)
			if weight > s.weights[largest] {
				largest = len(s.weights) - 1
			}
		}
		s.weights[largest] += left // what rounding lost
		all[i] = s
	}
	return all
}

// inParallel works on n rows in as many parts as there are processors.
func inParallel(n int, work func(from, to int)) {
	parts := min(n, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for i := range parts {
		group.Go(func() { work(i*n/parts, (i+1)*n/parts) })
	}
	group.Wait()
}
