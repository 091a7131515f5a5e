package images

import (
	"bytes"
	"errors"
	"image"
	"image/gif"
)

// decodeGIF decodes the first frame of a GIF, at its place on the whole.
func decodeGIF(data []byte) (canvas, error) {
	size, err := gif.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return canvas{}, err
	}
	m, err := gif.Decode(bytes.NewReader(data))
	if err != nil {
		return canvas{}, err
	}
	return flatten(m).placed(m.Bounds().Min, image.Pt(size.Width, size.Height))
}

// placed puts a frame at its place on an invisible canvas of the given size.
func (c canvas) placed(at, size image.Point) (canvas, error) {
	frame := image.Rect(0, 0, c.w, c.h).Add(at)
	whole := image.Rectangle{Max: size}
	if frame == whole {
		return c, nil
	}
	if !frame.In(whole) {
		return canvas{}, errors.New("a frame lies outside the picture")
	}
	out := canvas{w: size.X, h: size.Y, photo: c.photo}
	out.rgb, out.alpha = make([]byte, 3*out.w*out.h), make([]byte, out.w*out.h)
	for y := range c.h {
		to, from := (at.Y+y)*out.w+at.X, y*c.w
		copy(out.rgb[3*to:], c.rgb[3*from:3*(from+c.w)])
		for x := range c.w {
			out.alpha[to+x] = 255
			if c.alpha != nil {
				out.alpha[to+x] = c.alpha[from+x]
			}
		}
	}
	return out, nil
}
