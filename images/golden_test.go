package images

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// The pixels are those of libjpeg-turbo and libwebp.
func TestDecodeIsThatOfTheReferenceDecoders(t *testing.T) {
	t.Parallel()
	goldens, err := filepath.Glob("testdata/*.golden.png")
	if err != nil || len(goldens) < 12 {
		t.Fatalf("%d fixtures, %v", len(goldens), err)
	}
	for _, golden := range goldens {
		name := golden[:len(golden)-len(".golden.png")]
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			p := mustLoad(t, name)
			want := mustLoad(t, golden)
			if p.Width != want.Width || p.Height != want.Height {
				t.Fatalf("%dx%d, want %dx%d", p.Width, p.Height, want.Width, want.Height)
			}
			if !bytes.Equal(p.RGB(), want.RGB()) {
				t.Error("the pixels differ")
			}
		})
	}
}

func mustLoad(t testing.TB, path string) *Picture {
	t.Helper()
	p, err := Load(t.Context(), path, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pngOf encodes a picture of the kinds that Go's decoders return.
func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
