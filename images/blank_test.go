package images

import (
	"bytes"
	"image"
	"testing"
)

// A blank picture takes the place of another: its size, what a model is told of it,
// and nothing of what is on it.
func TestBlank(t *testing.T) {
	t.Parallel()
	whole := ofPixels("a.png", canvas{w: 20, h: 10, rgb: bytes.Repeat([]byte{1, 2, 3}, 200)})
	part, err := whole.Crop(image.Rect(5, 5, 15, 10))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Picture{whole, part} {
		b := p.Blank()
		if b.Width != p.Width || b.Height != p.Height || b.Place != p.Place || b.SHA256 == p.SHA256 {
			t.Errorf("%+v is the blank of %+v", b, p)
		}
		if want := bytes.Repeat([]byte{blankGrey}, len(p.RGB())); !bytes.Equal(b.RGB(), want) {
			t.Errorf("something is on the blank of %s", p.Source)
		}
	}
	if of, where := part.Blank().Part(); of != "a.png" || where == "" {
		t.Errorf("the blank of a part is a part of %q, %q", of, where)
	}
}
