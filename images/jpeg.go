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

// decodeJPEG decodes a JPEG and turns it upright at once: a photo of a camera would
// take as much memory again to be turned later.
func decodeJPEG(ctx context.Context, data []byte) (canvas, error) {
	return jpegPixels(ctx, data, tiffOrientation(exifBlock("jpeg", data)))
}

// jpegPixels decodes a JPEG to the pixels of libjpeg-turbo, turned by an EXIF
// orientation.
func jpegPixels(ctx context.Context, data []byte, orientation int) (canvas, error) {
	c := canvas{photo: true, turned: orientation}
	var err error
	c.rgb, c.w, c.h, err = jpeg.Decode(ctx, data, orientation)
	return c, err
}
