package svg

import (
	"image"
	"math"
	"strings"
)

// canvas is a picture on which a part of a drawing is drawn.
type canvas struct {
	d  *Drawing
	to *image.RGBA
}

// state is what an element is drawn with.
type state struct {
	m       matrix // from its coordinates to pixels
	style   style
	opacity float64      // of what is not yet drawn together
	clip    *image.Alpha // what shows of it; nil for all
	layers  int          // pictures that are under way
	uses    int          // references that led here
	clipped bool         // it is the outline of a clip: only shapes count
}

// svg draws an <svg>: the root, or one within a drawing, in w×h of its surroundings.
func (c *canvas) svg(n *node, s state, w, h float64) {
	s.style = s.style.of(n)
	s.style.viewWidth, s.style.viewHeight = w, h
	if b, ok := viewBox(n); ok {
		s.m = s.m.times(fit(b, w, h, n.attr("preserveAspectRatio")))
		s.style.viewWidth, s.style.viewHeight = b.w, b.h
	}
	c.children(n, s)
}

func (c *canvas) children(n *node, s state) {
	for _, child := range n.children {
		if child.name != "" {
			c.draw(child, s)
		}
	}
}

// draw draws an element.
func (c *canvas) draw(n *node, s state) {
	c.d.count()
	switch n.name {
	case "defs", "symbol", "marker", "clipPath", "mask", "pattern", "linearGradient", "radialGradient", "style", "title", "desc", "metadata", "filter", "script", "stop":
		return
	}
	if n.property("display") == "none" {
		return
	}
	s.style = s.style.of(n)
	s.m = s.m.times(transform(n.property("transform")))
	opacity := 1.0
	if v, ok := length(n.property("opacity"), 1, 1); ok {
		opacity = clamp01(v)
	}
	if opacity == 0 {
		return
	}
	if f := n.property("filter"); f != "" && f != "none" {
		c.d.leave("filters (shadows, blurs)")
	}
	if name, _, ok := reference(n.property("clip-path")); ok {
		if clip := c.d.ids[name]; clip != nil && clip.name == "clipPath" {
			s.clip = c.clip(clip, s, n)
		}
	}
	if name, _, ok := reference(n.property("mask")); ok {
		if mask := c.d.ids[name]; mask != nil && mask.name == "mask" {
			s.clip = c.mask(mask, s, n)
		}
	}
	group := n.name == "g" || n.name == "a" || n.name == "svg" || n.name == "use" || n.name == "switch" || n.name == "text"
	if opacity < 1 && group && s.layers < maxLayers {
		// What lies within is drawn together, and shows through as one.
		layer := &canvas{d: c.d, to: image.NewRGBA(c.to.Rect)}
		inner := s
		inner.layers, inner.clip = s.layers+1, nil
		layer.element(n, inner)
		c.lay(layer.to, opacity*s.opacity, s.clip)
		return
	}
	s.opacity *= opacity
	c.element(n, s)
}

// element draws an element whose style and place are known.
func (c *canvas) element(n *node, s state) {
	switch n.name {
	case "g", "a":
		c.children(n, s)
	case "svg":
		c.inner(n, s, s.style.x(n.attr("x")), s.style.y(n.attr("y")), n.attr("width"), n.attr("height"))
	case "switch":
		c.choose(n, s)
	case "use":
		c.use(n, s)
	case "text":
		c.text(n, s)
	case "image":
		c.picture(n, s)
	case "foreignObject":
		c.foreign(n, s)
	case "path", "rect", "circle", "ellipse", "line", "polyline", "polygon":
		if p := outline(n, s.style); len(p) > 0 {
			c.shape(n, p, s)
		}
	default:
		switch {
		case strings.HasPrefix(n.name, "animate"), n.name == "set":
			c.d.leave("movement")
		case strings.HasPrefix(n.name, ":"):
		default:
			c.d.leave("<" + strings.Map(plain, n.name[:min(len(n.name), 30)]) + ">")
		}
	}
}

// inner draws an <svg> or a <symbol> within a drawing, at a place of so much room.
func (c *canvas) inner(n *node, s state, x, y float64, width, height string) {
	w, h := s.style.viewWidth, s.style.viewHeight
	if v, ok := length(width, w, s.style.fontSize); ok {
		w = v
	}
	if v, ok := length(height, h, s.style.fontSize); ok {
		h = v
	}
	if w <= 0 || h <= 0 {
		return
	}
	s.m = s.m.times(matrix{1, 0, 0, 1, x, y})
	if n.property("overflow") != "visible" {
		s.clip = c.clipTo(rounded(0, 0, w, h, 0, 0), s)
	}
	c.svg(n, s, w, h)
}

// choose draws the first element of a <switch> that can be drawn.
func (c *canvas) choose(n *node, s state) {
	var last *node
	for _, child := range n.children {
		switch {
		case child.name == "":
			continue
		case child.name != "foreignObject" && child.attr("requiredExtensions") == "" && !strings.HasPrefix(child.name, ":"):
			if lang := child.attr("systemLanguage"); lang == "" || strings.HasPrefix(lang, "en") {
				c.draw(child, s)
				return
			}
		}
		if last == nil {
			last = child
		}
	}
	if last != nil {
		c.draw(last, s)
	}
}

// use draws an element that is defined elsewhere in the file.
func (c *canvas) use(n *node, s state) {
	target := c.d.ids[strings.TrimPrefix(n.href(), "#")]
	if target == nil {
		return
	}
	if s.uses++; s.uses > maxUses {
		panic(errTooMuch)
	}
	s.m = s.m.times(matrix{1, 0, 0, 1, s.style.x(n.property("x")), s.style.y(n.property("y"))})
	switch target.name {
	case "symbol", "svg":
		c.d.count()
		s.style = s.style.of(target)
		width, height := n.property("width"), n.property("height")
		if width == "" && target.name == "svg" {
			width = target.attr("width")
		}
		if height == "" && target.name == "svg" {
			height = target.attr("height")
		}
		c.inner(target, s, 0, 0, width, height)
	default:
		c.draw(target, s)
	}
}

// shape fills an outline, draws its line, and puts markers on it.
func (c *canvas) shape(n *node, p path, s state) {
	if !s.style.hidden {
		lines := c.d.flatten(p, s.m, 1)
		if s.clipped {
			c.fill(polygons(lines), s.style.clipEvenOdd, solid(rgba{a: 1}), s)
			return
		}
		if n.name != "line" {
			if fill := c.paintOf(s.style.fill, s.style.fillOpacity*s.opacity, s, p); fill != nil {
				c.fill(polygons(lines), s.style.evenOdd, fill, s)
			}
		}
		c.line(n, p, s)
	}
	if s.style.markers != [3]string{} && (n.name == "path" || n.name == "line" || strings.HasPrefix(n.name, "poly")) {
		c.markers(p, s)
	}
}

// line draws the line along an outline.
func (c *canvas) line(n *node, p path, s state) {
	pen := penOf(s.style)
	if pen.width <= 0 {
		return
	}
	paint := c.paintOf(s.style.stroke, s.style.strokeOpacity*s.opacity, s, p)
	if paint == nil {
		return
	}
	scale := s.m.scale()
	if !(scale > 0) {
		return
	}
	m := s.m
	if n.property("vector-effect") == "non-scaling-stroke" {
		moved := make(path, len(p))
		for i, g := range p {
			moved[i] = segment{g.move, g.closes, g.curve, m.at(g.c1), m.at(g.c2), m.at(g.to)}
		}
		p, m, scale = moved, identity, 1
	}
	// A line that is thinner than a pixel is one of a pixel that shows through.
	if thin := pen.width * scale; thin < 1 {
		pen.width = 1 / scale
		inner := paint
		paint = func(x, y int) rgba {
			q := inner(x, y)
			return rgba{q.r * thin, q.g * thin, q.b * thin, q.a * thin}
		}
	}
	heap := c.d.stroke(c.d.flatten(p, identity, scale), pen, scale)
	for _, polygon := range heap {
		for i, q := range polygon {
			polygon[i] = m.at(q)
		}
	}
	c.fill(heap, false, paint, s)
}

// polygons are lines as they are filled.
func polygons(lines []line) [][]point {
	all := make([][]point, len(lines))
	for i, l := range lines {
		all[i] = l.points
	}
	return all
}

// bounds is the rectangle around an outline, in its own coordinates.
func (c *canvas) bounds(p path) box {
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, l := range c.d.flatten(p, identity, 1) {
		for _, q := range l.points {
			low, high = point{min(low.x, q.x), min(low.y, q.y)}, point{max(high.x, q.x), max(high.y, q.y)}
		}
	}
	if !finite(low.x, low.y, high.x, high.y) {
		return box{}
	}
	return box{low.x, low.y, high.x - low.x, high.y - low.y}
}

// fill paints what polygons, in pixels, cover.
func (c *canvas) fill(polygons [][]point, evenOdd bool, p paint, s state) {
	cover := cover(polygons, c.to.Rect)
	if cover.Empty() {
		return
	}
	row := make([]float32, cover.Dx())
	for y := cover.Min.Y; y < cover.Max.Y; y++ {
		cover.row(y, evenOdd, row)
		pix := c.to.Pix[c.to.PixOffset(cover.Min.X, y):]
		for i, share := range row {
			if share < 1.0/512 {
				continue
			}
			f := float64(share)
			if s.clip != nil {
				f *= float64(s.clip.Pix[s.clip.PixOffset(cover.Min.X+i, y)]) / 255
			}
			q := p(cover.Min.X+i, y)
			blend(pix[4*i:4*i+4:4*i+4], rgba{q.r * f, q.g * f, q.b * f, q.a * f})
		}
	}
}

// blend puts a colour, multiplied with its opacity, on a pixel.
func blend(pix []byte, q rgba) {
	rest := 1 - q.a
	for k, v := range [4]float64{q.r, q.g, q.b, q.a} {
		pix[k] = byte(min(max(v*255+float64(pix[k])*rest, 0), 255) + 0.5)
	}
}

// lay puts a layer on the canvas.
func (c *canvas) lay(layer *image.RGBA, opacity float64, clip *image.Alpha) {
	for i := 0; i < len(layer.Pix); i += 4 {
		if layer.Pix[i+3] == 0 {
			continue
		}
		f := opacity / 255
		if clip != nil {
			f *= float64(clip.Pix[i/4]) / 255
		}
		p := layer.Pix[i : i+4]
		blend(c.to.Pix[i:i+4:i+4], rgba{float64(p[0]) * f, float64(p[1]) * f, float64(p[2]) * f, float64(p[3]) * f})
	}
}
