package images

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// What testdata/make_formats.py makes of every kind looks as Pillow shows it. A '#'
// in a reference's name leads to a frame, counted from 0.
func TestFormats(t *testing.T) {
	t.Parallel()
	goldens, err := filepath.Glob("testdata/formats/*.golden.png")
	if err != nil || len(goldens) < 30 {
		t.Fatalf("%d fixtures, %v", len(goldens), err)
	}
	for _, golden := range goldens {
		t.Run(strings.TrimSuffix(filepath.Base(golden), ".golden.png"), func(t *testing.T) {
			t.Parallel()
			name, frame, _ := strings.Cut(strings.TrimSuffix(golden, ".golden.png"), "#")
			n, _ := strconv.Atoi(frame)
			data := mustRead(t, name)
			f := recognise(data)
			if f == nil {
				t.Fatal("not recognised")
			}
			size, err := sizeOf(f, data, n)
			if err != nil {
				t.Fatal(err)
			}
			c, err := pixelsOf(t.Context(), f, data, n)
			if err != nil {
				t.Fatal(err)
			}
			if size.X != c.w || size.Y != c.h {
				t.Errorf("%v, and then %d×%d", size, c.w, c.h)
			}
			mean, most := differences(t, ofPixels(name, c), mustLoad(t, golden))
			limit := 1
			if c.photo {
				limit = 4
			}
			if mean > 0.4 || most > limit {
				t.Errorf("mean difference %.3f, at most %d levels", mean, most)
			}
		})
	}
}
