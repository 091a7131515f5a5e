package svg

import (
	"image"
)

// maskKey tells clips apart that were computed: many elements often have the same.
type maskKey struct {
	n      *node
	m      matrix
	bounds box
	within *image.Alpha
	size   image.Rectangle
}

// placed returns by what a clip of an element is known, and the map from the clip's
// coordinates, which units says: those around the element, or parts of its bounds.
func (c *canvas) placed(n *node, units string, s state, of *node) (maskKey, matrix) {
	key, m := maskKey{n: n, m: s.m, within: s.clip, size: c.to.Rect}, s.m
	if n.attr(units) == "objectBoundingBox" {
		key.bounds = c.bounds(outline(of, s.style))
		m = m.times(matrix{key.bounds.w, 0, 0, key.bounds.h, key.bounds.x, key.bounds.y})
	}
	return key, m
}

// clip computes what a <clipPath> lets show of an element, within what shows anyway.
func (c *canvas) clip(n *node, s state, of *node) *image.Alpha {
	key, m := c.placed(n, "clipPathUnits", s, of)
	return c.remembered(key, s, func() *image.Alpha {
		layer := &canvas{d: c.d, to: image.NewRGBA(c.to.Rect)}
		in := state{m: m.times(transform(n.property("transform"))), style: initialStyle().of(n), opacity: 1, layers: s.layers + 1, uses: s.uses + 1, clipped: true}
		in.style.viewWidth, in.style.viewHeight = s.style.viewWidth, s.style.viewHeight
		within := s.clip
		if name, _, ok := reference(n.property("clip-path")); ok && c.d.ids[name] != nil && in.uses < maxUses {
			in.clip = c.clip(c.d.ids[name], in, n)
			within = multiplied(within, in.clip)
			in.clip = nil
		}
		layer.children(n, in)
		return alpha(layer.to, within, func(p []byte) int { return int(p[3]) })
	})
}

// mask computes what a <mask> lets show: as much as it is bright and opaque.
func (c *canvas) mask(n *node, s state, of *node) *image.Alpha {
	key, m := c.placed(n, "maskContentUnits", s, of)
	return c.remembered(key, s, func() *image.Alpha {
		layer := &canvas{d: c.d, to: image.NewRGBA(c.to.Rect)}
		in := state{m: m, style: initialStyle().of(n), opacity: 1, layers: s.layers + 1, uses: s.uses + 1}
		in.style.viewWidth, in.style.viewHeight = s.style.viewWidth, s.style.viewHeight
		layer.children(n, in)
		if n.property("mask-type") == "alpha" {
			return alpha(layer.to, s.clip, func(p []byte) int { return int(p[3]) })
		}
		return alpha(layer.to, s.clip, func(p []byte) int {
			return (2126*int(p[0]) + 7152*int(p[1]) + 722*int(p[2]) + 5000) / 10000
		})
	})
}

// maxMasks bounds the memory of clips that may come again.
const maxMasks = 16

// remembered computes a clip, unless it was computed before.
func (c *canvas) remembered(key maskKey, s state, compute func() *image.Alpha) *image.Alpha {
	if known := c.d.masks[key]; known != nil {
		return known
	}
	if s.layers >= maxLayers || s.uses >= maxUses {
		panic(errTooMuch)
	}
	made := compute()
	if len(c.d.masks) >= maxMasks {
		clear(c.d.masks)
	}
	c.d.masks[key] = made
	return made
}

// clipTo lets show what an outline covers.
func (c *canvas) clipTo(p path, s state) *image.Alpha {
	layer := &canvas{d: c.d, to: image.NewRGBA(c.to.Rect)}
	layer.fill(polygons(c.d.flatten(p, s.m, 1)), false, solid(rgba{a: 1}), state{})
	return alpha(layer.to, s.clip, func(p []byte) int { return int(p[3]) })
}

// alpha is what a layer lets show by a measure of its pixels, within a clip.
func alpha(layer *image.RGBA, within *image.Alpha, measure func(pixel []byte) int) *image.Alpha {
	a := image.NewAlpha(layer.Rect)
	for i := range a.Pix {
		v := measure(layer.Pix[4*i : 4*i+4])
		if within != nil {
			v = v * int(within.Pix[i]) / 255
		}
		a.Pix[i] = byte(v)
	}
	return a
}

// multiplied is what both clips let show; nil is all.
func multiplied(a, b *image.Alpha) *image.Alpha {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	m := image.NewAlpha(a.Rect)
	for i := range m.Pix {
		m.Pix[i] = byte(int(a.Pix[i]) * int(b.Pix[i]) / 255)
	}
	return m
}
