package images

import (
	"image"
	"image/color"
)

// flatten puts any picture on white, 3 bytes a pixel. The kinds that decoders
// return often have loops of their own.
func flatten(m image.Image) canvas {
	b := m.Bounds()
	c := canvas{rgb: make([]byte, 3*b.Dx()*b.Dy()), w: b.Dx(), h: b.Dy()}
	for y := range c.h {
		row := c.rgb[3*c.w*y : 3*c.w*(y+1)]
		switch m := m.(type) {
		case *image.Gray:
			src := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range c.w {
				row[3*x], row[3*x+1], row[3*x+2] = src[x], src[x], src[x]
			}
		case *image.Gray16:
			src := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range c.w {
				row[3*x], row[3*x+1], row[3*x+2] = src[2*x], src[2*x], src[2*x]
			}
		case *image.RGBA:
			src := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range c.w {
				// Colours are premultiplied here: white fills what is left.
				rest := 255 - src[4*x+3]
				row[3*x], row[3*x+1], row[3*x+2] = src[4*x]+rest, src[4*x+1]+rest, src[4*x+2]+rest
				c.transparent = c.transparent || rest != 0
			}
		case *image.NRGBA:
			src := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range c.w {
				a := src[4*x+3]
				row[3*x], row[3*x+1], row[3*x+2] = over(src[4*x], a), over(src[4*x+1], a), over(src[4*x+2], a)
				c.transparent = c.transparent || a != 255
			}
		case *image.Paletted:
			src := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range c.w {
				// A decoder has checked the indices, but not every one does.
				r, g, bl, a := byte(0), byte(0), byte(0), byte(255)
				if int(src[x]) < len(m.Palette) {
					r, g, bl, a = straight(m.Palette[src[x]])
				}
				row[3*x], row[3*x+1], row[3*x+2] = over(r, a), over(g, a), over(bl, a)
				c.transparent = c.transparent || a != 255
			}
		default:
			for x := range c.w {
				r, g, bl, a := straight(m.At(b.Min.X+x, b.Min.Y+y))
				row[3*x], row[3*x+1], row[3*x+2] = over(r, a), over(g, a), over(bl, a)
				c.transparent = c.transparent || a != 255
			}
		}
	}
	return c
}

// over puts a colour value of the given opacity on white, rounded.
func over(v, a byte) byte {
	if a == 255 {
		return v
	}
	return byte((int(v)*int(a) + 255*(255-int(a)) + 127) / 255)
}

// straight returns a colour with its opacity apart, 8 bits each. Of 16 bits the
// upper 8 count, as in libpng and stb_image.
func straight(c color.Color) (r, g, b, a byte) {
	switch c := c.(type) {
	case color.NRGBA:
		return c.R, c.G, c.B, c.A
	case color.NRGBA64:
		return byte(c.R >> 8), byte(c.G >> 8), byte(c.B >> 8), byte(c.A >> 8)
	case color.RGBA64:
		if c.A == 0xffff {
			return byte(c.R >> 8), byte(c.G >> 8), byte(c.B >> 8), 255
		}
	}
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return n.R, n.G, n.B, n.A
}
