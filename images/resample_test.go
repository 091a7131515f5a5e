package images

import (
	"fmt"
	"image"
	"math/rand/v2"
	"runtime"
	"testing"

	"golang.org/x/image/draw"
)

// A picture is made smaller as x/image does it, but for how the last bit is rounded.
func TestResampleAsXImage(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ w, h, to, high int }{
		{64, 48, 63, 47}, {64, 48, 32, 24}, {97, 31, 13, 5}, {200, 3, 2, 2}, {2, 300, 2, 7}, {640, 480, 3, 2}, {50, 50, 50, 20}, {50, 50, 20, 50}, {5, 4, 2, 2},
	} {
		data := pngOf(t, noisy(r, c.w, c.h))
		t.Run(fmt.Sprintf("%dx%d to %dx%d", c.w, c.h, c.to, c.high), func(t *testing.T) {
			t.Parallel()
			p, err := Decode("x", data, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got, want := p.scaled(c.to, c.high), image.NewRGBA(image.Rect(0, 0, c.to, c.high))
			draw.CatmullRom.Scale(want, want.Rect, p.Image(), p.Image().Bounds(), draw.Src, nil)
			for i, v := range want.Pix {
				if d := int(got.Pix[i]) - int(v); d < -1 || d > 1 {
					t.Fatalf("the value %d is %d, and x/image's %d", i, got.Pix[i], v)
				}
			}
		})
	}
}

// What is needed beside the result is a small part of the picture. All of the
// process's memory counts, so no other test runs at the time.
func TestResampleTakesLittleMemory(t *testing.T) {
	p := &Picture{Width: 4000, Height: 3000, rgb: make([]byte, 3*4000*3000)}
	out := image.NewRGBA(image.Rect(0, 0, 3900, 2925))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p.resample(out)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > uint64(len(p.rgb))/8 {
		t.Errorf("%d bytes were allocated for a picture of %d", took, len(p.rgb))
	}
}
