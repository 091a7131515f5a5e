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

func (p pixels) at(x, y int) (r, g, b byte) {
	i := 3 * (y*p.width + x)
	return p.rgb[i], p.rgb[i+1], p.rgb[i+2]
}

// reduce makes one pixel of each square of k by k: the mean, exactly. At the right
// and at the bottom there may be less of a square.
func (p pixels) reduce(k int) pixels {
	if k < 2 {
		return p
	}
	out := pixels{(p.width + k - 1) / k, (p.height + k - 1) / k, nil}
	out.rgb = make([]byte, 3*out.width*out.height)
	inParallel(out.height, func(from, to int) {
		sums := make([]uint32, 3*out.width)
		for y := from; y < to; y++ {
			clear(sums)
			tall := min(k, p.height-y*k)
			for _, line := range p.lines(y*k, y*k+tall) {
				addUp(sums, line, k)
			}
			target := out.rgb[3*y*out.width:][:len(sums)]
			full := uint32(tall * k)
			for i, sum := range sums {
				target[i] = byte((sum + full/2) / full)
			}
			if rest := p.width % k; rest > 0 {
				part := uint32(tall * rest)
				for i := len(sums) - 3; i < len(sums); i++ {
					target[i] = byte((sums[i] + part/2) / part)
				}
			}
		}
	})
	return out
}

// lines returns rows of pixels.
func (p pixels) lines(from, to int) [][]byte {
	lines := make([][]byte, 0, to-from)
	for y := from; y < to; y++ {
		lines = append(lines, p.rgb[3*y*p.width:3*(y+1)*p.width])
	}
	return lines
}

// addUp adds each k pixels of a line to a sum for each colour.
func addUp(sums []uint32, line []byte, k int) {
	for i := 0; i+2 < len(sums); i += 3 {
		n := min(3*k, len(line))
		var r, g, b uint32
		for run := line[:n]; len(run) >= 3; run = run[3:] {
			r += uint32(run[0])
			g += uint32(run[1])
			b += uint32(run[2])
		}
		line = line[n:]
		sums[i] += r
		sums[i+1] += g
		sums[i+2] += b
	}
}

// resize averages over areas: every source pixel counts in proportion to what it
// covers of a target pixel. Shrinking by much, which is what a terminal asks for,
// this neither blurs nor loses thin lines; growing, it keeps edges.
func (p pixels) resize(width, height int) pixels {
	if width == p.width && height == p.height {
		return p
	}
	out := pixels{width, height, make([]byte, 3*width*height)}
	columns, rows := spans(p.width, width), spans(p.height, height)
	inParallel(height, func(from, to int) {
		line, sums := make([]uint32, 3*width), make([]uint32, 3*width)
		have := -1 // the source row that line is made of: two target rows may share one
		for y := from; y < to; y++ {
			clear(sums)
			for i, weight := range rows[y].weights {
				if row := rows[y].first + i; row != have {
					have = row
					narrow(line, p.rgb[3*row*p.width:3*(row+1)*p.width], columns)
				}
				for x, v := range line {
					sums[x] += weight * v
				}
			}
			target := out.rgb[3*y*width:][:len(sums)]
			for i, sum := range sums {
				target[i] = byte((sum + 1<<(2*unitBits-1)) >> (2 * unitBits))
			}
		}
	})
	return out
}

// narrow adds up a line's pixels by their weights.
func narrow(out []uint32, line []byte, columns []span) {
	for x, s := range columns {
		var r, g, b uint32
		run := line[3*s.first:]
		for _, weight := range s.weights {
			r += weight * uint32(run[0])
			g += weight * uint32(run[1])
			b += weight * uint32(run[2])
			run = run[3:]
		}
		out[3*x], out[3*x+1], out[3*x+2] = r, g, b
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
// target pixels.
func spans(n, m int) []span {
	all := make([]span, m)
	step := float64(n) / float64(m)
	for i := range all {
		from, to := float64(i)*step, float64(i+1)*step
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
