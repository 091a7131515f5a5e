package images

import (
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

// format is a kind of picture file that is read here.
type format struct {
	name        string // as in Picture.Format
	magic       string // the first bytes; '?' stands for any
	config      func(io.Reader) (image.Config, error)
	decode      func([]byte) (canvas, error)
	orientation func([]byte) int
}

var formats = []format{
	{"png", pngMagic, png.DecodeConfig, onWhite(png.Decode), pngOrientation},
	{"jpeg", "\xff\xd8\xff", jpeg.DecodeConfig, decodeJPEG, jpegOrientation},
	{"gif", "GIF8?a", gif.DecodeConfig, decodeGIF, noOrientation},
	{"webp", "RIFF????WEBP", webp.DecodeConfig, decodeWebP, webpOrientation},
	{"bmp", "BM????\x00\x00\x00\x00", bmp.DecodeConfig, decodeBMP, noOrientation},
}

// recognise finds the format by the first bytes, or nil.
func recognise(data []byte) *format {
	for i := range formats {
		if matches(data, formats[i].magic) {
			return &formats[i]
		}
	}
	return nil
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

// unsupported tells whether a decoder's error means a valid file of a kind that
// it cannot read.
func unsupported(err error) bool {
	var j jpeg.UnsupportedError
	var p png.UnsupportedError
	return errors.As(err, &j) || errors.As(err, &p) || errors.Is(err, bmp.ErrUnsupported)
}

// reasonText is a decoder's error without the words that say which decoder.
func reasonText(err error) string {
	s := err.Error()
	for _, prefix := range []string{"png: ", "jpeg: ", "gif: ", "webp: ", "bmp: ", "vp8: ", "vp8l: ", "riff: ", "invalid JPEG format: ", "unsupported JPEG feature: ", "invalid format: ", "unsupported feature: "} {
		s = strings.TrimPrefix(s, prefix)
	}
	return s
}
