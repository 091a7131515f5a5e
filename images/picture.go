// Package images turns what a person names (a path, a web address, the
// clipboard, a page of a document, a moment of a video, standard input) into a
// picture that a model may see: recognised by content, bounded before it is
// decoded, upright, opaque on white.
package images

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Picture is a checked picture. It does not change after it was made.
type Picture struct {
	Source string // as the person named it, for messages
	Format string // of Data: "png", "jpeg", "gif", "webp", "bmp" …; empty without Data
	Data   []byte // the file, byte for byte as it came; nil of what was no picture file: a page, a moment, a region
	SHA256 string // of Data, or of the pixels, in hex: the picture's identity
	Width  int    // in pixels, upright
	Height int
	Place  string // where a region lies on which picture, for the model; empty for whole pictures

	rgb         []byte // upright, on white, 3 bytes a pixel, rows without padding
	oriented    int    // the EXIF orientation of Data, 1 for upright
	transparent bool   // white shows through somewhere
	photo       bool   // Data is lossy: what is made of it may be too
	wired       *wireMemo
	cut         *origin // of a region; nil for whole pictures
	late        *late   // of a picture that was recalled
}

// RGB returns the pixels that a model sees: upright, composited on white, red,
// green, blue, row by row from the top left. Callers must not change them.
func (p *Picture) RGB() []byte { return p.rgb }

// ofPixels makes a picture of pixels that were no file: 3 bytes each, upright, on
// white. It keeps c's. photo says whether they come from a lossy source.
func ofPixels(source string, c canvas) *Picture {
	h := sha256.New()
	fmt.Fprintf(h, "rgb %d %d\n", c.w, c.h)
	h.Write(c.rgb)
	return &Picture{
		Source: source, SHA256: hex.EncodeToString(h.Sum(nil)), Width: c.w, Height: c.h,
		rgb: c.rgb, oriented: 1, photo: c.photo, wired: &wireMemo{},
	}
}
