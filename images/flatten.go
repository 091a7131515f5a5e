package images

import (
	"bytes"
	"image"
	"image/color"
)

// flatten turns any picture into 3 bytes a pixel and, if it shows through, their
// opacity. The kinds that decoders return often have loops of their own.
func flatten(m image.Image) canvas {
	b := m.Bounds()
	c := canvas{rgb: make([]byte, 3*b.Dx()*b.Dy()), w: b.Dx(), h: b.Dy()}
	if o, ok := m.(interface{ Opaque() bool }); !ok || !o.Opaque() {
		c.alpha = bytes.Repeat([]byte{255}, c.w*c.h)
	}
	for y := range c.h {
		row := c.rgb[3*c.w*y : 3*c.w*(y+1)]
		var alpha []byte
		if c.alpha != nil {
			alpha = c.alpha[c.w*y : c.w*(y+1)]
		}
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
			if alpha == nil {
				withoutAlpha(row, src)
				continue
			}
			for x := range c.w { // colours are premultiplied here
				row[3*x], row[3*x+1], row[3*x+2], alpha[x] = straight(color.RGBA{src[4*x], src[4*x+1], src[4*x+2], src[4*x+3]})
			}
		case *image.NRGBA:
			src := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			withoutAlpha(row, src)
			for x := range alpha {
				alpha[x] = src[4*x+3]
			}
		case *image.Paletted:
			src := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range c.w {
				// A decoder has checked the indices, but not every one does.
				r, g, bl, a := byte(0), byte(0), byte(0), byte(255)
				if int(src[x]) < len(m.Palette) {
					r, g, bl, a = straight(m.Palette[src[x]])
				}
				row[3*x], row[3*x+1], row[3*x+2] = r, g, bl
				if alpha != nil {
					alpha[x] = a
				}
			}
		default:
			for x := range c.w {
				r, g, bl, a := straight(m.At(b.Min.X+x, b.Min.Y+y))
				row[3*x], row[3*x+1], row[3*x+2] = r, g, bl
				if alpha != nil {
					alpha[x] = a
				}
			}
		}
	}
	return c
}

// withoutAlpha copies the colours of pixels of four bytes to those of three. Most pictures
// come this way, and with constant indices it takes a fraction of the time.
func withoutAlpha(rgb, rgba []byte) {
	for len(rgb) >= 3 && len(rgba) >= 4 {
		rgb[0], rgb[1], rgb[2] = rgba[0], rgba[1], rgba[2]
		rgb, rgba = rgb[3:], rgba[4:]
	}
}

// onWhite puts a picture that shows through on white. It comes after the colours
// were converted: white is the same in all of them, what is half white is not.
func (c *canvas) onWhite() {
	for i, a := range c.alpha {
		if a != 255 {
			c.transparent = true
			px := c.rgb[3*i : 3*i+3]
			px[0], px[1], px[2] = over(px[0], a), over(px[1], a), over(px[2], a)
		}
	}
	c.alpha = nil
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
