package svg

import "math"

// pen is how a line is drawn along a path, in the path's own coordinates.
type pen struct {
	width     float64
	cap, join string
	miter     float64
	dashes    []float64
	offset    float64
}

// penOf returns the pen of a style.
func penOf(s style) pen {
	p := pen{width: s.other(s.strokeWidth), cap: s.cap, join: s.join, miter: s.miter, offset: s.other(s.dashOffset)}
	if s.dashes == "none" {
		return p
	}
	sum := 0.0
	for rest := s.dashes; ; {
		v, after, ok := cutNumber(rest)
		if !ok || v < 0 {
			break
		}
		p.dashes, rest = append(p.dashes, v), after
		sum += v
	}
	if len(p.dashes)%2 == 1 {
		p.dashes = append(p.dashes, p.dashes...)
	}
	if sum <= 0 {
		p.dashes = nil
	}
	return p
}

// stroke makes the outline of a line: a heap of polygons, all of which run the same
// way round, so that what any of them covers is the line (by the nonzero rule).
// round is how finely round parts are drawn: pixels of a unit.
func (d *Drawing) stroke(lines []line, p pen, round float64) [][]point {
	var out [][]point
	add := func(polygon ...point) {
		area := 0.0
		for i, a := range polygon {
			area += a.cross(polygon[(i+1)%len(polygon)])
		}
		if area < 0 {
			for i, j := 0, len(polygon)-1; i < j; i, j = i+1, j-1 {
				polygon[i], polygon[j] = polygon[j], polygon[i]
			}
		}
		d.countPoints(len(polygon))
		out = append(out, polygon)
	}
	r := p.width / 2
	disc := func(c point) {
		n := min(max(8, int(math.Ceil(math.Pi/math.Acos(1-min(0.1/(max(r*round, 0.2)), 1))))), 200)
		polygon := make([]point, n)
		for i := range polygon {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
			polygon[i] = c.add(point{r * cos, r * sin})
		}
		add(polygon...)
	}
	for _, l := range p.dashed(d, lines) {
		points := distinct(l.points, l.closed)
		if len(points) == 1 {
			// A dot is seen by its caps alone.
			switch c := points[0]; p.cap {
			case "round":
				disc(c)
			case "square":
				add(c.add(point{-r, -r}), c.add(point{r, -r}), c.add(point{r, r}), c.add(point{-r, r}))
			}
			continue
		}
		n := len(points)
		pieces := n - 1
		if l.closed {
			pieces = n
		}
		for i := range pieces {
			a, b := points[i], points[(i+1)%n]
			along := b.sub(a).times(r / b.sub(a).length())
			side := point{-along.y, along.x}
			if !l.closed && p.cap == "square" {
				if i == 0 {
					a = a.sub(along)
				}
				if i == pieces-1 {
					b = b.add(along)
				}
			}
			add(a.add(side), b.add(side), b.sub(side), a.sub(side))
			if i == pieces-1 && !l.closed {
				break
			}
			p.joint(points[i], points[(i+1)%n], points[(i+2)%n], r, add, disc)
		}
		if !l.closed && p.cap == "round" {
			disc(points[0])
			disc(points[n-1])
		}
	}
	return out
}

// joint fills the wedge between two pieces of a line that meet in b.
func (p pen) joint(a, b, c point, r float64, add func(...point), disc func(point)) {
	in, out := b.sub(a), c.sub(b)
	in, out = in.times(1/in.length()), out.times(1/out.length())
	turn, cos := in.cross(out), in.dot(out)
	if math.Abs(turn) < 1e-6 && cos > 0 {
		return
	}
	if p.join == "round" {
		disc(b)
		return
	}
	side := r
	if turn > 0 { // the gap is on the outer side
		side = -r
	}
	from, to := b.add(point{-in.y, in.x}.times(side)), b.add(point{-out.y, out.x}.times(side))
	// miter length / width = 1 / sin(angle/2), of the angle between the pieces.
	if sin := math.Sqrt(max(0, (1+cos)/2)); p.join != "bevel" && sin > 1e-9 && 1/sin <= p.miter {
		tip := from.add(to).times(0.5).sub(b)
		if l := tip.length(); l > 1e-12 {
			add(b, from, b.add(tip.times(r/sin/l)), to)
			return
		}
	}
	add(b, from, to)
}

// distinct leaves out points that are the same as the one before.
func distinct(points []point, closed bool) []point {
	var all []point
	for _, q := range points {
		if len(all) == 0 || q.sub(all[len(all)-1]).length() > 1e-9 {
			all = append(all, q)
		}
	}
	if closed && len(all) > 1 && all[0].sub(all[len(all)-1]).length() <= 1e-9 {
		all = all[:len(all)-1]
	}
	return all
}

// maxDashes bounds the dashes of one line.
const maxDashes = 50_000

// dashed cuts lines into their dashes.
func (p pen) dashed(d *Drawing, lines []line) []line {
	if len(p.dashes) == 0 {
		return lines
	}
	sum, total := 0.0, 0.0
	for _, v := range p.dashes {
		sum += v
	}
	for _, l := range lines {
		for i := 1; i < len(l.points); i++ {
			total += l.points[i].sub(l.points[i-1]).length()
		}
	}
	if !finite(total) || total/sum*float64(len(p.dashes)) > maxDashes {
		return lines
	}
	var all []line
	for _, l := range lines {
		points := l.points
		if l.closed {
			points = append(points[:len(points):len(points)], points[0])
		}
		at := math.Mod(math.Mod(p.offset, sum)+sum, sum)
		i := 0
		for at >= p.dashes[i] && at > 0 {
			at -= p.dashes[i]
			i = (i + 1) % len(p.dashes)
		}
		left := p.dashes[i] - at
		dash := line{points: []point{points[0]}}
		for k := 1; k < len(points); k++ {
			a, b := points[k-1], points[k]
			whole := b.sub(a).length()
			gone := 0.0
			for whole-gone > left {
				gone += left
				q := between(a, b, gone/whole)
				if i%2 == 0 {
					dash.points = append(dash.points, q)
					all = append(all, dash)
					d.countPoints(len(dash.points))
				}
				dash = line{points: []point{q}}
				i = (i + 1) % len(p.dashes)
				left = p.dashes[i]
			}
			left -= whole - gone
			if i%2 == 0 {
				dash.points = append(dash.points, b)
			} else {
				dash.points = []point{b}
			}
		}
		if i%2 == 0 && len(dash.points) > 1 {
			all = append(all, dash)
		}
	}
	return all
}
