package images

import (
	"bytes"
	"image/jpeg"
	"testing"
)

func TestThumbnail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ w, h, tw, th int }{{1024, 512, 256, 128}, {300, 3000, 25, 256}, {20, 10, 20, 10}, {2000, 4, 256, 2}} {
		p := ofPixels("a.png", canvas{rgb: make([]byte, 3*c.w*c.h), w: c.w, h: c.h})
		data, err := p.Thumbnail()
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.DecodeConfig(bytes.NewReader(data))
		if err != nil || m.Width != c.tw || m.Height != c.th {
			t.Errorf("%d×%d becomes %d×%d, %v", c.w, c.h, m.Width, m.Height, err)
		}
	}
}
