package images

import (
	"image"
	"image/color"
)

// Image returns the pixels as an image.Image without copying them.
func (p *Picture) Image() image.Image { return view{p} }

// view reads a Picture's pixels through the standard interfaces.
type view struct{ p *Picture }

func (view) ColorModel() color.Model { return color.RGBAModel }

func (v view) Bounds() image.Rectangle { return image.Rect(0, 0, v.p.Width, v.p.Height) }

// Opaque lets encoders leave out transparency.
func (view) Opaque() bool { return true }

func (v view) At(x, y int) color.Color { return v.rgba(x, y) }

// RGBA64At makes a view an image.RGBA64Image, which spares callers an
// allocation for each pixel.
func (v view) RGBA64At(x, y int) color.RGBA64 {
	c := v.rgba(x, y)
	return color.RGBA64{R: uint16(c.R) * 0x101, G: uint16(c.G) * 0x101, B: uint16(c.B) * 0x101, A: uint16(c.A) * 0x101}
}

func (v view) rgba(x, y int) color.RGBA {
	if !(image.Point{X: x, Y: y}).In(v.Bounds()) {
		return color.RGBA{}
	}
	i := 3 * (y*v.p.Width + x)
	return color.RGBA{R: v.p.rgb[i], G: v.p.rgb[i+1], B: v.p.rgb[i+2], A: 255}
}
