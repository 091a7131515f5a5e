// Package svg draws SVG drawings (W3C SVG 1.1 and what is used of SVG 2): shapes,
// strokes, gradients, patterns, clips, masks, markers, style sheets, reuse, text and
// embedded pictures. It imports nothing of ours.
//
// Nothing outside the file is ever read, and what a file may ask for is bounded: its
// elements, how deep they lie, how many are drawn by reuse.
package svg

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
)

// The bounds of a drawing.
const (
	maxBytes   = 32 << 20
	maxNodes   = 200_000   // elements in the file
	maxDepth   = 256       // of elements within each other
	maxDrawn   = 100_000   // elements drawn, those by reuse included
	maxUses    = 32        // references that follow each other
	maxPoints  = 2_000_000 // corners of all outlines, once curves are lines
	maxLayers  = 12        // pictures in memory at once
	defaultW   = 300.0     // of a drawing that doesn't say (CSS 2.1, 10.3.2)
	defaultH   = 150.0
	longestLen = 1e6 // in pixels
)

// Drawing is a drawing that was read.
type Drawing struct {
	root  *node
	ids   map[string]*node
	rules []rule
	w, h  float64
	left  map[string]bool
	drawn int
	point int
	masks map[maskKey]*image.Alpha
}

// Parse reads a drawing. The error says in plain words what is wrong with it.
func Parse(data []byte) (*Drawing, error) {
	if len(data) > maxBytes {
		return nil, fmt.Errorf("it has more than %d MB of text", maxBytes>>20)
	}
	d := &Drawing{ids: map[string]*node{}, left: map[string]bool{}, masks: map[maskKey]*image.Alpha{}}
	if err := d.read(data); err != nil {
		return nil, err
	}
	box, hasBox := viewBox(d.root)
	d.w, d.h = rootLength(d.root.attr("width")), rootLength(d.root.attr("height"))
	switch {
	case d.w == 0 && d.h == 0 && hasBox:
		d.w, d.h = box.w, box.h
	case d.w == 0 && hasBox && box.h > 0:
		d.w = d.h * box.w / box.h
	case d.h == 0 && hasBox && box.w > 0:
		d.h = d.w * box.h / box.w
	}
	if d.w == 0 {
		d.w = defaultW
	}
	if d.h == 0 {
		d.h = defaultH
	}
	if d.w > longestLen || d.h > longestLen || !(d.w > 0) || !(d.h > 0) {
		return nil, fmt.Errorf("it says that it is %g×%g pixels large", d.w, d.h)
	}
	return d, nil
}

// Size returns the size that the drawing gives itself, in CSS pixels.
func (d *Drawing) Size() (w, h float64) { return d.w, d.h }

// errTooMuch ends a drawing that draws without end.
var errTooMuch = errors.New("it draws too much: more than is sensible, by elements that are used again and again")

// Draw draws it in w×h pixels, on nothing. The error says that it asks for too much.
func (d *Drawing) Draw(w, h int) (m *image.RGBA, err error) {
	d.drawn, d.point = 0, 0
	clear(d.masks)
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(error); ok && errors.Is(e, errTooMuch) {
				m, err = nil, errTooMuch
				return
			}
			panic(r)
		}
	}()
	m = image.NewRGBA(image.Rect(0, 0, w, h))
	c := &canvas{d: d, to: m}
	scale := matrix{float64(w) / d.w, 0, 0, float64(h) / d.h, 0, 0}
	s := state{m: scale, style: initialStyle(), opacity: 1}
	c.svg(d.root, s, d.w, d.h)
	return m, nil
}

// Left lists what of the drawing was left out, in words for people.
func (d *Drawing) Left() []string {
	var all []string
	for what := range d.left {
		all = append(all, what)
	}
	slices.Sort(all)
	return all
}

func (d *Drawing) leave(what string) { d.left[what] = true }

// count counts what is drawn, and ends a drawing that has no end.
func (d *Drawing) count() {
	if d.drawn++; d.drawn > maxDrawn {
		panic(errTooMuch)
	}
}

func (d *Drawing) countPoints(n int) {
	if d.point += n; d.point > maxPoints {
		panic(errTooMuch)
	}
}

// rgba is a colour that is not multiplied with its opacity, 0 to 1.
type rgba struct{ r, g, b, a float64 }

func fromColor(c color.RGBA) rgba {
	return rgba{float64(c.R) / 255, float64(c.G) / 255, float64(c.B) / 255, 1}
}

// point is a place.
type point struct{ x, y float64 }

func (p point) add(q point) point         { return point{p.x + q.x, p.y + q.y} }
func (p point) sub(q point) point         { return point{p.x - q.x, p.y - q.y} }
func (p point) times(f float64) point     { return point{p.x * f, p.y * f} }
func (p point) length() float64           { return math.Hypot(p.x, p.y) }
func (p point) cross(q point) float64     { return p.x*q.y - p.y*q.x }
func (p point) dot(q point) float64       { return p.x*q.x + p.y*q.y }
func between(p, q point, t float64) point { return point{p.x + t*(q.x-p.x), p.y + t*(q.y-p.y)} }
func finite(all ...float64) bool {
	return !slices.ContainsFunc(all, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

// matrix is an affine map: x' = m[0]x + m[2]y + m[4], y' = m[1]x + m[3]y + m[5].
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// times is n, then m.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[2]*n[1], m[1]*n[0] + m[3]*n[1],
		m[0]*n[2] + m[2]*n[3], m[1]*n[2] + m[3]*n[3],
		m[0]*n[4] + m[2]*n[5] + m[4], m[1]*n[4] + m[3]*n[5] + m[5],
	}
}

func (m matrix) at(p point) point {
	return point{m[0]*p.x + m[2]*p.y + m[4], m[1]*p.x + m[3]*p.y + m[5]}
}

// inverse returns the map back; false if there is none.
func (m matrix) inverse() (matrix, bool) {
	det := m[0]*m[3] - m[1]*m[2]
	if !finite(m[:]...) || math.Abs(det) < 1e-30 {
		return identity, false
	}
	return matrix{
		m[3] / det, -m[1] / det, -m[2] / det, m[0] / det,
		(m[2]*m[5] - m[3]*m[4]) / det, (m[1]*m[4] - m[0]*m[5]) / det,
	}, true
}

// scale is how much longer lines become, on average.
func (m matrix) scale() float64 { return math.Sqrt(math.Abs(m[0]*m[3] - m[1]*m[2])) }
