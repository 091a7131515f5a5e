package termimg

import (
	"flag"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// scene is a red disc on a sky that darkens downwards, with a thin white line.
func scene(width, height int) []byte {
	var rgb []byte
	for y := range height {
		for x := range width {
			dx, dy := float64(x)/float64(width)-0.5, float64(y)/float64(height)-0.5
			c := color.RGBA{R: 20, G: 60, B: byte(255 - 200*y/height)}
			switch {
			case dx*dx+dy*dy < 0.1:
				c = color.RGBA{R: 220, G: 30, B: 30}
			case x == y*width/height:
				c = color.RGBA{R: 255, G: 255, B: 255}
			}
			rgb = append(rgb, c.R, c.G, c.B)
		}
	}
	return rgb
}

// payload is what compressors may write otherwise one day; roundtrip_test.go reads
// it.
var payload = regexp.MustCompile(`[A-Za-z0-9+/]{100,}=*`)

func TestGolden(t *testing.T) {
	t.Parallel()
	terminals := map[string]Terminal{
		"truecolor":    {Method: Blocks, Profile: colorprofile.TrueColor},
		"256":          {Method: Blocks, Profile: colorprofile.ANSI256},
		"16":           {Method: Blocks, Profile: colorprofile.ANSI},
		"ascii":        {Method: ASCII},
		"ascii-light":  {Method: ASCII, Light: true},
		"placeholders": {Method: Placeholders},
		"kitty":        {Method: Kitty, Cell: image.Pt(4, 8)},
		"iterm2":       {Method: ITerm2, Cell: image.Pt(4, 8)},
		"sixel":        {Method: Sixel, Cell: image.Pt(4, 8), Registers: 16},
	}
	m := New(scene(96, 64), 96, 64)
	for name, terminal := range terminals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, r := m.Size(24, 10, terminal)
			got := m.Transmit(c, r, terminal, 0x07000009) + strings.Join(m.Lines(c, r, terminal, 0x07000009), "\n") + "\n" +
				m.Draw(c, r, Rows{0, r}, terminal, 0x07000009)
			got = payload.ReplaceAllString(got, "(payload)")
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                string
		width, height       int
		cols, rows          int
		wantCols, wantLines int
	}{
		{"a square is twice as many columns as rows", 100, 100, 80, 10, 20, 10},
		{"wide, bounded by its columns", 400, 100, 40, 30, 40, 5},
		{"tall, bounded by its rows", 100, 400, 40, 10, 5, 10},
		{"never larger than its pixels", 8, 8, 80, 24, 8, 4},
		{"one pixel is one cell", 1, 1, 80, 24, 1, 1},
		{"a hair's breadth still shows", 2000, 3, 40, 10, 40, 1},
		{"a very tall one too", 3, 2000, 40, 10, 1, 10},
		{"larger than what is kept", 3000, 1500, 60, 40, 60, 15},
		{"no room", 100, 100, 0, 10, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := New(make([]byte, 3*test.width*test.height), test.width, test.height)
			terminal := Terminal{Method: Blocks, Profile: colorprofile.TrueColor}
			c, r := m.Size(test.cols, test.rows, terminal)
			if c != test.wantCols || r != test.wantLines {
				t.Errorf("Size = %d, %d, want %d, %d", c, r, test.wantCols, test.wantLines)
			}
			lines := m.Lines(c, r, terminal, 1)
			if len(lines) != r {
				t.Errorf("%d lines, want %d", len(lines), r)
			}
			for _, line := range lines {
				if w := ansi.StringWidth(line); w != c {
					t.Errorf("a line is %d cells wide, want %d", w, c)
				}
			}
		})
	}
}

func TestResizeAverages(t *testing.T) {
	t.Parallel()
	checks := pixels{2, 2, []byte{0, 0, 0, 200, 100, 50, 200, 100, 50, 0, 0, 0}}
	if got := checks.resize(1, 1).rgb; got[0] != 100 || got[1] != 50 || got[2] != 25 {
		t.Errorf("the mean is %v", got)
	}
	// Three pixels into two: the middle one counts half for each.
	row := pixels{3, 1, []byte{0, 0, 0, 90, 90, 90, 0, 0, 0}}
	if got := row.resize(2, 1).rgb; got[0] != 30 || got[3] != 30 {
		t.Errorf("shares are %v", got)
	}
	// A flat picture stays exactly as it is at any size.
	flat := pixels{7, 5, []byte(strings.Repeat("\xfe", 105))}
	for _, b := range flat.resize(3, 11).rgb {
		if b != 0xfe {
			t.Fatalf("a flat picture became %v", b)
		}
	}
}

// The mean of an area is what arithmetic says, to two levels: whatever the sizes are
// multiples of.
func TestResizeIsExact(t *testing.T) {
	t.Parallel()
	p := pixels{331, 257, photo(331, 257)}
	for _, size := range []image.Point{{330, 256}, {120, 100}, {50, 64}, {300, 60}, {400, 300}} {
		got := p.resize(size.X, size.Y)
		for y := range size.Y {
			for x := range size.X {
				want := meanOf(p, x, y, size)
				r, g, b := got.at(x, y)
				for i, level := range []byte{r, g, b} {
					if abs(want[i]-float64(level)) > 2 {
						t.Fatalf("pixel %d, %d of %v is %d, %d, %d, want %.1f", x, y, size, r, g, b, want)
					}
				}
			}
		}
	}
}

// meanOf is the mean of what a pixel of a size covers.
func meanOf(p pixels, x, y int, size image.Point) (mean [3]float64) {
	covered := func(i, n, m, j int) float64 {
		from, to := float64(i*n)/float64(m), float64((i+1)*n)/float64(m)
		return max(0, min(to, float64(j+1))-max(from, float64(j))) / (to - from)
	}
	for j := y * p.height / size.Y; j < p.height && j*size.Y < (y+1)*p.height; j++ {
		for i := x * p.width / size.X; i < p.width && i*size.X < (x+1)*p.width; i++ {
			share := covered(x, p.width, size.X, i) * covered(y, p.height, size.Y, j)
			r, g, b := p.at(i, j)
			mean[0] += share * float64(r)
			mean[1] += share * float64(g)
			mean[2] += share * float64(b)
		}
	}
	return mean
}

// Of more than enough pixels some stand for all, and are as good for a photo.
func TestResizeOfMany(t *testing.T) {
	t.Parallel()
	p := pixels{2 * enough, 90, photo(2*enough, 90)}
	size := image.Pt(300, 9)
	got := p.resize(size.X, size.Y)
	var sum float64
	for y := range size.Y {
		for x := range size.X {
			want := meanOf(p, x, y, size)
			r, g, b := got.at(x, y)
			sum += abs(want[0]-float64(r)) + abs(want[1]-float64(g)) + abs(want[2]-float64(b))
		}
	}
	if off := sum / float64(len(got.rgb)); off > 1 {
		t.Errorf("off by %.2f levels in the mean", off)
	}
}

// They are from everywhere.
func TestResizeByMuch(t *testing.T) {
	t.Parallel()
	for _, size := range []image.Point{{3, 30000}, {30000, 3}} {
		p := pixels{size.X, size.Y, make([]byte, 3*size.X*size.Y)}
		for i := range p.rgb {
			p.rgb[i] = byte(256 * i / len(p.rgb))
			if size.Y == 3 {
				p.rgb[i] = byte(256 * (i / 3 % size.X) / size.X)
			}
		}
		if got := p.resize(1, 1).rgb[0]; got < 126 || got > 129 {
			t.Errorf("the mean of all levels is %d", got)
		}
	}
}

// Pale colours are not greys: a model says that a background is pink, and that
// is what the person must see.
func TestFewColoursKeepTheHue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		r, g, b byte
		want    int
	}{
		{245, 190, 194, 217}, // pink
		{255, 255, 0, 226},
		{0, 0, 0, 16},
		{35, 20, 30, 234},
		{128, 128, 128, 244},
	}
	for _, test := range tests {
		got := colours(colorprofile.ANSI256)(test.r, test.g, test.b)
		if got != ansi.IndexedColor(test.want) {
			t.Errorf("%d, %d, %d is colour %v, want %d", test.r, test.g, test.b, got, test.want)
		}
	}
	if got := colours(colorprofile.ANSI)(128, 96, 101); got != ansi.BrightBlack {
		t.Errorf("a dark grey is %v", got)
	}
}

func TestNoPicture(t *testing.T) {
	t.Parallel()
	for _, m := range []*Image{New(nil, 0, 0), New([]byte{1, 2}, 4, 4)} {
		if lines := m.Lines(10, 10, Terminal{Method: Blocks}, 1); lines != nil {
			t.Errorf("drew %q", lines)
		}
	}
}

// A light disc must be ink on a dark terminal and paper on a light one.
func TestRampFollowsTheBackground(t *testing.T) {
	t.Parallel()
	white := New([]byte{255, 255, 255}, 1, 1)
	if got := white.Lines(1, 1, Terminal{Method: ASCII}, 1)[0]; got != "@" {
		t.Errorf("white on dark is %q", got)
	}
	if got := white.Lines(1, 1, Terminal{Method: ASCII, Light: true}, 1)[0]; got != " " {
		t.Errorf("white on light is %q", got)
	}
}
