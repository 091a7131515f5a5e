package termimg

import "image"

// Detail is a picture that is looked at from far and near: whole, and any part of it
// down to its pixels. It may be used by several goroutines at once.
type Detail struct{ levels []pixels } // the picture itself, and each the half of the one before

// Area is a part of a picture, in its pixels from the top left.
type Area struct{ X, Y, Width, Height float64 }

// NewDetail makes a Detail of rgb, as New has it. It keeps rgb, and a third more.
func NewDetail(rgb []byte, width, height int) *Detail {
	const enough = 64 // from here on everything is fast
	p := pixels{width, height, rgb[:3*width*height]}
	d := &Detail{[]pixels{p}}
	for max(p.width, p.height) >= 2*enough {
		p = p.resize((p.width+1)/2, (p.height+1)/2)
		d.levels = append(d.levels, p)
	}
	return d
}

// Part returns an area in width by height pixels: where it becomes smaller, means of
// what it covers; where it becomes larger, its pixels as squares. How long it takes
// depends on what is returned, not on the picture.
func (d *Detail) Part(a Area, width, height int) []byte {
	whole, level := d.levels[0], 0
	for n := 2; level+1 < len(d.levels) && a.Width >= float64(n*width) && a.Height >= float64(n*height); n *= 2 {
		level++
	}
	p := d.levels[level]
	x, y := float64(p.width)/float64(whole.width), float64(p.height)/float64(whole.height)
	return p.part(Area{a.X * x, a.Y * y, a.Width * x, a.Height * y}, width, height).rgb
}

// Later makes an Image of so many pixels, which draw returns when they are needed.
func Later(width, height int, draw func() []byte) *Image {
	return &Image{pix: pixels{width: width, height: height}, later: draw}
}

// mostPixels is how many pixels wide and high a picture may be that fills the screen.
// More than that xterm does not take in sixels, unless it is told to; and what changes
// with every key should not be megabytes.
const mostPixels, mostSixels = 2000, 1000

// Canvas returns how many of cols by rows cells a picture takes that fills as many as
// it may, how many pixels these have, and how many times as high as wide one is.
func (t Terminal) Canvas(cols, rows int) (c, r int, size image.Point, tall float64) {
	cell := t.cell()
	ratio := float64(cell.Y) / float64(cell.X)
	switch {
	case t.Method == Blocks:
		return cols, rows, image.Pt(cols, 2*rows), ratio / 2
	case !t.pixels():
		return cols, rows, image.Pt(cols, rows), ratio
	}
	most := mostPixels
	if t.Method == Sixel {
		most = mostSixels
	}
	c, r = min(cols, max(1, most/cell.X)), min(rows, max(1, most/cell.Y))
	if t.Method == Placeholders {
		c, r = min(c, mostPlaceholders), min(r, mostPlaceholders)
	}
	return c, r, image.Pt(c*cell.X, r*cell.Y), 1
}
