package svg

import (
	"image"
	"math"
	"strings"
)

// paint tells the colour of each pixel, which is multiplied with its opacity.
type paint func(x, y int) rgba

// solid paints in one colour.
func solid(c rgba) paint {
	c.r, c.g, c.b = c.r*c.a, c.g*c.a, c.b*c.a
	return func(int, int) rgba { return c }
}

// paintOf reads what fills an outline, or its line: a colour, a gradient, a pattern. It
// is nil for none.
func (c *canvas) paintOf(s string, opacity float64, st state, outline path) paint {
	current := st.style.colour
	reference, fallback, is := reference(s)
	if !is {
		colour, ok := parseColour(s, current)
		if !ok {
			return nil
		}
		colour.a *= opacity
		return solid(colour)
	}
	n := c.d.ids[reference]
	if n != nil {
		switch n.name {
		case "linearGradient", "radialGradient":
			return c.gradient(n, opacity, st, c.bounds(outline))
		case "pattern":
			return c.pattern(n, opacity, st, c.bounds(outline))
		}
	}
	if colour, ok := parseColour(fallback, current); ok {
		colour.a *= opacity
		return solid(colour)
	}
	return nil
}

// reference reads url(#name), and what is to be taken where that is not there.
func reference(s string) (name, fallback string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), "url(")
	if !ok {
		return "", "", false
	}
	inner, after, _ := strings.Cut(rest, ")")
	name, ok = strings.CutPrefix(strings.Trim(strings.TrimSpace(inner), `"'`), "#")
	return name, strings.TrimSpace(after), ok
}

// inherited is an attribute of a gradient or a pattern, or of the one that it refers
// to.
func (c *canvas) inherited(n *node, name string) string {
	for range maxUses {
		if v := n.attr(name); v != "" {
			return v
		}
		if n = c.d.ids[strings.TrimPrefix(n.href(), "#")]; n == nil {
			break
		}
	}
	return ""
}

// shades are the colours along a gradient, from 0 to 1.
type shades [257]rgba

func (c *canvas) shades(n *node, opacity float64) (*shades, bool) {
	type stop struct {
		at     float64
		colour rgba
	}
	var stops []stop
	for range maxUses {
		for _, child := range n.children {
			if child.name != "stop" {
				continue
			}
			st := initialStyle().of(child)
			at, _ := length(child.property("offset"), 1, 1)
			colour, ok := parseColour(child.property("stop-color"), st.colour)
			if !ok {
				colour = rgba{a: 1}
			}
			if v, ok := length(child.property("stop-opacity"), 1, 1); ok {
				colour.a *= clamp01(v)
			}
			at = clamp01(at)
			if len(stops) > 0 {
				at = max(at, stops[len(stops)-1].at)
			}
			stops = append(stops, stop{at, colour})
		}
		if len(stops) > 0 {
			break
		}
		if n = c.d.ids[strings.TrimPrefix(n.href(), "#")]; n == nil {
			break
		}
	}
	if len(stops) == 0 {
		return nil, false
	}
	all, i := &shades{}, 0
	for k := range all {
		t := float64(k) / float64(len(all)-1)
		for i < len(stops) && stops[i].at <= t {
			i++
		}
		colour := stops[max(i-1, 0)].colour
		if i > 0 && i < len(stops) {
			f := (t - stops[i-1].at) / (stops[i].at - stops[i-1].at)
			a, b := stops[i-1].colour, stops[i].colour
			colour = rgba{a.r + f*(b.r-a.r), a.g + f*(b.g-a.g), a.b + f*(b.b-a.b), a.a + f*(b.a-a.a)}
		}
		colour.a *= opacity
		all[k] = rgba{colour.r * colour.a, colour.g * colour.a, colour.b * colour.a, colour.a}
	}
	return all, true
}

// at returns the colour at t, beyond the ends as spread has it.
func (s *shades) at(t float64, spread string) rgba {
	switch {
	case math.IsNaN(t):
		return rgba{}
	case spread == "repeat":
		t -= math.Floor(t)
	case spread == "reflect":
		t = math.Abs(t - 2*math.Round(t/2))
	}
	return s[int(clamp01(t)*float64(len(s)-1)+0.5)]
}

func (c *canvas) gradient(n *node, opacity float64, st state, bounds box) paint {
	all, ok := c.shades(n, opacity)
	if !ok {
		return nil
	}
	m, s := st.m, st.style
	if c.inherited(n, "gradientUnits") != "userSpaceOnUse" {
		if bounds.w <= 0 || bounds.h <= 0 {
			return nil
		}
		m = m.times(matrix{bounds.w, 0, 0, bounds.h, bounds.x, bounds.y})
		s.viewWidth, s.viewHeight = 1, 1
	}
	m = m.times(transform(c.inherited(n, "gradientTransform")))
	back, ok := m.inverse()
	if !ok {
		return nil
	}
	spread := c.inherited(n, "spreadMethod")
	get := func(name, otherwise string, read func(string) float64) float64 {
		if v := c.inherited(n, name); v != "" {
			return read(v)
		}
		return read(otherwise)
	}
	if n.name == "linearGradient" {
		from := point{get("x1", "0%", s.x), get("y1", "0%", s.y)}
		along := point{get("x2", "100%", s.x), get("y2", "0%", s.y)}.sub(from)
		whole := along.dot(along)
		if whole == 0 {
			last := all[len(all)-1]
			return func(int, int) rgba { return last }
		}
		return func(x, y int) rgba {
			q := back.at(point{float64(x) + 0.5, float64(y) + 0.5}).sub(from)
			return all.at(q.dot(along)/whole, spread)
		}
	}
	centre := point{get("cx", "50%", s.x), get("cy", "50%", s.y)}
	r := get("r", "50%", s.other)
	focus := centre
	if v := c.inherited(n, "fx"); v != "" {
		focus.x = s.x(v)
	}
	if v := c.inherited(n, "fy"); v != "" {
		focus.y = s.y(v)
	}
	if r <= 0 {
		last := all[len(all)-1]
		return func(int, int) rgba { return last }
	}
	if f := focus.sub(centre); f.length() > 0.99*r {
		focus = centre.add(f.times(0.99 * r / f.length()))
	}
	f := focus.sub(centre)
	return func(x, y int) rgba {
		q := back.at(point{float64(x) + 0.5, float64(y) + 0.5}).sub(focus)
		// The circle through q: |f(1-t) ... | = r t, solved for 1/t along the ray from
		// the focus.
		a, b, k := q.dot(q), q.dot(f), f.dot(f)-r*r
		if a == 0 {
			return all.at(0, spread)
		}
		u := (-b + math.Sqrt(max(b*b-a*k, 0))) / a
		return all.at(1/u, spread)
	}
}

// maxTile is the longer side of a pattern's tile, in pixels.
const maxTile = 2048

func (c *canvas) pattern(n *node, opacity float64, st state, bounds box) paint {
	if st.layers >= maxLayers {
		c.d.leave("patterns within patterns")
		return nil
	}
	content := n
	for range maxUses {
		if len(content.children) > 0 {
			break
		}
		next := c.d.ids[strings.TrimPrefix(content.href(), "#")]
		if next == nil {
			return nil
		}
		content = next
	}
	s := st.style
	m := st.m.times(transform(c.inherited(n, "patternTransform")))
	origin := box{w: 1, h: 1}
	if c.inherited(n, "patternUnits") != "userSpaceOnUse" {
		s.viewWidth, s.viewHeight = 1, 1
		origin = bounds
	}
	t := box{s.x(c.inherited(n, "x")) * origin.w, s.y(c.inherited(n, "y")) * origin.h, s.x(c.inherited(n, "width")) * origin.w, s.y(c.inherited(n, "height")) * origin.h}
	t.x, t.y = t.x+origin.x, t.y+origin.y
	scale := m.scale()
	w, h := math.Ceil(t.w*scale), math.Ceil(t.h*scale)
	back, ok := m.inverse()
	if !ok || !(w >= 1) || !(h >= 1) || w > maxTile || h > maxTile {
		return nil
	}
	tile := &canvas{d: c.d, to: image.NewRGBA(image.Rect(0, 0, int(w), int(h)))}
	inner := matrix{w / t.w, 0, 0, h / t.h, -t.x * w / t.w, -t.y * h / t.h}
	if b, has := viewBox(content); has {
		inner = fit(b, w, h, c.inherited(n, "preserveAspectRatio"))
	} else if c.inherited(n, "patternContentUnits") == "objectBoundingBox" {
		inner = inner.times(matrix{bounds.w, 0, 0, bounds.h, bounds.x, bounds.y})
	}
	in := state{m: inner, style: initialStyle().of(content), opacity: 1, layers: st.layers + 1, uses: st.uses + 1}
	in.style.viewWidth, in.style.viewHeight = st.style.viewWidth, st.style.viewHeight
	tile.children(content, in)
	return func(x, y int) rgba {
		q := back.at(point{float64(x) + 0.5, float64(y) + 0.5})
		u, v := (q.x-t.x)/t.w, (q.y-t.y)/t.h
		u, v = u-math.Floor(u), v-math.Floor(v)
		if !finite(u, v) {
			return rgba{}
		}
		i := tile.to.PixOffset(min(int(u*w), int(w)-1), min(int(v*h), int(h)-1))
		p := tile.to.Pix[i : i+4]
		f := opacity / 255
		return rgba{float64(p[0]) * f, float64(p[1]) * f, float64(p[2]) * f, float64(p[3]) * f}
	}
}
