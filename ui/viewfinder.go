package ui

import (
	"image"
	"math"

	"github.com/vlmchat/vlmchat/termimg"
)

// viewfinder is the frame that a person moves over a picture: what is seen enlarged,
// and becomes a region. It never leaves the picture.
type viewfinder struct {
	width, height int // of the picture
	area          termimg.Area
}

// smallestView is the least side of what can be framed, unless the picture has less.
const smallestView = 8

// newViewfinder frames the whole picture.
func newViewfinder(width, height int) viewfinder {
	return viewfinder{width, height, termimg.Area{Width: float64(width), Height: float64(height)}}
}

// take frames an area, as much of it as there is.
func (v *viewfinder) take(a termimg.Area) {
	limit := func(begin, length *float64, side float64) {
		least := min(smallestView, side)
		middle := *begin + *length/2
		*length = max(least, min(*length, side))
		*begin = max(0, min(middle-*length/2, side-*length))
	}
	limit(&a.X, &a.Width, float64(v.width))
	limit(&a.Y, &a.Height, float64(v.height))
	v.area = a
}

// move goes on by parts of what is seen, and by a pixel at least.
func (v *viewfinder) move(across, down float64) {
	by := func(share, length float64) float64 {
		return math.Copysign(math.Ceil(math.Abs(share*length)), share)
	}
	a := v.area
	a.X += by(across, a.Width)
	a.Y += by(down, a.Height)
	v.take(a)
}

// scale frames more or less about the middle. Coming nearer keeps the shape, and so
// ends when one side is as small as may be.
func (v *viewfinder) scale(by float64) {
	if by < 1 {
		by = min(1, max(by, smallestView/min(v.area.Width, v.area.Height)))
	}
	v.reshape(by, by)
}

// reshape changes width and height about the middle.
func (v *viewfinder) reshape(across, down float64) {
	a := v.area
	a.X, a.Width = a.X-a.Width*(across-1)/2, a.Width*across
	a.Y, a.Height = a.Y-a.Height*(down-1)/2, a.Height*down
	v.take(a)
}

// rect returns what is framed in whole pixels.
func (v *viewfinder) rect() image.Rectangle {
	along := func(begin, length float64, side int) (from, to int) {
		n := int(math.Round(length)) // so that it is the same wherever it lies
		from = min(int(math.Round(begin)), side-n)
		return from, from + n
	}
	x0, x1 := along(v.area.X, v.area.Width, v.width)
	y0, y1 := along(v.area.Y, v.area.Height, v.height)
	return image.Rect(x0, y0, x1, y1)
}

// whole reports whether all of the picture is framed.
func (v *viewfinder) whole() bool { return v.rect() == image.Rect(0, 0, v.width, v.height) }

// layout says where things are in the view, in pixels: of the terminal's graphics, or
// of its half blocks or characters.
type layout struct {
	cols, rows int // cells that it takes
	size       image.Point
	region     image.Rectangle // what is framed, enlarged
	overview   image.Rectangle // the whole picture; empty where it is seen anyway, or there is no room
	frame      image.Rectangle // what is framed, in the overview
}

// lay lays out the view in a number of cells.
func (v *viewfinder) lay(t termimg.Terminal, cols, rows int) layout {
	var l layout
	var tall float64
	l.cols, l.rows, l.size, tall = t.Canvas(cols, rows)
	fit := func(width, height float64, room image.Point) image.Point {
		scale := min(float64(room.X)/width, float64(room.Y)*tall/height)
		of := func(x float64, most int) int { return max(1, min(most, int(math.Round(x)))) }
		return image.Pt(of(width*scale, room.X), of(height*scale/tall, room.Y))
	}
	l.region = image.Rectangle{Max: fit(v.area.Width, v.area.Height, l.size)}
	const leastWidth, leastHeight = 8, 4 // in which something can be made out
	o := fit(float64(v.width), float64(v.height), image.Pt(l.size.X/4, l.size.Y/3))
	if v.whole() || l.size.X/4 < leastWidth || l.size.Y/3 < leastHeight {
		return l
	}
	l.overview = image.Rectangle{l.size.Sub(o), l.size}
	at := func(x float64, of, length int) int { return int(math.Round(x / float64(of) * float64(length))) }
	a := v.area
	l.frame = image.Rect(at(a.X, v.width, o.X), at(a.Y, v.height, o.Y),
		at(a.X+a.Width, v.width, o.X), at(a.Y+a.Height, v.height, o.Y)).Add(l.overview.Min)
	return l
}

// cells returns the pixels between the cells of a drag.
func (l layout) cells(d drag) image.Rectangle {
	r := image.Rectangle{d.from, d.to}.Canon()
	x, y := l.size.X/max(1, l.cols), l.size.Y/max(1, l.rows)
	return image.Rect(r.Min.X*x, r.Min.Y*y, (r.Max.X+1)*x, (r.Max.Y+1)*y).Intersect(l.region)
}

// area returns the part of the picture that is seen in some pixels, when a is seen in
// all.
func (l layout) area(r image.Rectangle, a termimg.Area) termimg.Area {
	x, y := a.Width/float64(l.region.Dx()), a.Height/float64(l.region.Dy())
	return termimg.Area{X: a.X + float64(r.Min.X)*x, Y: a.Y + float64(r.Min.Y)*y, Width: float64(r.Dx()) * x, Height: float64(r.Dy()) * y}
}
