package svg

import (
	"math"
	"strings"
)

// markers draws the signs at the corners of an outline: arrow heads, mostly (SVG 1.1,
// 11.6).
func (c *canvas) markers(p path, s state) {
	corners, into, out := corners(p)
	for i, at := range corners {
		which := 1
		switch i {
		case 0:
			which = 0
		case len(corners) - 1:
			which = 2
		}
		name, _, ok := reference(s.style.markers[which])
		if !ok {
			continue
		}
		n := c.d.ids[name]
		if n == nil || n.name != "marker" || s.uses >= maxUses {
			continue
		}
		angle := 0.0
		switch orient := n.attr("orient"); {
		case strings.HasPrefix(orient, "auto"):
			angle = direction(into[i], out[i])
			if which == 0 && orient == "auto-start-reverse" {
				angle += math.Pi
			}
		default:
			angle, _ = length(strings.TrimSuffix(orient, "deg"), 0, 0)
			angle *= math.Pi / 180
		}
		c.marker(n, at, angle, s)
	}
}

// direction is that of the line through a corner: of the one piece there is, or
// halfway between two.
func direction(into, out point) float64 {
	switch {
	case into == point{}:
		into = out
	case out == point{}:
		out = into
	}
	if into.length() == 0 {
		return 0
	}
	sum := into.times(1 / into.length()).add(out.times(1 / out.length()))
	if sum.length() < 1e-9 {
		sum = out
	}
	return math.Atan2(sum.y, sum.x)
}

// corners are the ends of an outline's pieces, with the directions in which the
// outline comes and goes; zero where it does not.
func corners(p path) (at, into, out []point) {
	var pen, start point
	add := func(q, in point) {
		at, into, out = append(at, q), append(into, in), append(out, point{})
	}
	leave := func(d point) {
		if len(out) > 0 {
			out[len(out)-1] = d
		}
	}
	for _, g := range p {
		switch {
		case g.move:
			pen, start = g.to, g.to
			add(pen, point{})
		case g.closes:
			leave(start.sub(pen))
			add(start, start.sub(pen))
			pen = start
		case g.curve:
			first, last := g.c1.sub(pen), g.to.sub(g.c2)
			if first.length() == 0 {
				first = g.c2.sub(pen)
			}
			if last.length() == 0 {
				last = g.to.sub(g.c1)
			}
			leave(first)
			add(g.to, last)
			pen = g.to
		default:
			leave(g.to.sub(pen))
			add(g.to, g.to.sub(pen))
			pen = g.to
		}
	}
	return at, into, out
}

// marker draws one sign.
func (c *canvas) marker(n *node, at point, angle float64, s state) {
	c.d.count()
	width, height := 3.0, 3.0
	if v, ok := length(n.attr("markerWidth"), s.style.viewWidth, s.style.fontSize); ok {
		width = v
	}
	if v, ok := length(n.attr("markerHeight"), s.style.viewHeight, s.style.fontSize); ok {
		height = v
	}
	if width <= 0 || height <= 0 {
		return
	}
	sin, cos := math.Sincos(angle)
	m := s.m.times(matrix{cos, sin, -sin, cos, at.x, at.y})
	if n.attr("markerUnits") != "userSpaceOnUse" {
		w := s.style.other(s.style.strokeWidth)
		m = m.times(matrix{w, 0, 0, w, 0, 0})
	}
	in := state{style: initialStyle().of(n), opacity: s.opacity, clip: s.clip, layers: s.layers, uses: s.uses + 1}
	in.style.viewWidth, in.style.viewHeight = width, height
	inner := identity
	if b, ok := viewBox(n); ok {
		inner = fit(b, width, height, n.attr("preserveAspectRatio"))
		in.style.viewWidth, in.style.viewHeight = b.w, b.h
	}
	reference := inner.at(point{in.style.x(n.attr("refX")), in.style.y(n.attr("refY"))})
	in.m = m.times(matrix{1, 0, 0, 1, -reference.x, -reference.y})
	if n.property("overflow") != "visible" {
		in.clip = c.clipTo(rounded(0, 0, width, height, 0, 0), in)
	}
	in.m = in.m.times(inner)
	c.children(n, in)
}
