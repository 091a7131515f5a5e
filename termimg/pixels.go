package termimg

import (
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

// halve makes one pixel of each square of four: their mean. An odd column or row
// at the end counts twice.
func (p pixels) halve() pixels {
	out := pixels{width: (p.width + 1) / 2, height: (p.height + 1) / 2}
	out.rgb = make([]byte, 3*out.width*out.height)
	inParallel(out.height, func(from, to int) {
		for y := from; y < to; y++ {
			target := out.row(y)
			upper, lower := p.row(2*y), p.row(min(2*y+1, p.height-1))
			for len(target) >= 3 && len(upper) >= 6 && len(lower) >= 6 {
				target[0] = mean(upper[0], upper[3], lower[0], lower[3])
				target[1] = mean(upper[1], upper[4], lower[1], lower[4])
				target[2] = mean(upper[2], upper[5], lower[2], lower[5])
				target, upper, lower = target[3:], upper[6:], lower[6:]
			}
			for i := range target {
				target[i] = mean(upper[i], upper[i], lower[i], lower[i])
			}
		}
	})
	return out
}

func mean(a, b, c, d byte) byte {
	return byte((uint32(a) + uint32(b) + uint32(c) + uint32(d) + 2) >> 2)
}

// resize averages over areas: every source pixel counts in proportion to what it
// covers of a target pixel. Shrinking by much, which is what a terminal asks for,
// this neither blurs nor loses thin lines; growing, it keeps edges.
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
		line, sums := make([]uint32, 3*width), make([]uint32, 3*width)
		have := -1 // the source row that line is made of: two target rows may share one
		for y := from; y < to; y++ {
			clear(sums)
			for i, weight := range rows[y].weights {
				if row := rows[y].first + i; row != have {
					have = row
					narrow(line, p.row(row), columns)
				}
				for x, v := range line {
					sums[x] += weight * v
				}
			}
			target := out.row(y)
			for i, sum := range sums {
				target[i] = byte((sum + 1<<(2*unitBits-1)) >> (2 * unitBits))
			}
		}
	})
	return out
}

// narrow adds up a line's pixels by their weights.
func narrow(out []uint32, line []byte, columns []span) {
	for _, s := range columns {
		run, weights := line[3*s.first:], s.weights
		var r, g, b uint32
		for len(weights) > 0 && len(run) >= 3 {
			r += weights[0] * uint32(run[0])
			g += weights[0] * uint32(run[1])
			b += weights[0] * uint32(run[2])
			run, weights = run[3:], weights[1:]
		}
		out[0], out[1], out[2] = r, g, b
		out = out[3:]
	}
}

// unitBits makes weights whole numbers: 255 times two of them fits 32 bits.
const unitBits = 12

// span says which source pixels make up a target pixel: those from the first on,
// by their weights, which add up to 1<<unitBits.
type span struct {
	first   int
	weights []uint32
}

// spans says, along one axis, which of the n source pixels make up each of the m
// target pixels, into which a length goes that begins at a place.
func spans(begin, length float64, n, m int) []span {
	all := make([]span, m)
	step := length / float64(m)
	for i := range all {
		from, to := begin+float64(i)*step, begin+float64(i+1)*step
		s := span{first: min(int(from), n-1)}
		left, largest := uint32(1<<unitBits), 0
		for j := s.first; j < n && float64(j) < to; j++ {
			covered := min(to, float64(j+1)) - max(from, float64(j))
			weight := min(left, uint32(covered/step*(1<<unitBits)))
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
