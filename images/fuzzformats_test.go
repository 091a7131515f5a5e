package images

import (
	"path/filepath"
	"testing"
)

// A target for each decoder, begun with files of its kinds: what is found in one
// stays apart from the others.
func FuzzPNG(f *testing.F) {
	fuzzFormat(f, "png", "testdata/photos/*[a-z].png", "testdata/formats/*[a-z0-9].png")
}
func FuzzJPEG(f *testing.F) { fuzzFormat(f, "jpeg", "testdata/*.jpg") }
func FuzzWebP(f *testing.F) { fuzzFormat(f, "webp", "testdata/*.webp", "testdata/formats/*.webp") }
func FuzzGIF(f *testing.F)  { fuzzFormat(f, "gif", "testdata/formats/*.gif") }
func FuzzBMP(f *testing.F)  { fuzzFormat(f, "bmp", "testdata/formats/*.bmp") }
func FuzzICO(f *testing.F)  { fuzzFormat(f, "ico", "testdata/formats/*.ico") }
func FuzzTIFF(f *testing.F) { fuzzFormat(f, "tiff", "testdata/formats/*.tif") }

// fuzzFormat decodes the first and the last picture, or the tenth, of what is of a
// format. None is half a picture, and none is larger than its header says.
func fuzzFormat(f *testing.F, name string, patterns ...string) {
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal("no files", pattern, err)
		}
		for _, file := range files {
			f.Add(mustRead(f, file))
		}
	}
	kind := formatOf(name)
	f.Fuzz(func(t *testing.T, data []byte) {
		if !kind.is(data) {
			return
		}
		last := 0
		if kind.frames != nil {
			if all, err := kind.frames(data); err == nil {
				last = min(len(all)-1, 9) // later ones take longer, and are no different
			}
		}
		kind.colours(data, last)
		if o := kind.orientation(data); o < 1 || o > 8 {
			t.Error("orientation", o)
		}
		for _, frame := range []int{0, last} {
			size, err := kind.size(data, frame)
			if err != nil || size.X <= 0 || size.Y <= 0 || size.X*size.Y > 1<<14 {
				continue
			}
			c, err := kind.decode(t.Context(), data, frame)
			if err == nil && (c.w != size.X || c.h != size.Y || len(c.rgb) != 3*c.w*c.h || c.alpha != nil && len(c.alpha) != c.w*c.h) {
				t.Errorf("%d×%d of %v, %d and %d bytes", c.w, c.h, size, len(c.rgb), len(c.alpha))
			}
		}
	})
}
