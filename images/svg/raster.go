package svg

import (
	"image"
	"math"
)

// coverage is how much of each pixel of a rectangle an outline covers. It is computed
// exactly: each edge adds the area to its right, row by row (as in font-rs), and the
// sums along the rows are the winding numbers.
type coverage struct {
	image.Rectangle
	stride int
	sums   []float32
}

// cover computes the coverage of polygons within bounds. The polygons are closed by
// themselves.
func cover(polygons [][]point, bounds image.Rectangle) coverage {
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, polygon := range polygons {
		for _, q := range polygon {
			low, high = point{min(low.x, q.x), min(low.y, q.y)}, point{max(high.x, q.x), max(high.y, q.y)}
		}
	}
	near := func(v float64, round func(float64) float64) int { return int(round(min(max(v, -1e6), 1e6))) }
	c := coverage{Rectangle: image.Rect(near(low.x, math.Floor), near(low.y, math.Floor), near(high.x, math.Ceil), near(high.y, math.Ceil)).Intersect(bounds)}
	if len(polygons) == 0 || c.Empty() {
		return coverage{}
	}
	c.stride = c.Dx() + 2
	c.sums = make([]float32, c.stride*c.Dy())
	corner := point{float64(c.Min.X), float64(c.Min.Y)}
	for _, polygon := range polygons {
		for i, a := range polygon {
			c.edge(a.sub(corner), polygon[(i+1)%len(polygon)].sub(corner))
		}
	}
	return c
}

// edge adds an edge, cut where it crosses the sides of the rectangle: what is to the
// left of it covers whole rows, what is to the right nothing.
func (c *coverage) edge(a, b point) {
	if a.y == b.y || !finite(a.x, a.y, b.x, b.y) {
		return
	}
	w, h := float64(c.Dx()), float64(c.Dy())
	down := 1.0
	if a.y > b.y {
		a, b, down = b, a, -1
	}
	if a.y >= h || b.y <= 0 {
		return
	}
	slope := (b.x - a.x) / (b.y - a.y)
	at := func(y float64) float64 { return a.x + (y-a.y)*slope }
	y0, y1 := max(a.y, 0), min(b.y, h)
	cuts := []float64{y0, y1}
	if slope != 0 {
		for _, side := range []float64{0, w} {
			if y := a.y + (side-a.x)/slope; y > y0 && y < y1 {
				cuts = append(cuts, y)
			}
		}
		if len(cuts) == 4 && cuts[2] > cuts[3] {
			cuts[2], cuts[3] = cuts[3], cuts[2]
		}
	}
	from := y0
	for _, to := range append(cuts[2:], y1) {
		x0, x1 := at(from), at(to)
		switch middle := (x0 + x1) / 2; {
		case middle >= w:
		case middle <= 0:
			c.piece(point{0, from}, point{0, to}, down)
		default:
			c.piece(point{min(max(x0, 0), w), from}, point{min(max(x1, 0), w), to}, down)
		}
		from = to
	}
}

// piece adds an edge that lies within the rectangle and goes down.
func (c *coverage) piece(a, b point, down float64) {
	if b.y <= a.y {
		return
	}
	slope := (b.x - a.x) / (b.y - a.y)
	x := a.x
	for y := int(a.y); y < c.Dy() && float64(y) < b.y; y++ {
		row := c.sums[y*c.stride : (y+1)*c.stride]
		dy := min(float64(y+1), b.y) - max(float64(y), a.y)
		next := x + slope*dy
		d := dy * down
		x0, x1 := min(x, next), max(x, next)
		i0, i1 := int(x0), int(math.Ceil(x1))
		if i1 <= i0+1 { // within one pixel
			part := 0.5*(x0+x1) - float64(i0)
			row[i0] += float32(d - d*part)
			row[i0+1] += float32(d * part)
		} else {
			s := 1 / (x1 - x0)
			start, end := x0-float64(i0), x1-float64(i1)+1
			first, last := 0.5*s*(1-start)*(1-start), 0.5*s*end*end
			row[i0] += float32(d * first)
			if i1 == i0+2 {
				row[i0+1] += float32(d * (1 - first - last))
			} else {
				second := s * (1.5 - start)
				row[i0+1] += float32(d * (second - first))
				for i := i0 + 2; i < i1-1; i++ {
					row[i] += float32(d * s)
				}
				sum := second + float64(i1-i0-3)*s
				row[i1-1] += float32(d * (1 - sum - last))
			}
			row[i1] += float32(d * last)
		}
		x = next
	}
}

// row computes what is covered of each pixel of a row, 0 to 1.
func (c *coverage) row(y int, evenOdd bool, out []float32) {
	sums := c.sums[(y-c.Min.Y)*c.stride:]
	sum := float32(0)
	for i := range out {
		sum += sums[i]
		v := sum
		if v < 0 {
			v = -v
		}
		if evenOdd {
			v -= 2 * float32(int(v/2))
			if v > 1 {
				v = 2 - v
			}
		} else if v > 1 {
			v = 1
		}
		out[i] = v
	}
}
