package llamacpp

import (
	"bytes"
	"testing"
)

func TestEnlarged(t *testing.T) {
	t.Parallel()
	b := Bitmap{ID: "a", Width: 2, Height: 30, RGB: make([]byte, 180)}
	b.RGB[(7*2+1)*3] = 9 // the red of the right pixel of line 7
	e := b.enlarged()
	if e.ID != "a" || e.Width != 64 || e.Height != 960 || len(e.RGB) != 64*960*3 {
		t.Fatalf("2x30 is enlarged to %dx%d, %d bytes", e.Width, e.Height, len(e.RGB))
	}
	for _, at := range [][2]int{{32, 224}, {63, 255}} {
		if e.RGB[(at[1]*64+at[0])*3] != 9 {
			t.Errorf("the pixel at %v is another", at)
		}
	}
	if n := bytes.Count(e.RGB, []byte{9}); n != 32*32 {
		t.Errorf("a pixel has become %d", n)
	}
	if e := (Bitmap{Width: 64, Height: 100}).enlarged(); e.Width != 64 || e.Height != 100 {
		t.Errorf("64x100 is enlarged to %dx%d", e.Width, e.Height)
	}
}

func TestPadded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ width, height, wantWidth, wantHeight int }{
		{1, 1, 1, 1}, {64, 1, 64, 1}, {1, 64, 1, 64}, {65, 1, 65, 2}, {4000, 8, 4000, 63}, {3, 60000, 938, 60000},
	} {
		b := Bitmap{ID: "a", Width: c.width, Height: c.height, RGB: bytes.Repeat([]byte{1, 2, 3}, c.width*c.height)}
		p := b.padded()
		if p.Width != c.wantWidth || p.Height != c.wantHeight || p.ID != "a" || len(p.RGB) != 3*p.Width*p.Height {
			t.Errorf("%dx%d is padded to %dx%d, %d bytes", c.width, c.height, p.Width, p.Height, len(p.RGB))
			continue
		}
		if n := bytes.Count(p.RGB, []byte{1, 2, 3}); n != c.width*c.height {
			t.Errorf("%dx%d: %d pixels are left of %d", c.width, c.height, n, c.width*c.height)
		}
		middle := ((p.Height-1)/2*p.Width + (p.Width-1)/2) * 3
		if !bytes.Equal(p.RGB[middle:middle+3], []byte{1, 2, 3}) {
			t.Errorf("%dx%d is not in the middle of what it is padded to", c.width, c.height)
		}
	}
	if p := (Bitmap{Width: 650, Height: 1}).padded(); p.Height != 11 || p.RGB != nil {
		t.Errorf("650x1 without pixels is padded to %dx%d with %d bytes", p.Width, p.Height, len(p.RGB))
	}
}
