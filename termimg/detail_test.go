package termimg

import (
	"image"
	"math/rand/v2"
	"testing"
)

// A part is, whatever its size, what the same part cut out and resized would be; from
// far away that is told from a smaller copy, which is off by little.
func TestDetail(t *testing.T) {
	t.Parallel()
	const width, height = 1201, 903
	rgb := photo(width, height)
	d := NewDetail(rgb, width, height)
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		r := image.Rect(random.IntN(width), random.IntN(height), random.IntN(width+1), random.IntN(height+1))
		if r.Empty() {
			continue
		}
		cut := pixels{r.Dx(), r.Dy(), nil}
		for y := r.Min.Y; y < r.Max.Y; y++ {
			cut.rgb = append(cut.rgb, rgb[3*(y*width+r.Min.X):3*(y*width+r.Max.X)]...)
		}
		w, h := 1+random.IntN(200), 1+random.IntN(200)
		got := d.Part(Area{float64(r.Min.X), float64(r.Min.Y), float64(r.Dx()), float64(r.Dy())}, w, h)
		want := cut.resize(w, h).rgb
		if len(got) != len(want) {
			t.Fatalf("%v in %d×%d has %d bytes", r, w, h, len(got))
		}
		most, sum := 0, 0
		for i := range got {
			off := max(int(got[i])-int(want[i]), int(want[i])-int(got[i]))
			most, sum = max(most, off), sum+off
		}
		near := r.Dx() < 2*w || r.Dy() < 2*h
		if mean := float64(sum) / float64(len(got)); near && mean > 1.5 || mean > 8 { // means of some of the pixels differ by which
			t.Errorf("%v in %d×%d is off by %.1f levels, at most %d", r, w, h, mean, most)
		}
	}
}

// Small, long and thin pictures, and areas at their ends.
func TestDetailOfOddSizes(t *testing.T) {
	t.Parallel()
	for _, size := range oddSizes {
		d := NewDetail(photo(size.X, size.Y), size.X, size.Y)
		for _, a := range []Area{
			{0, 0, float64(size.X), float64(size.Y)},
			{float64(size.X) - 0.25, float64(size.Y) - 0.25, 0.25, 0.25},
			{0.1, 0.1, float64(size.X) - 0.1, float64(size.Y) - 0.1},
		} {
			for _, to := range oddSizes[:7] {
				if got := d.Part(a, to.X, to.Y); len(got) != 3*to.X*to.Y {
					t.Errorf("%v of %v: %d bytes", a, size, len(got))
				}
			}
		}
	}
}

// What is drawn later is drawn once, and when it is needed.
func TestLater(t *testing.T) {
	t.Parallel()
	times := 0
	m := Later(30, 40, func() []byte { times++; return photo(30, 40) })
	terminal := Terminal{Method: Sixel, Cell: image.Pt(10, 20)}
	if m.Lines(3, 2, terminal, 0); times != 0 {
		t.Error("pixels were made for blanks")
	}
	got := m.Draw(3, 2, Rows{0, 2}, terminal, 0) + m.Draw(3, 2, Rows{1, 2}, terminal, 0)
	same := New(photo(30, 40), 30, 40)
	if want := same.Draw(3, 2, Rows{0, 2}, terminal, 0) + same.Draw(3, 2, Rows{1, 2}, terminal, 0); got != want || times != 1 {
		t.Errorf("made %d times", times)
	}
}

func TestCanvas(t *testing.T) {
	t.Parallel()
	cell := image.Pt(8, 20)
	for method, want := range map[Method]image.Point{
		ASCII: {300, 100}, Blocks: {300, 200}, Sixel: {1000, 1000}, Kitty: {2000, 2000}, ITerm2: {2000, 2000}, Placeholders: {2000, 2000},
	} {
		terminal := Terminal{Method: method, Cell: cell}
		c, r, size, tall := terminal.Canvas(300, 100)
		if size != want || !terminal.pixels() && (c != 300 || r != 100) || terminal.pixels() && (image.Pt(c*8, r*20) != size || tall != 1) {
			t.Errorf("%s: %d by %d cells, %v, %v", method, c, r, size, tall)
		}
	}
	if _, _, _, tall := (Terminal{Method: Blocks, Cell: cell}).Canvas(1, 1); tall != 1.25 {
		t.Errorf("half blocks are %v as high as wide", tall)
	}
}
