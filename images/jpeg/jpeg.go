// Package jpeg decodes JPEG files (ITU-T T.81) to upright RGB, with the very
// pixels of libjpeg-turbo's default settings (the accurate integer inverse DCT,
// "fancy" upsampling of colour), and as fast.
//
// A file's way through the package: segments.go reads its marker segments,
// frame.go what they say of the picture's layout, huffman.go and bits.go the
// codes; scan.go and progressive.go turn coded data into blocks of coefficients;
// idct.go, upsample.go and colour.go turn blocks into samples, full rows and
// pixels; band.go does that for the rows that belong together, and turn.go puts
// them at their place. pipeline.go has all of it done by several cores.
//
// It decodes what photos are made of: 8 bits a sample, Huffman codes, baseline,
// extended sequential or progressive, grey, colour or CMYK.
package jpeg

import (
	"context"
	"io"
)

// FormatError is what contradicts the format.
type FormatError string

func (e FormatError) Error() string { return string(e) }

// UnsupportedError is what the format allows and is not read here.
type UnsupportedError string

func (e UnsupportedError) Error() string { return string(e) }

// errShort is the error of a file whose end is missing.
var errShort = io.ErrUnexpectedEOF

// Header is what a file says of its picture before the pixels.
type Header struct {
	Width, Height int // in pixels, as they lie in the file
	Components    int // 1: grey, 3: colour, 4: CMYK
	Progressive   bool
}

// ReadHeader reads the header alone. It allocates next to nothing. The error is
// io.ErrUnexpectedEOF for a file that ends too early, a FormatError or an
// UnsupportedError.
func ReadHeader(data []byte) (Header, error) {
	d := decoder{data: data}
	if _, err := d.nextScan(); err != nil {
		return Header{}, err
	}
	f := &d.frame
	return Header{Width: f.w, Height: f.h, Components: len(f.comps), Progressive: f.progressive}, nil
}

// Decode returns the pixels of a file, turned by an EXIF orientation (1 to 8,
// anything else counts as 1): red, green and blue, 3 bytes a pixel, rows without
// padding, and how many pixels wide and high they are. The caller has looked at
// the size in the header before. Decode ends with ctx's error when ctx does;
// other errors are those of ReadHeader.
func Decode(ctx context.Context, data []byte, orientation int) (rgb []byte, w, h int, err error) {
	d := decoder{data: data}
	out, err := d.picture(ctx, orientation)
	if err != nil {
		return nil, 0, 0, err
	}
	return out.rgb, out.W, out.H, nil
}
