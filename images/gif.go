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

// placed puts a frame at its place on a white canvas of the given size.
func (c canvas) placed(at, size image.Point) (canvas, error) {
	frame := image.Rect(0, 0, c.w, c.h).Add(at)
	whole := image.Rectangle{Max: size}
	if frame == whole {
		return c, nil
	}
	if !frame.In(whole) {
		return canvas{}, errors.New("a frame lies outside the picture")
	}
	out := canvas{w: size.X, h: size.Y, transparent: true, photo: c.photo}
	out.rgb = bytes.Repeat([]byte{255}, 3*size.X*size.Y)
	for y := range c.h {
		copy(out.rgb[3*((at.Y+y)*out.w+at.X):], c.rgb[3*y*c.w:3*(y+1)*c.w])
	}
	return out, nil
}
