package termimg

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/kitty"
)

// Sizes that are not what anything is a multiple of.
var oddSizes = []image.Point{{1, 1}, {1, 50}, {50, 1}, {5, 6}, {7, 13}, {97, 31}, {200, 201}, {640, 480}, {3201, 17}, {3300, 220}}

// eachOddSize draws pictures of odd sizes in odd places by a method.
func eachOddSize(t *testing.T, method Method, check func(t *testing.T, m *Image, c, r int, terminal Terminal)) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range oddSizes {
		m := New(photo(size.X, size.Y), size.X, size.Y)
		for range 2 {
			terminal := Terminal{Method: method, Profile: colorprofile.TrueColor, Tmux: random.IntN(2) == 0}
			if random.IntN(4) > 0 {
				terminal.Cell = image.Pt(3+random.IntN(12), 5+random.IntN(20))
			}
			cols, rows := 1+random.IntN(60), 1+random.IntN(30)
			t.Run(fmt.Sprintf("%v in %dx%d of %v", size, cols, rows, terminal.Cell), func(t *testing.T) {
				c, r := m.Size(cols, rows, terminal)
				if c < 1 || r < 1 || c > cols || r > rows {
					t.Fatalf("%d×%d cells", c, r)
				}
				lines := m.Lines(c, r, terminal, 0x01020304)
				if len(lines) != r {
					t.Fatalf("%d lines, want %d", len(lines), r)
				}
				for _, line := range lines {
					for _, w := range []int{ansi.StringWidth(line), ansi.StringWidthWc(line)} {
						if w != c {
							t.Fatalf("a line is %d cells wide, want %d", w, c)
						}
					}
				}
				check(t, m, c, r, terminal)
			})
		}
	}
}

// proportions fails if pixels are not in the picture's proportions to a pixel, or
// could be larger.
func proportions(t *testing.T, m *Image, got image.Point, c, r int, cell image.Point) {
	t.Helper()
	if min(got.X, got.Y) == 1 {
		return // there is no less
	}
	wide := float64(got.Y) * float64(m.pix.width) / float64(m.pix.height)
	tall := float64(got.X) * float64(m.pix.height) / float64(m.pix.width)
	if abs(wide-float64(got.X)) > 0.51*max(1, float64(m.pix.width)/float64(m.pix.height)) && abs(tall-float64(got.Y)) > 0.51*max(1, float64(m.pix.height)/float64(m.pix.width)) {
		t.Errorf("%v of a picture of %d×%d", got, m.pix.width, m.pix.height)
	}
	if got.X > c*cell.X || got.Y > r*cell.Y || (c-1)*cell.X >= got.X || (r-1)*cell.Y >= got.Y {
		t.Errorf("%v in %d×%d cells of %v", got, c, r, cell)
	}
}

func abs(x float64) float64 { return max(x, -x) }

// unpass takes tmux's wrapping off.
func unpass(t *testing.T, text string, terminal Terminal) string {
	t.Helper()
	if !terminal.Tmux {
		return text
	}
	var out strings.Builder
	for text != "" {
		inner, found := strings.CutPrefix(text, "\x1bPtmux;")
		if !found {
			t.Fatalf("not passed through: %.40q", text)
		}
		for !strings.HasPrefix(inner, "\x1b\\") {
			inner = strings.TrimPrefix(inner, "\x1b") // each is doubled
			out.WriteByte(inner[0])
			inner = inner[1:]
		}
		text = inner[2:]
	}
	return out.String()
}

var kittyCommand = regexp.MustCompile(`\x1b_G([^;\x1b]*);?([A-Za-z0-9+/=]*)\x1b\\`)

// kittyPixels reads what was transmitted, as a terminal does.
func kittyPixels(t *testing.T, text string) (options map[string]string, p pixels) {
	t.Helper()
	var data string
	commands := kittyCommand.FindAllStringSubmatch(text, -1)
	if strings.Join(kittyCommand.Split(text, -1), "") != "" {
		t.Fatalf("something else is between the commands of %.80q", text)
	}
	for i, command := range commands {
		got := map[string]string{}
		for option := range strings.SplitSeq(command[1], ",") {
			key, value, _ := strings.Cut(option, "=")
			got[key] = value
		}
		if i == 0 {
			options = got
		}
		if last := i == len(commands)-1; (got["m"] == "0") != last || got["q"] != "2" || len(command[2]) > kitty.MaxChunkSize || !last && len(command[2])%4 != 0 {
			t.Fatalf("chunk %d of %d is %.80q", i, len(commands), command[0])
		}
		data += command[2]
	}
	compressed, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zlib.NewReader(bytes.NewReader(compressed))
	if err != nil {
		t.Fatal(err)
	}
	if p.rgb, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	p.width, _ = strconv.Atoi(options["s"])
	p.height, _ = strconv.Atoi(options["v"])
	return options, p
}

func TestKittyRoundTrip(t *testing.T) {
	t.Parallel()
	eachOddSize(t, Kitty, func(t *testing.T, m *Image, c, r int, terminal Terminal) {
		id := NewID(terminal)
		options, got := kittyPixels(t, unpass(t, m.Transmit(c, r, terminal, id), terminal))
		want := m.pix.resize(got.width, got.height)
		if !bytes.Equal(got.rgb, want.rgb) || options["a"] != "t" || options["f"] != "24" || options["o"] != "z" || options["i"] != fmt.Sprint(uint32(id)) {
			t.Errorf("%v, %d bytes, want %d", options, len(got.rgb), len(want.rgb))
		}
		proportions(t, m, image.Pt(got.width, got.height), c, r, terminal.cell())
		// All parts of it together are the whole.
		y := 0
		for from := 0; from < r; from += 3 {
			part := unpass(t, m.Draw(c, r, Rows{from, from + 3}, terminal, id), terminal)
			var crop, w, h int
			at := strings.Index(part, "x=0")
			if _, err := fmt.Sscanf(part[at:], "x=0,y=%d,w=%d,h=%d", &crop, &w, &h); err != nil || crop != y || w != got.width {
				t.Fatalf("%q: %v", part, err)
			}
			if y += h; terminal.Cell.Y > 0 && y != min(got.height, (from+3)*terminal.Cell.Y) {
				t.Errorf("rows to %d end at pixel %d", from+3, y)
			}
			if strings.Contains(part, ",c=") != (terminal.Cell == image.Point{}) {
				t.Errorf("a cell of %v: %q", terminal.Cell, part)
			}
		}
		if y != got.height {
			t.Errorf("%d of %d rows of pixels", y, got.height)
		}
	})
}

func TestPlaceholdersRoundTrip(t *testing.T) {
	t.Parallel()
	eachOddSize(t, Placeholders, func(t *testing.T, m *Image, c, r int, terminal Terminal) {
		options, got := kittyPixels(t, unpass(t, m.Transmit(c, r, terminal, 9), terminal))
		if options["a"] != "T" || options["U"] != "1" || options["c"] != fmt.Sprint(c) || options["r"] != fmt.Sprint(r) {
			t.Errorf("%v in %d×%d", options, c, r)
		}
		proportions(t, m, image.Pt(got.width, got.height), c, r, terminal.cell())
		if drawn := m.Draw(c, r, Rows{0, r}, terminal, 9); drawn != "" {
			t.Errorf("drew %q", drawn)
		}
	})
}

// The id comes together again from the colour and the diacritic, as a terminal reads
// them.
func TestPlaceholderCells(t *testing.T) {
	t.Parallel()
	diacritic := map[rune]int{}
	for i := range mostPlaceholders {
		diacritic[kitty.Diacritic(i)] = i
	}
	for _, terminal := range []Terminal{
		{Profile: colorprofile.TrueColor}, {Profile: colorprofile.ANSI256}, {Profile: colorprofile.TrueColor, Tmux: true},
	} {
		for range 50 {
			id := NewID(terminal)
			for y, line := range placeholders(3, mostPlaceholders, id) {
				colour, cells, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(line, "\x1b[38;"), reset), "m")
				var r, g, b, low ID
				if _, err := fmt.Sscanf(colour, "2;%d;%d;%d", &r, &g, &b); err == nil {
					low = r<<16 | g<<8 | b
				} else if _, err := fmt.Sscanf(colour, "5;%d", &low); err != nil {
					t.Fatalf("%q: %v", line, err)
				}
				if indexed := strings.HasPrefix(colour, "5;"); indexed != (terminal.Profile < colorprofile.TrueColor || terminal.Tmux) {
					t.Fatalf("%+v has %q", terminal, colour)
				}
				runes := []rune(cells)
				for x := range 3 {
					cell := runes[4*x : 4*x+4]
					if cell[0] != kitty.Placeholder || diacritic[cell[1]] != y || diacritic[cell[2]] != x || ID(diacritic[cell[3]])<<24|low != id {
						t.Fatalf("cell %d, %d of %x is %x in %s", x, y, id, cell, colour)
					}
				}
			}
		}
	}
}

func TestITerm2RoundTrip(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile(`^\x1b7\x1b\]1337;File=size=(\d+);width=(\d+);height=(\d+);inline=1;doNotMoveCursor=1:([A-Za-z0-9+/=]+)\x07\x1b8$`)
	eachOddSize(t, ITerm2, func(t *testing.T, m *Image, c, r int, terminal Terminal) {
		cell := terminal.cell()
		size := m.fit(c, r, cell)
		proportions(t, m, size, c, r, cell)
		want := m.pix.resize(size.X, size.Y)
		for from := 0; from < r; from += 2 {
			to := min(r, from+2)
			match := pattern.FindStringSubmatch(m.Draw(c, r, Rows{from, from + 2}, terminal, 0))
			if match == nil || match[2] != fmt.Sprint(c) || match[3] != fmt.Sprint(to-from) {
				t.Fatalf("%.100q", match)
			}
			data, _ := base64.StdEncoding.DecodeString(match[4])
			got, err := png.Decode(bytes.NewReader(data))
			if err != nil || match[1] != fmt.Sprint(len(data)) || got.Bounds() != image.Rect(0, 0, c*cell.X, (to-from)*cell.Y) {
				t.Fatalf("%v: %s bytes", err, match[1])
			}
			for y := range (to - from) * cell.Y {
				for x := range c * cell.X {
					r, g, b, alpha := got.At(x, y).RGBA()
					if inside := x < size.X && from*cell.Y+y < size.Y; (alpha > 0) != inside {
						t.Fatalf("pixel %d, %d has alpha %d", x, y, alpha)
					} else if !inside {
						continue
					}
					wr, wg, wb := want.at(x, from*cell.Y+y)
					if byte(r>>8) != wr || byte(g>>8) != wg || byte(b>>8) != wb {
						t.Fatalf("pixel %d, %d is %d %d %d, want %d %d %d", x, y, r>>8, g>>8, b>>8, wr, wg, wb)
					}
				}
			}
		}
	})
}

// sixelPixels reads sixel graphics, as a terminal does.
func sixelPixels(t *testing.T, text string) pixels {
	t.Helper()
	text, found := strings.CutPrefix(text, "\x1b7\x1bP0;1q\"1;1;")
	body, ended := strings.CutSuffix(text, "\x1b\\\x1b8")
	var p pixels
	if n, err := fmt.Sscanf(body, "%d;%d", &p.width, &p.height); n != 2 || !found || !ended {
		t.Fatalf("%.60q: %v", text, err)
	}
	body = body[strings.Index(body, "#"):]
	p.rgb = make([]byte, 3*p.width*p.height)
	painted := make([]bool, p.width*p.height)
	palette := map[int][3]byte{}
	number := func() int {
		n := 0
		for body != "" && body[0] >= '0' && body[0] <= '9' {
			n = 10*n + int(body[0]-'0')
			body = body[1:]
		}
		return n
	}
	x, top, colour, repeat := 0, 0, 0, 1
	for body != "" {
		c := body[0]
		body = body[1:]
		switch {
		case c == '#':
			colour = number()
			if strings.HasPrefix(body, ";2;") {
				var levels [3]byte
				body = body[2:]
				for i := range levels {
					body = body[1:]
					levels[i] = byte((number()*255 + 50) / 100)
				}
				palette[colour] = levels
			}
		case c == '!':
			repeat = number()
		case c == '$':
			x = 0
		case c == '-':
			x, top = 0, top+6
		case c >= '?' && c <= '~':
			for range repeat {
				for bit := range 6 {
					if (c-'?')>>bit&1 == 0 {
						continue
					}
					if x >= p.width || top+bit >= p.height || painted[(top+bit)*p.width+x] {
						t.Fatalf("pixel %d, %d is outside or painted twice", x, top+bit)
					}
					painted[(top+bit)*p.width+x] = true
					levels := palette[colour]
					copy(p.rgb[3*((top+bit)*p.width+x):], levels[:])
				}
				x++
			}
			repeat = 1
		default:
			t.Fatalf("%q in sixels", c)
		}
	}
	for i, done := range painted {
		if !done {
			t.Fatalf("pixel %d, %d is left out", i%p.width, i/p.width)
		}
	}
	return p
}

func TestSixelRoundTrip(t *testing.T) {
	t.Parallel()
	eachOddSize(t, Sixel, func(t *testing.T, m *Image, c, r int, terminal Terminal) {
		whole := sixelPixels(t, m.Draw(c, r, Rows{0, r}, terminal, 0))
		proportions(t, m, image.Pt(whole.width, whole.height), c, r, terminal.cell())
		want := m.pix.resize(whole.width, whole.height)
		if off := difference(whole, want); off > 3 {
			t.Errorf("colours are off by %.1f levels in the mean", off)
		}
		// Parts are cut out of the whole: nothing changes while a picture scrolls.
		from := r / 2
		part := sixelPixels(t, m.Draw(c, r, Rows{from, r}, terminal, 0))
		if top := from * terminal.cell().Y; !bytes.Equal(part.rgb, whole.rows(top, whole.height).rgb) {
			t.Errorf("rows %d to %d are not those of the whole", from, r)
		}
	})
}

// difference is the mean difference of areas of 4 by 4, as dithered colours are seen.
func difference(a, b pixels) float64 {
	w, h := max(1, a.width/4), max(1, a.height/4)
	a, b = a.resize(w, h), b.resize(w, h)
	var sum float64
	for i := range a.rgb {
		sum += abs(float64(a.rgb[i]) - float64(b.rgb[i]))
	}
	return sum / float64(len(a.rgb))
}

// Sixteen colours still look like the picture from afar.
func TestSixelFewRegisters(t *testing.T) {
	t.Parallel()
	terminal := Terminal{Method: Sixel, Cell: image.Pt(9, 18), Registers: 16}
	m := New(photo(640, 480), 640, 480)
	text := m.Draw(40, 20, Rows{0, 20}, terminal, 0)
	if n := strings.Count(text, ";2;"); n != 16 {
		t.Errorf("%d colours", n)
	}
	got := sixelPixels(t, text)
	if off := difference(got, m.pix.resize(got.width, got.height)); off > 10 {
		t.Errorf("colours are off by %.1f levels in the mean", off)
	}
}

func TestNothingToDraw(t *testing.T) {
	t.Parallel()
	m := New(photo(90, 90), 90, 90)
	for _, method := range []Method{Sixel, ITerm2, Kitty} {
		terminal := Terminal{Method: method, Cell: image.Pt(9, 18)}
		for _, rows := range []Rows{{3, 3}, {4, 2}, {9, 12}, {-3, 0}} {
			if drawn := m.Draw(10, 5, rows, terminal, 1); drawn != "" {
				t.Errorf("%s drew rows %v: %.60q", method, rows, drawn)
			}
		}
		if drawn := New(nil, 0, 0).Draw(10, 5, Rows{0, 5}, terminal, 1); drawn != "" {
			t.Errorf("%s drew nothing as %q", method, drawn)
		}
		if got := Delete(7, terminal); (got == "\x1b_Ga=d,d=I,i=7,q=2\x1b\\") != (method == Kitty) {
			t.Errorf("%s deletes with %q", method, got)
		}
	}
}
