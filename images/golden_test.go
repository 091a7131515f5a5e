package images

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// A decode may differ from libjpeg-turbo's or libwebp's by this many levels on
// average and at most. libjpeg's other rounding of chroma and of the inverse
// DCT are what is left; WebP and lossless formats are exact.
var tolerances = map[string]struct{ mean, most float64 }{
	".jpg":  {0.4, 4},
	".webp": {0, 0},
}

func TestDecodeIsCloseToTheReferenceDecoders(t *testing.T) {
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
			var sum, most float64
			for i, v := range want.RGB() {
				d := float64(max(v, p.RGB()[i]) - min(v, p.RGB()[i]))
				sum, most = sum+d, max(most, d)
			}
			limit := tolerances[filepath.Ext(name)]
			if mean := sum / float64(len(want.RGB())); mean > limit.mean || most > limit.most {
				t.Errorf("mean difference %.3f, at most %.0f levels", mean, most)
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
