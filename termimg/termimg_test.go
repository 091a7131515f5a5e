package termimg

import (
	"flag"
	"image/color"
	"os"
	"path/filepath"
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

func TestGolden(t *testing.T) {
	t.Parallel()
	looks := map[string]Look{
		"truecolor":   {Profile: colorprofile.TrueColor},
		"256":         {Profile: colorprofile.ANSI256},
		"16":          {Profile: colorprofile.ANSI},
		"ascii":       {Profile: colorprofile.ASCII},
		"ascii-light": {Profile: colorprofile.ASCII, Light: true},
	}
	m := New(scene(96, 64), 96, 64)
	for name, look := range looks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(m.Lines(24, 10, look), "\n") + "\n"
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
			c, r := m.Size(test.cols, test.rows)
			if c != test.wantCols || r != test.wantLines {
				t.Errorf("Size = %d, %d, want %d, %d", c, r, test.wantCols, test.wantLines)
			}
			lines := m.Lines(test.cols, test.rows, Look{Profile: colorprofile.TrueColor})
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
		if lines := m.Lines(10, 10, Look{}); lines != nil {
			t.Errorf("drew %q", lines)
		}
	}
}

// A light disc must be ink on a dark terminal and paper on a light one.
func TestRampFollowsTheBackground(t *testing.T) {
	t.Parallel()
	white := New([]byte{255, 255, 255}, 1, 1)
	if got := white.Lines(1, 1, Look{Profile: colorprofile.ASCII})[0]; got != "@" {
		t.Errorf("white on dark is %q", got)
	}
	if got := white.Lines(1, 1, Look{Profile: colorprofile.ASCII, Light: true})[0]; got != " " {
		t.Errorf("white on light is %q", got)
	}
}

func BenchmarkNew12Megapixels(b *testing.B) {
	rgb := make([]byte, 3*4000*3000)
	for b.Loop() {
		New(rgb, 4000, 3000)
	}
}

// What Method names is what Lines draws.
func TestMethod(t *testing.T) {
	t.Parallel()
	m := New([]byte{200, 200, 200}, 1, 1)
	for profile, want := range map[colorprofile.Profile]string{
		colorprofile.NoTTY: "a ramp of characters", colorprofile.ASCII: "a ramp of characters",
		colorprofile.ANSI: "half blocks", colorprofile.ANSI256: "half blocks", colorprofile.TrueColor: "half blocks",
	} {
		look := Look{Profile: profile}
		drawn := strings.Contains(strings.Join(m.Lines(4, 4, look), ""), upperHalf)
		if got := look.Method(); got != want || drawn != (want == "half blocks") {
			t.Errorf("%v: %q, half blocks: %v", profile, got, drawn)
		}
	}
}
