// Package images turns what a person names (a path, a file URL, standard
// input) into a picture that a model may see: recognised by content, bounded
// before it is decoded, upright, opaque on white.
package images

// Picture is a checked picture. It does not change after Load or Decode made it.
type Picture struct {
	Source string // as the person named it, for messages
	Format string // of Data: "png", "jpeg", "gif", "webp", "bmp"
	Data   []byte // the file, byte for byte as it came
	SHA256 string // of Data, in hex: the picture's identity
	Width  int    // in pixels, upright
	Height int

	rgb         []byte // upright, on white, 3 bytes a pixel, rows without padding
	oriented    int    // the EXIF orientation of Data, 1 for upright
	transparent bool   // white shows through somewhere
	photo       bool   // Data is lossy: what is made of it may be too
	wired       *wireMemo
}

// RGB returns the pixels that a model sees: upright, composited on white, red,
// green, blue, row by row from the top left. Callers must not change them.
func (p *Picture) RGB() []byte { return p.rgb }
