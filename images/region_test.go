package images

import (
	"bytes"
	"image"
	"image/color"
	"strings"
	"testing"
)

func TestParseRegion(t *testing.T) {
	t.Parallel()
	p := &Picture{Source: "p.png", Width: 200, Height: 100}
	for _, c := range []struct {
		written string
		want    image.Rectangle
		refused string
	}{
		{"10,20,30,40", image.Rect(10, 20, 40, 60), ""},
		{"25%,25%,50%,50%", image.Rect(50, 25, 150, 75), ""},
		{" 0 , 0 , 100 % , 10 ", image.Rect(0, 0, 200, 10), ""},
		{"50%,0,100%,100%", image.Rect(100, 0, 200, 100), ""}, // beyond the edge
		{"0.4,0.6,9.2,10", image.Rect(0, 1, 10, 11), ""},
		{"1e308,0,1e308,1", image.Rectangle{}, "leaves 0×0 pixels"},
		{"199,0,50,50", image.Rectangle{}, "leaves 1×50 pixels of this picture, which is 200×100"},
		{"200,0,50,50", image.Rectangle{}, "leaves 0×0 pixels"},
		{"1,2,3", image.Rectangle{}, "is no region"},
		{"1,2,3,4,5", image.Rectangle{}, "is no region"},
		{"", image.Rectangle{}, "is no region"},
		{"a,2,3,4", image.Rectangle{}, `"a" is no number`},
		{"NaN,2,3,4", image.Rectangle{}, "is no number"},
		{"Inf,2,3,4", image.Rectangle{}, "is no number"},
		{"-1,2,3,4", image.Rectangle{}, "none of the numbers is below"},
		{"1,2,0,4", image.Rectangle{}, "more than 0"},
	} {
		r, err := ParseRegion(c.written)
		var got image.Rectangle
		if err == nil {
			got, err = r.Of(p)
		}
		if (err == nil) != (c.refused == "") || err != nil && !strings.Contains(err.Error(), c.refused) || got != c.want {
			t.Errorf("%q: %v, %v", c.written, got, err)
		}
	}
}

func FuzzParseRegion(f *testing.F) {
	f.Add("25%,25%,50%,50%")
	f.Add("1e300,0x1p4,1,1%")
	p := &Picture{Source: "p.png", Width: 200, Height: 100}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRegion(s)
		if err != nil {
			return
		}
		if got, err := r.Of(p); err == nil && (!got.In(image.Rect(0, 0, 200, 100)) || got.Dx() < minSide || got.Dy() < minSide) {
			t.Errorf("%q is %v", s, got)
		}
	})
}

func TestParseGrid(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]Grid{"2x3": {2, 3}, " 4X1 ": {4, 1}, "2×2": {2, 2}, "64x1": {64, 1}} {
		if g, err := ParseGrid(written); g != want || err != nil {
			t.Errorf("%q: %v, %v", written, g, err)
		}
	}
	for written, refused := range map[string]string{
		"": "is no grid", "2": "is no grid", "x": "is no grid", "0x2": "is no grid", "2x-2": "is no grid", "2x2x2": "is no grid",
		"9x9": "too many tiles", "65x1": "too many", "4611686018427387904x4": "too many", "1x1": "the picture itself",
	} {
		if g, err := ParseGrid(written); err == nil || !strings.Contains(err.Error(), refused) {
			t.Errorf("%q: %v, %v", written, g, err)
		}
	}
}

// numbered is a picture each pixel of which tells where it is.
func numbered(t *testing.T, source string, w, h int) *Picture {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y), 7, 255})
		}
	}
	p, err := Decode(source, pngOf(t, m), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCrop(t *testing.T) {
	t.Parallel()
	p := numbered(t, "/home/x/photo one.png", 100, 50)
	q, err := p.Crop(image.Rect(20, 10, 60, 40))
	if err != nil {
		t.Fatal(err)
	}
	if q.Width != 40 || q.Height != 30 || q.Data != nil || q.Format != "" || q.Source != "/home/x/photo one.png [20,10 40×30]" {
		t.Errorf("%q %dx%d", q.Source, q.Width, q.Height)
	}
	if want := "photo one.png, the part from 20% to 60% of its width and from 20% to 80% of its height"; q.Place != want {
		t.Errorf("place %q", q.Place)
	}
	if !bytes.Equal(q.RGB()[:6], []byte{20, 10, 7, 21, 10, 7}) || !bytes.Equal(q.RGB()[len(q.RGB())-3:], []byte{59, 39, 7}) {
		t.Errorf("pixels %v", q.RGB()[:6])
	}
	// A region of a region is a region of the whole.
	r, err := q.Crop(image.Rect(10, 0, 20, 10))
	if err != nil || r.Source != "/home/x/photo one.png [30,10 10×10]" || !strings.Contains(r.Place, "photo one.png, the part from 30% to 40% of its width and from 20% to 40%") {
		t.Errorf("%q, %q, %v", r.Source, r.Place, err)
	}
	if of, where := r.Part(); of != "/home/x/photo one.png" || where != "at 30,10" {
		t.Errorf("cut from %q %q", of, where)
	}
	if of, where := p.Part(); of != "" || where != "" {
		t.Errorf("the whole is cut from %q %q", of, where)
	}
	if q.SHA256 == r.SHA256 || q.SHA256 == p.SHA256 {
		t.Error("two pictures have one identity")
	}
	if data, mime, err := q.Wire(WireLimits{}); err != nil || mime != "image/png" || len(data) == 0 {
		t.Errorf("as a file: %s, %v", mime, err)
	}
	for _, bad := range []image.Rectangle{image.Rect(0, 0, 101, 50), image.Rect(-1, 0, 5, 5), image.Rect(0, 0, 1, 50), {}} {
		if _, err := p.Crop(bad); err == nil {
			t.Errorf("%v was cut", bad)
		}
	}
}

// Tiles cover the picture, each pixel once.
func TestTiles(t *testing.T) {
	t.Parallel()
	p := numbered(t, `C:\x\map.png`, 101, 53)
	for _, g := range []Grid{{2, 2}, {3, 1}, {1, 5}, {7, 7}} {
		all, err := p.Tiles(g)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 1+g.Columns*g.Rows || all[0].SHA256 != p.SHA256 || all[0].Place != "map.png, the whole of it" || p.Place != "" {
			t.Errorf("%v: %d pictures, the first at %q", g, len(all), all[0].Place)
		}
		seen := map[[2]byte]int{}
		for _, tile := range all[1:] {
			for i := 0; i < len(tile.RGB()); i += 3 {
				seen[[2]byte(tile.RGB()[i:])]++
			}
		}
		if len(seen) != 101*53 {
			t.Errorf("%v: %d pixels of %d", g, len(seen), 101*53)
		}
	}
	all, _ := p.Tiles(Grid{2, 2})
	var places []string
	for _, q := range all {
		places = append(places, q.Place)
	}
	if got, want := strings.Join(places, "; "), "map.png, the whole of it; map.png, the top left part; map.png, the top right part; map.png, the bottom left part; map.png, the bottom right part"; got != want {
		t.Errorf("places: %s", got)
	}
	if got := (Grid{4, 2}).name(2, 1); got != "tile in row 2 of 2, column 3 of 4" {
		t.Error(got)
	}
	if got := (Grid{3, 1}).name(1, 0); got != "centre part" {
		t.Error(got)
	}
	// Tiles of a region say of what.
	q, _ := p.Crop(image.Rect(0, 0, 50, 50))
	all, _ = q.Tiles(Grid{2, 1})
	if got, want := all[2].Place, "map.png, the part from 0% to 50% of its width and from 0% to 94% of its height, the right part"; got != want {
		t.Errorf("place %q", got)
	}
	if of, where := all[2].Part(); of != `C:\x\map.png` || where != "at 0,0, right part" {
		t.Errorf("cut from %q %q", of, where)
	}
	// A name may have brackets of its own.
	q, _ = numbered(t, "a [1].png", 9, 9).Crop(image.Rect(0, 0, 6, 6))
	if q, err := q.Crop(image.Rect(1, 2, 4, 5)); err != nil || q.Source != "a [1].png [1,2 3×3]" {
		t.Errorf("%q, %v", q.Source, err)
	}
	if _, err := numbered(t, "small.png", 5, 5).Tiles(Grid{3, 3}); err == nil || !strings.Contains(err.Error(), "too small for 3×3 tiles") {
		t.Error(err)
	}
}

// A name that could be taken for an instruction, or for control characters, is not
// told to a model.
func TestPlaceHasAPlainName(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"a\nb.png": "the picture, ", "x/\x1b[31m.png": "the picture, ", strings.Repeat("long", 50): "the picture, ", "ok.png": "ok.png, ",
		"https://example.org/a/b.jpg": "b.jpg, ",
	} {
		p := numbered(t, "x", 10, 10)
		p.Source = source
		q, err := p.Crop(image.Rect(0, 0, 5, 5))
		if err != nil || !strings.HasPrefix(q.Place, want) {
			t.Errorf("%q: %q, %v", source, q.Place, err)
		}
	}
}
