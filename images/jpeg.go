package images

import (
	"context"
	"image"

	"github.com/vlmchat/vlmchat/images/jpeg"
)

// jpegSize reads a JPEG's size from its header.
func jpegSize(data []byte, _ int) (image.Point, error) {
	h, err := jpeg.ReadHeader(data)
	return image.Pt(h.Width, h.Height), err
}

// decodeJPEG decodes a JPEG to the pixels of libjpeg-turbo, and turns it upright at
// once: a photo of a camera would take as much memory again to be turned later.
func decodeJPEG(data []byte) (canvas, error) {
	c := canvas{photo: true, turned: jpegOrientation(data)}
	var err error
	c.rgb, c.w, c.h, err = jpeg.Decode(context.TODO(), data, c.turned)
	return c, err
}
