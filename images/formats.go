package images

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"strings"

	"github.com/vlmchat/vlmchat/images/jpeg"
)

// format is a kind of picture file that is read here.
type format struct {
	name string // as in Picture.Format
	is   func(data []byte) bool
	// size reads the size of a frame from the headers, before anything is decoded.
	size func(data []byte, frame int) (image.Point, error)
	// decode makes the pixels of a frame, as they lie in the file and in its colours,
	// on white only if it wants to. It ends early, with any error, when ctx does: by
	// reading with readerUntil, or by asking ctx between rows. One that can't do so has
	// to be apart.
	decode      func(ctx context.Context, data []byte, frame int) (canvas, error)
	orientation func(data []byte) int
	// colours says what a frame's colours mean, from its profile; nil for sRGB.
	colours func(data []byte, frame int) *colours
	// frames lists what there is to choose from: the frames of an animation, the
	// pages of a document. It is nil for formats of one picture.
	frames func(data []byte) ([]frame, error)
	// pages has what a frame shows become a picture of its own: the file is a
	// document, and no picture.
	pages bool
	// apart has the format read in a process of its own (apart.go), its size and its
	// frames too: its decoder is not made for hostile files, or can't be stopped.
	apart bool
	// ready tells whether what reads the format is ready to. It is nil where that takes
	// no time worth the name.
	ready func() bool
}

var formats = []format{
	{name: "png", is: magic(pngMagic), size: sizeBy(png.DecodeConfig), decode: only(decodePNG), orientation: exifOrientation("png"), colours: pngColours},
	{name: "jpeg", is: magic("\xff\xd8\xff"), size: jpegSize, decode: only(decodeJPEG), orientation: exifOrientation("jpeg"), colours: jpegColours},
	{name: "gif", is: magic("GIF8?a"), size: gifSize, decode: decodeGIF, orientation: noOrientation, colours: noColours, frames: gifFrames},
	{name: "webp", is: magic("RIFF????WEBP"), size: webpSize, decode: decodeWebP, orientation: exifOrientation("webp"), colours: webpColours, frames: webpFrames},
	{name: "bmp", is: magic("BM????\x00\x00\x00\x00"), size: bmpSize, decode: decodeBMP, orientation: noOrientation, colours: bmpColours},
	{name: "ico", is: isICO, size: icoSize, decode: decodeICO, orientation: noOrientation, colours: noColours},
	{name: "tiff", is: isTIFF, size: tiffSize, decode: decodeTIFF, orientation: noOrientation, colours: tiffColours, frames: tiffFrames, apart: true},
	{name: "avif", is: isAVIF, size: avifSize, decode: only(decodeAVIF), orientation: heifOrientation, colours: heifColours, ready: libavif.ready, apart: true},
	{name: "heic", is: isHEIC, size: heicSize, decode: only(decodeHEIC), orientation: heifOrientation, colours: heifColours, ready: libheif.ready, apart: true},
	{name: "pdf", is: isPDF, size: pdfSize, decode: decodePDF, orientation: noOrientation, colours: noColours, frames: pdfPages, ready: pdfium.ready, pages: true, apart: true},
	{name: "svg", is: isSVG, size: svgSize, decode: only(decodeSVG), orientation: noOrientation, colours: noColours, apart: true},
}

// recognise finds the format by the content, or nil.
func recognise(data []byte) *format {
	for i := range formats {
		if formats[i].is(data) {
			return &formats[i]
		}
	}
	return nil
}

// formatOf returns the format of a name, or nil.
func formatOf(name string) *format {
	for i := range formats {
		if formats[i].name == name {
			return &formats[i]
		}
	}
	return nil
}

// magic recognises a format by its first bytes; '?' stands for any.
func magic(pattern string) func([]byte) bool {
	return func(data []byte) bool { return matches(data, pattern) }
}

// sizeBy reads the size of formats of one picture with a decoder of the standard
// library's shape.
func sizeBy(config func(io.Reader) (image.Config, error)) func([]byte, int) (image.Point, error) {
	return func(data []byte, _ int) (image.Point, error) {
		c, err := config(bytes.NewReader(data))
		return image.Pt(c.Width, c.Height), err
	}
}

// only decodes formats of one picture.
func only(decode func(context.Context, []byte) (canvas, error)) func(context.Context, []byte, int) (canvas, error) {
	return func(ctx context.Context, data []byte, _ int) (canvas, error) { return decode(ctx, data) }
}

// readerUntil reads data until ctx ends: so decoders end that can't be told to.
func readerUntil(ctx context.Context, data []byte) io.Reader {
	return &cancelReader{ctx, bytes.NewReader(data)}
}

// matches compares the first bytes with a pattern in which '?' stands for any.
func matches(data []byte, magic string) bool {
	if len(data) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != data[i] {
			return false
		}
	}
	return true
}

// unsupportedError says what a valid file has that is not read here.
type unsupportedError string

func (e unsupportedError) Error() string { return string(e) }

// unsupported tells whether a decoder's error means a valid file of a kind that
// it cannot read.
func unsupported(err error) bool {
	var j jpeg.UnsupportedError
	var p png.UnsupportedError
	var u unsupportedError
	return errors.As(err, &u) || errors.As(err, &j) || errors.As(err, &p)
}

// reasonText is a decoder's error without the words that say which decoder.
func reasonText(err error) string {
	s := err.Error()
	for _, packed := range []string{"flate: ", "zlib: ", "lzw: "} {
		if strings.Contains(s, packed) {
			return "what is compressed in it makes no sense"
		}
	}
	for _, prefix := range []string{"png: ", "gif: ", "webp: ", "vp8: ", "vp8l: ", "riff: ", "ccitt: ", "invalid format: ", "unsupported feature: "} {
		s = strings.TrimPrefix(s, prefix)
	}
	return s
}
