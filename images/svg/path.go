package svg

import (
	"math"
	"strings"
)

// segment is a line or a cubic curve to to; a move begins a new subpath.
type segment struct {
	move, closes bool
	curve        bool
	c1, c2, to   point
}

// path is an outline in an element's own coordinates.
type path []segment

func (p *path) moveTo(q point) { *p = append(*p, segment{move: true, to: q}) }
func (p *path) lineTo(q point) { *p = append(*p, segment{to: q}) }
func (p *path) curveTo(c1, c2, q point) {
	*p = append(*p, segment{curve: true, c1: c1, c2: c2, to: q})
}
func (p *path) close() { *p = append(*p, segment{closes: true}) }

// quadTo is a quadratic curve as a cubic one.
func (p *path) quadTo(from, c, to point) {
	p.curveTo(between(from, c, 2.0/3), between(to, c, 2.0/3), to)
}

// maxSegments bounds a single path.
const maxSegments = 500_000

// parsePath reads path data (SVG 1.1, 8.3). As browsers do, it keeps what stands
// before the first error.
func parsePath(s string) path {
	var p path
	var at, start, control point // control is the curve's before, for smooth ones
	var command, before byte
	next := func(n int) ([]float64, bool) {
		v := make([]float64, n)
		for i := range v {
			// The flags of arcs may stand without anything between.
			if (command|0x20) == 'a' && (i == 3 || i == 4) {
				s = strings.TrimLeft(s, " ,\t\r\n")
				if s == "" || s[0] != '0' && s[0] != '1' {
					return nil, false
				}
				v[i], s = float64(s[0]-'0'), s[1:]
				continue
			}
			var ok bool
			if v[i], s, ok = cutNumber(s); !ok {
				return nil, false
			}
		}
		return v, true
	}
	counts := map[byte]int{'m': 2, 'l': 2, 'h': 1, 'v': 1, 'c': 6, 's': 4, 'q': 4, 't': 2, 'a': 7}
	for len(p) < maxSegments {
		s = strings.TrimLeft(s, " ,\t\r\n")
		if s == "" {
			return p
		}
		if letter := s[0]; letter|0x20 >= 'a' && letter|0x20 <= 'z' {
			command, s = letter, s[1:]
			if letter|0x20 == 'z' {
				if len(p) > 0 {
					p.close()
					at = start
				}
				before = 'z'
				continue
			}
		}
		kind := command | 0x20
		n := counts[kind]
		if n == 0 || len(p) == 0 && kind != 'm' {
			return p
		}
		v, ok := next(n)
		if !ok {
			return p
		}
		origin := point{}
		if command == kind {
			origin = at
		}
		q := func(i int) point { return origin.add(point{v[i], v[i+1]}) }
		if before == 'z' && kind != 'm' {
			p.moveTo(at)
		}
		last := control
		control = at
		switch kind {
		case 'm':
			at = q(0)
			start = at
			p.moveTo(at)
			command-- // what follows are lines: l comes before m
			control = at
		case 'l':
			at = q(0)
			p.lineTo(at)
		case 'h':
			at.x = origin.x + v[0]
			p.lineTo(at)
		case 'v':
			at.y = origin.y + v[0]
			p.lineTo(at)
		case 'c':
			p.curveTo(q(0), q(2), q(4))
			control, at = q(2), q(4)
		case 's':
			c1 := at
			if before == 'c' || before == 's' {
				c1 = at.times(2).sub(last)
			}
			p.curveTo(c1, q(0), q(2))
			control, at = q(0), q(2)
		case 'q':
			p.quadTo(at, q(0), q(2))
			control, at = q(0), q(2)
		case 't':
			c := at
			if before == 'q' || before == 't' {
				c = at.times(2).sub(last)
			}
			p.quadTo(at, c, q(0))
			control, at = c, q(0)
		case 'a':
			p.arcTo(at, v[0], v[1], v[2], v[3] != 0, v[4] != 0, q(5))
			at = q(5)
		}
		before = kind
	}
	return p
}

// arcTo adds an elliptical arc as cubic curves (SVG 1.1, F.6.5).
func (p *path) arcTo(from point, rx, ry, turned float64, large, sweep bool, to point) {
	rx, ry = math.Abs(rx), math.Abs(ry)
	if rx == 0 || ry == 0 || from == to {
		p.lineTo(to)
		return
	}
	sin, cos := math.Sincos(turned * math.Pi / 180)
	half := from.sub(to).times(0.5)
	x, y := cos*half.x+sin*half.y, -sin*half.x+cos*half.y
	if s := x*x/(rx*rx) + y*y/(ry*ry); s > 1 {
		rx, ry = rx*math.Sqrt(s), ry*math.Sqrt(s)
	}
	f := (rx*rx*ry*ry - rx*rx*y*y - ry*ry*x*x) / (rx*rx*y*y + ry*ry*x*x)
	f = math.Sqrt(max(f, 0))
	if large == sweep {
		f = -f
	}
	cx, cy := f*rx*y/ry, -f*ry*x/rx
	centre := point{cos*cx - sin*cy, sin*cx + cos*cy}.add(between(from, to, 0.5))
	angle := func(x, y float64) float64 { return math.Atan2(y, x) }
	begin := angle((x-cx)/rx, (y-cy)/ry)
	extent := angle((-x-cx)/rx, (-y-cy)/ry) - begin
	switch {
	case sweep && extent < 0:
		extent += 2 * math.Pi
	case !sweep && extent > 0:
		extent -= 2 * math.Pi
	}
	if !finite(begin, extent, centre.x, centre.y) {
		p.lineTo(to)
		return
	}
	pieces := max(1, int(math.Ceil(math.Abs(extent)/(math.Pi/2)-1e-9)))
	step := extent / float64(pieces)
	k := 4.0 / 3 * math.Tan(step/4)
	on := func(a float64) (at, along point) {
		s, c := math.Sincos(a)
		at = point{cos*rx*c - sin*ry*s, sin*rx*c + cos*ry*s}.add(centre)
		along = point{-cos*rx*s - sin*ry*c, -sin*rx*s + cos*ry*c}
		return at, along
	}
	for i := range pieces {
		a, alongA := on(begin + step*float64(i))
		b, alongB := on(begin + step*float64(i+1))
		if i == pieces-1 {
			b = to
		}
		p.curveTo(a.add(alongA.times(k)), b.sub(alongB.times(k)), b)
	}
}

// line is a subpath of straight pieces.
type line struct {
	points []point
	closed bool
}

// flatten makes lines of a path that m maps: no curve is further from its lines
// than a fraction of a pixel, of which scale are one of m's units.
func (d *Drawing) flatten(p path, m matrix, scale float64) []line {
	var all []line
	var at line
	var pen, start point
	end := func() {
		if len(at.points) > 0 {
			d.countPoints(len(at.points))
			all = append(all, at)
		}
		at = line{}
	}
	add := func(q point) {
		if finite(q.x, q.y) {
			at.points = append(at.points, q)
		}
	}
	for _, s := range p {
		switch {
		case s.move:
			end()
			pen = m.at(s.to)
			start = pen
			add(pen)
		case s.closes:
			if len(at.points) > 0 {
				at.closed = true
				end()
			}
			pen = start
		default:
			if len(at.points) == 0 {
				add(pen)
			}
			to := m.at(s.to)
			if s.curve {
				c1, c2 := m.at(s.c1), m.at(s.c2)
				// The distance of a cubic from its chord falls with the square of the
				// pieces (Wang's formula).
				bend := max(c2.sub(c1.times(2)).add(pen).length(), to.sub(c2.times(2)).add(c1).length()) * scale
				const tolerance = 0.1
				n := 1
				if finite(bend) {
					n = int(min(max(math.Ceil(math.Sqrt(0.75*bend/tolerance)), 1), 500))
				}
				for i := 1; i < n; i++ {
					t := float64(i) / float64(n)
					u := 1 - t
					q := pen.times(u * u * u).add(c1.times(3 * u * u * t)).add(c2.times(3 * u * t * t)).add(to.times(t * t * t))
					add(q)
				}
			}
			pen = to
			add(pen)
		}
	}
	end()
	return all
}
