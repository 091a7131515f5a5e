package jpeg

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// refused is what Go's decoder does not refuse. The first two libjpeg refuses as well.
// The others come of runs of zeros beyond a block's end: libjpeg and we take the bits
// of the value that follows, Go's decoder leaves them, and goes on elsewhere.
var refused = map[error]bool{errCodes: true, errNoQuant: true, errEnd: true, errCode: true}

// Whatever comes in, Decode neither panics nor returns half a picture, and where
// Go's decoder sees a picture there is one.
func FuzzDecode(f *testing.F) {
	names, err := filepath.Glob("testdata/*.jpg")
	if err != nil {
		f.Fatal(err)
	}
	for i, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 4000 {
			f.Add(data, i)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, orientation int) {
		head, err := ReadHeader(data)
		if head.Width*head.Height > 1<<16 {
			return
		}
		rgb, w, h, decodeErr := Decode(t.Context(), data, orientation)
		for _, err := range []error{err, decodeErr} {
			var format FormatError
			var unsupported UnsupportedError
			if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.As(err, &format) && !errors.As(err, &unsupported) {
				t.Fatalf("%T: %v", err, err)
			}
		}
		if err != nil && decodeErr == nil {
			t.Fatal("no header:", err)
		}
		if decodeErr != nil {
			if rgb != nil {
				t.Error("pixels with an error")
			}
		} else if len(rgb) != 3*w*h || w*h != head.Width*head.Height {
			t.Fatalf("%d×%d in %d bytes, and %d×%d in the header", w, h, len(rgb), head.Width, head.Height)
		}
		if _, err := jpeg.Decode(bytes.NewReader(data)); err == nil && decodeErr != nil && !refused[decodeErr] {
			t.Fatal("Go's decoder reads it:", decodeErr)
		}
	})
}

// Grey pictures are those of Go's decoder but for the rounding of the inverse DCT.
func FuzzGrey(f *testing.F) {
	f.Add([]byte("some pixels"), 4, 75)
	f.Add(bytes.Repeat([]byte{0, 255}, 64), 11, 100)
	f.Fuzz(func(t *testing.T, pixels []byte, w, quality int) {
		if w < 1 || w > len(pixels) || len(pixels) > 1<<12 {
			return
		}
		m := &image.Gray{Pix: pixels, Stride: w, Rect: image.Rect(0, 0, w, len(pixels)/w)}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
			t.Fatal(err)
		}
		got, gw, gh, err := Decode(t.Context(), b.Bytes(), 1)
		if err != nil || gw != w || gh != m.Rect.Dy() {
			t.Fatal(gw, gh, err)
		}
		decoded, err := jpeg.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		want := decoded.(*image.Gray)
		for y := range gh {
			for x := range w {
				a, b := int(got[3*(y*w+x)]), int(want.GrayAt(x, y).Y)
				if a-b > 1 || b-a > 1 {
					t.Fatalf("%d at %d,%d, and Go's decoder has %d", a, x, y, b)
				}
			}
		}
	})
}
