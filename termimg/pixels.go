package termimg

import "slices"

// pixels is a picture in memory: red, green, blue, row by row.
type pixels struct {
	width, height int
	rgb           []byte
}

// resize averages over areas: every source pixel counts in exact proportion to
// what it covers of a target pixel. Shrinking by much, which is what a terminal
// asks for, this neither blurs nor loses thin lines; growing, it keeps edges.
func (p pixels) resize(width, height int) pixels {
	if width == p.width && height == p.height {
		return pixels{width, height, slices.Clone(p.rgb)}
	}
	out := pixels{width, height, make([]byte, 3*width*height)}
	columns := spans(p.width, width)
	sums := make([]float64, 3*width)
	for y, rows := range spans(p.height, height) {
		clear(sums)
		for _, row := range rows {
			line := p.rgb[3*row.index*p.width:]
			for x, cols := range columns {
				var r, g, b float64
				for _, col := range cols {
					i := 3 * col.index
					r += col.weight * float64(line[i])
					g += col.weight * float64(line[i+1])
					b += col.weight * float64(line[i+2])
				}
				sums[3*x] += row.weight * r
				sums[3*x+1] += row.weight * g
				sums[3*x+2] += row.weight * b
			}
		}
		for i, sum := range sums {
			out.rgb[3*y*width+i] = byte(sum + 0.5)
		}
	}
	return out
}

// part is a source pixel's share in a target pixel.
type part struct {
	index  int
	weight float64
}

// spans says, along one axis, which of the n source pixels make up each of the m
// target pixels; the weights of each sum to 1.
func spans(n, m int) [][]part {
	all := make([][]part, m)
	step := float64(n) / float64(m)
	for i := range all {
		from, to := float64(i)*step, float64(i+1)*step
		for j := int(from); j < n && float64(j) < to; j++ {
			covered := min(to, float64(j+1)) - max(from, float64(j))
			if covered > 1e-9 {
				all[i] = append(all[i], part{j, covered / step})
			}
		}
	}
	return all
}
