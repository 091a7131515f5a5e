package images

import (
	"bytes"
	"encoding/binary"
	"image"
	"os"
	"path/filepath"
	"testing"
)

// seeds gives a fuzz target files of every kind.
func seeds(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.*p*g")
	webps, _ := filepath.Glob("testdata/*.webp")
	for _, name := range append(names, webps...) {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(privateJPEG(f))
	f.Add(withPNGChunk(pngOf(f, image.NewGray(image.Rect(0, 0, 3, 2))), "eXIf", exifTIFF(binary.BigEndian, 8)))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Add([]byte("some text"))
}

// Whatever comes in, Decode neither panics nor returns half a picture.
func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode("fuzz", data, Limits{Pixels: 1 << 16})
		if err != nil {
			if p != nil || err.Error() == "" {
				t.Error(p, err)
			}
			return
		}
		if p.Width < 1 || p.Height < 1 || len(p.RGB()) != 3*p.Width*p.Height {
			t.Errorf("%dx%d in %d bytes", p.Width, p.Height, len(p.RGB()))
		}
	})
}

// What is stripped shows the same pixels and has nothing left to strip.
func FuzzStrip(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		lim := Limits{Pixels: 1 << 16}
		p, err := Decode("fuzz", data, lim)
		for _, format := range []string{"jpeg", "png", "webp"} {
			out, ok := stripped(format, data)
			if !ok || err != nil || p.Format != format {
				continue
			}
			if again, ok := stripped(format, out); !ok || !bytes.Equal(again, out) {
				t.Error("something was left")
			}
			q, err := Decode("stripped", out, lim)
			if err != nil {
				t.Fatal(err)
			}
			unturned, w, h := upright(q.rgb, q.Width, q.Height, p.oriented)
			if w != p.Width || h != p.Height || !bytes.Equal(unturned, p.rgb) {
				t.Error("the pixels changed")
			}
		}
	})
}

// An orientation is always one of the eight.
func FuzzOrientation(f *testing.F) {
	seeds(f)
	f.Add(exifTIFF(binary.LittleEndian, 5))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, read := range []func([]byte) int{tiffOrientation, exifOrientation("jpeg"), exifOrientation("png"), exifOrientation("webp")} {
			if o := read(data); o < 1 || o > 8 {
				t.Error(o)
			}
		}
	})
}
