package svg

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"strings"
	"testing"
)

// drawn draws the inside of a drawing of 100×100.
func drawn(t *testing.T, inside string) *image.RGBA {
	t.Helper()
	m, _ := drawnLeft(t, inside)
	return m
}

func drawnLeft(t *testing.T, inside string) (*image.RGBA, []string) {
	t.Helper()
	d, err := Parse([]byte(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100" height="100">` + inside + `</svg>`))
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.Draw(100, 100)
	if err != nil {
		t.Fatal(err)
	}
	return m, d.Left()
}

var (
	none  = color.RGBA{}
	red   = color.RGBA{255, 0, 0, 255}
	green = color.RGBA{0, 128, 0, 255}
	blue  = color.RGBA{0, 0, 255, 255}
	black = color.RGBA{0, 0, 0, 255}
)

// What is drawn where, by the colours of single pixels that no edge touches.
func TestDraw(t *testing.T) {
	t.Parallel()
	type at map[image.Point]color.RGBA
	p := image.Pt
	for name, c := range map[string]struct {
		inside string
		want   at
	}{
		"rect":                     {`<rect x="10" y="20" width="30" height="40" fill="red"/>`, at{p(10, 20): red, p(39, 59): red, p(9, 30): none, p(40, 30): none, p(20, 60): none}},
		"black by itself":          {`<rect width="50" height="50"/>`, at{p(5, 5): black}},
		"round corners":            {`<rect width="100" height="100" rx="40" fill="red"/>`, at{p(2, 2): none, p(50, 1): red, p(14, 14): red}},
		"circle and ellipse":       {`<circle cx="25" cy="25" r="20" fill="red"/><ellipse cx="50" cy="75" rx="45" ry="10" fill="blue"/>`, at{p(25, 6): red, p(40, 40): none, p(8, 75): blue, p(50, 88): none}},
		"percent and units":        {`<rect x="50%" y="1in" width="50%" height="10%" fill="red"/>`, at{p(51, 97): red, p(49, 97): none, p(51, 95): none}},
		"evenodd":                  {`<path fill-rule="evenodd" fill="red" d="M0 0H90V90H0zM20 20H70V70H20z"/>`, at{p(10, 10): red, p(45, 45): none}},
		"nonzero":                  {`<path fill="red" d="M0 0H90V90H0zM20 20H70V70H20z"/>`, at{p(45, 45): red}},
		"nonzero, the other way":   {`<path fill="red" d="M0 0H90V90H0zM20 20V70H70V20z"/>`, at{p(45, 45): none}},
		"relative path":            {`<path fill="red" d="m10,10 20,0 0,20 -20,0z m40 0h20v20h-20z"/>`, at{p(20, 20): red, p(60, 20): red, p(40, 20): none}},
		"curves":                   {`<path fill="red" d="M0 50Q50 -50 100 50T200 50L100 100z"/><path fill="blue" d="M0 100C0 60 40 60 40 100S80 140 80 100z"/>`, at{p(50, 10): red, p(20, 80): blue}},
		"arcs":                     {`<path fill="red" d="M10 50a40 40 0 1 0 80 0"/><path fill="blue" d="M10 50A40 40 0 0180 30z"/>`, at{p(50, 80): red, p(50, 18): blue, p(50, 5): none}},
		"numbers run together":     {`<path fill="red" d="M10-0.5L40.5.5-1e1 40Z"/>`, at{p(15, 10): red}},
		"line":                     {`<line x1="0" y1="50" x2="100" y2="50" stroke="red" stroke-width="10"/>`, at{p(5, 46): red, p(95, 54): red, p(50, 44): none, p(50, 56): none}},
		"caps":                     {`<g stroke="red" stroke-width="20"><path d="M30 20H70"/><path d="M30 50H70" stroke-linecap="square"/><path d="M30 80H70" stroke-linecap="round"/></g>`, at{p(27, 20): none, p(22, 42): red, p(22, 80): red, p(22, 72): none}},
		"miter":                    {`<path d="M20 80L50 20L80 80" fill="none" stroke="red" stroke-width="20"/>`, at{p(50, 2): red}},
		"miter limit":              {`<path d="M20 80L50 20L80 80" fill="none" stroke="red" stroke-width="20" stroke-miterlimit="1"/>`, at{p(50, 2): none, p(50, 25): red}},
		"round join":               {`<path d="M20 80L50 20L80 80" fill="none" stroke="red" stroke-width="20" stroke-linejoin="round"/>`, at{p(50, 2): none, p(50, 12): red}},
		"closed line":              {`<path d="M20 20H80V80H20z" fill="none" stroke="red" stroke-width="10"/>`, at{p(16, 16): red, p(50, 50): none}},
		"dashes":                   {`<path d="M0 50H100" stroke="red" stroke-width="10" stroke-dasharray="20,10"/>`, at{p(10, 50): red, p(25, 50): none, p(40, 50): red}},
		"dashes, shifted":          {`<path d="M0 50H100" stroke="red" stroke-width="10" stroke-dasharray="20,10" stroke-dashoffset="-10"/>`, at{p(5, 50): none, p(20, 50): red}},
		"a dot":                    {`<path d="M50 50h0" stroke="red" stroke-width="20" stroke-linecap="round"/>`, at{p(50, 50): red, p(58, 50): red}},
		"scaled stroke":            {`<g transform="scale(10)"><path d="M0 5H10" stroke="red"/></g>`, at{p(50, 46): red, p(50, 44): none}},
		"unscaled stroke":          {`<g transform="scale(10)"><path d="M0 5H10" stroke="red" vector-effect="non-scaling-stroke" stroke-width="4"/></g>`, at{p(50, 49): red, p(50, 46): none}},
		"transformations":          {`<rect transform="translate(50 50) rotate(45) scale(2)" x="-10" y="-10" width="20" height="20" fill="red"/>`, at{p(50, 25): red, p(30, 30): none, p(76, 50): red}},
		"rotated about a point":    {`<rect transform="rotate(180 50 50)" width="20" height="20" fill="red"/>`, at{p(90, 90): red, p(10, 10): none}},
		"style wins":               {`<rect width="50" height="50" fill="blue" style="fill:red"/>`, at{p(5, 5): red}},
		"inherited":                {`<g fill="red"><g><rect width="50" height="50"/></g></g>`, at{p(5, 5): red}},
		"current colour":           {`<g color="red"><rect width="50" height="50" fill="currentColor"/></g>`, at{p(5, 5): red}},
		"colours":                  {`<rect width="20" height="9" fill="#f00"/><rect y="10" width="20" height="9" fill="rgb(0,0,255)"/><rect y="20" width="20" height="9" fill="hsl(0,100%,50%)"/><rect y="30" width="20" height="9" fill="rgb(100% 0% 0% / 1)"/><rect y="40" width="20" height="9" fill="#FF0000ff"/><rect y="50" width="20" height="9" fill="Red"/>`, at{p(5, 5): red, p(5, 15): blue, p(5, 25): red, p(5, 35): red, p(5, 45): red, p(5, 55): red}},
		"style sheet":              {`<style>/* a */ rect{fill:blue} .a, g > .b {fill:red} #c{fill:green} @media print { rect {fill:black} } g .d{fill:red!important}</style><rect class="a" width="20" height="20"/><rect id="c" class="a" x="30" width="20" height="20"/><g><rect class="x b" y="30" width="20" height="20"/></g><g><g><rect class="d" id="e" style="fill:blue" y="60" width="20" height="20"/></g></g><rect x="60" width="20" height="20"/>`, at{p(5, 5): red, p(35, 5): green, p(5, 35): red, p(5, 65): red, p(65, 5): blue}},
		"variables":                {`<rect width="20" height="20" fill="var(--main, red)"/>`, at{p(5, 5): red}},
		"not displayed":            {`<rect width="20" height="20" display="none"/><g visibility="hidden"><rect width="20" height="20"/><rect y="30" width="20" height="20" visibility="visible"/></g>`, at{p(5, 5): none, p(5, 35): black}},
		"use":                      {`<defs><rect id="r" width="20" height="20"/></defs><use href="#r" x="50" y="50" fill="red"/><use xlink:href="#r" fill="blue"/>`, at{p(5, 5): blue, p(55, 55): red}},
		"symbol":                   {`<symbol id="s" viewBox="0 0 10 10"><rect width="10" height="10" fill="red"/></symbol><use href="#s" x="20" y="20" width="40" height="40"/>`, at{p(25, 25): red, p(58, 58): red, p(62, 62): none}},
		"svg within":               {`<svg x="50" y="50" width="40" height="40" viewBox="0 0 4 4"><rect width="8" height="2" fill="red"/></svg>`, at{p(55, 55): red, p(88, 55): red, p(92, 55): none, p(55, 75): none}},
		"linear gradient":          {`<linearGradient id="g"><stop offset=".5" stop-color="red"/><stop offset=".5" stop-color="blue"/></linearGradient><rect width="100" height="100" fill="url(#g)"/>`, at{p(40, 50): red, p(60, 50): blue}},
		"user space, repeated":     {`<linearGradient id="g" gradientUnits="userSpaceOnUse" x1="0" x2="40" spreadMethod="repeat"><stop offset=".5" stop-color="red"/><stop offset=".5" stop-color="blue"/></linearGradient><rect width="100" height="100" fill="url(#g)"/>`, at{p(10, 50): red, p(30, 50): blue, p(50, 50): red, p(70, 50): blue}},
		"radial gradient":          {`<radialGradient id="a"><stop offset=".5" stop-color="red"/><stop offset=".5" stop-color="blue"/></radialGradient><radialGradient id="g" href="#a"/><rect width="100" height="100" fill="url(#g)"/>`, at{p(50, 50): red, p(50, 30): red, p(50, 20): blue, p(1, 1): blue}},
		"a gradient that is not":   {`<rect width="100" height="100" fill="url(#nowhere) red"/>`, at{p(50, 50): red}},
		"opacity":                  {`<rect width="100" height="100" fill="red"/><rect width="50" height="100" fill="blue" fill-opacity=".5"/>`, at{p(20, 20): {128, 0, 128, 255}}},
		"opacity of a group":       {`<g opacity=".5"><rect width="50" height="50" fill="red"/><rect width="50" height="50" fill="blue"/></g>`, at{p(20, 20): {0, 0, 128, 128}}},
		"clip":                     {`<clipPath id="c"><circle cx="50" cy="50" r="20"/></clipPath><rect width="100" height="100" fill="red" clip-path="url(#c)"/>`, at{p(50, 50): red, p(20, 20): none}},
		"clip of its own box":      {`<clipPath id="c" clipPathUnits="objectBoundingBox"><rect width=".5" height="1"/></clipPath><rect x="20" width="40" height="100" fill="red" clip-path="url(#c)"/>`, at{p(30, 50): red, p(50, 50): none}},
		"clip within clip":         {`<clipPath id="a"><rect width="50" height="100"/></clipPath><clipPath id="b" clip-path="url(#a)"><rect width="100" height="50"/></clipPath><g clip-path="url(#b)"><rect width="100" height="100" fill="red"/></g>`, at{p(20, 20): red, p(70, 20): none, p(20, 70): none}},
		"mask":                     {`<mask id="m"><rect width="50" height="100" fill="white"/></mask><rect width="100" height="100" fill="red" mask="url(#m)"/>`, at{p(20, 20): red, p(70, 20): none}},
		"pattern":                  {`<pattern id="p" width="20" height="20" patternUnits="userSpaceOnUse"><rect width="10" height="20" fill="red"/></pattern><rect width="100" height="100" fill="url(#p)"/>`, at{p(5, 5): red, p(15, 5): none, p(25, 85): red}},
		"marker":                   {`<marker id="m" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="4" markerHeight="4" orient="auto"><path d="M0 0L10 5L0 10z" fill="red"/></marker><path d="M10 50H80" stroke="blue" stroke-width="5" marker-end="url(#m)"/>`, at{p(50, 50): blue, p(75, 45): red, p(85, 50): red, p(88, 42): none}},
		"switch":                   {`<switch><foreignObject width="100" height="100"/><rect width="50" height="50" fill="red"/><rect width="50" height="50"/></switch>`, at{p(5, 5): red}},
		"an embedded picture":      {`<image x="20" y="20" width="40" height="40" href="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"/>`, at{p(40, 40): red, p(10, 10): none}},
		"what is wrong is skipped": {`<rect width="x" height="10"/><path d="garbage"/><path d="M0 0L50 0 50 50 L bad" fill="red"/><circle r="-5"/><polygon points="1"/><use href="#nowhere"/><g transform="nonsense(1"><rect x="60" y="60" width="20" height="20" fill="red"/></g>`, at{p(40, 10): red, p(70, 70): red}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := drawn(t, c.inside)
			for at, want := range c.want {
				if got := m.RGBAAt(at.X, at.Y); !near(got, want) {
					t.Errorf("%v is %v, want %v", at, got, want)
				}
			}
		})
	}
}

func near(a, b color.RGBA) bool {
	d := func(x, y uint8) bool { return max(x, y)-min(x, y) <= 2 }
	return d(a.R, b.R) && d(a.G, b.G) && d(a.B, b.B) && d(a.A, b.A)
}

// An edge covers as much of a pixel as it does.
func TestCoverageIsExact(t *testing.T) {
	t.Parallel()
	m := drawn(t, `<rect x="10.25" y="10.5" width="20.5" height="20" fill="black"/>`)
	for at, want := range map[image.Point]float64{{10, 20}: 0.75, {30, 20}: 0.75, {20, 10}: 0.5, {20, 30}: 0.5, {10, 10}: 0.375, {20, 20}: 1, {31, 20}: 0} {
		if got := float64(m.RGBAAt(at.X, at.Y).A) / 255; math.Abs(got-want) > 0.005 {
			t.Errorf("%v: %.3f covered, want %.3f", at, got, want)
		}
	}
	// A circle has the area of a circle, wherever it lies, also half outside.
	for _, cx := range []float64{50, 50.37, 0} {
		m := drawn(t, fmt.Sprintf(`<circle cx="%g" cy="50.21" r="30" fill="black"/>`, cx))
		sum := 0.0
		for i := 3; i < len(m.Pix); i += 4 {
			sum += float64(m.Pix[i]) / 255
		}
		want := math.Pi * 30 * 30
		if cx == 0 {
			want /= 2
		}
		if math.Abs(sum-want) > 0.004*want {
			t.Errorf("at %g the area is %.1f, want %.1f", cx, sum, want)
		}
	}
}

// ink is the rectangle of what was drawn.
func ink(m *image.RGBA) image.Rectangle {
	var r image.Rectangle
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			if m.RGBAAt(x, y).A > 64 {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return r
}

func TestText(t *testing.T) {
	t.Parallel()
	start := ink(drawn(t, `<text x="50" y="50" font-size="20">Hi</text>`))
	middle := ink(drawn(t, `<text x="50" y="50" font-size="20" text-anchor="middle">Hi</text>`))
	end := ink(drawn(t, `<text x="50" y="50" font-size="20" style="text-anchor:end">Hi</text>`))
	if start.Min.X < 50 || start.Min.X > 54 || start.Max.Y != 50 || start.Dy() < 13 || start.Dy() > 17 {
		t.Errorf("begins at %v", start)
	}
	if end.Max.X > 50 || end.Max.X < 46 || start.Dx() != end.Dx() || middle.Min.X >= 50 || middle.Max.X <= 50 {
		t.Errorf("middle %v, end %v", middle, end)
	}
	if bold := ink(drawn(t, `<text x="5" y="50" font-size="20" font-weight="bold">Hillo</text>`)); bold.Dx() <= ink(drawn(t, `<text x="5" y="50" font-size="20">Hillo</text>`)).Dx() {
		t.Error("bold letters are no wider")
	}
	if got := ink(drawn(t, `<text x="5" y="20" font-size="10">a<tspan x="5" dy="1.2em">b</tspan></text>`)); got.Dx() > 8 || got.Max.Y != 32 {
		t.Errorf("two lines are %v", got)
	}
	a, b := drawn(t, "<text x='5' y='20'>  a \n  b </text>"), drawn(t, "<text x='5' y='20'>a b</text>")
	if string(a.Pix) != string(b.Pix) {
		t.Error("blanks are not joined")
	}
	if got := ink(drawn(t, `<text x="50" y="50" font-size="20" transform="rotate(90 50 50)">Hillo</text>`)); got.Dy() < got.Dx() {
		t.Errorf("turned text is %v", got)
	}
	if _, left := drawnLeft(t, `<text x="5" y="50">漢字</text>`); len(left) != 1 || !strings.Contains(left[0], "no font") {
		t.Errorf("left out: %q", left)
	}
	if _, left := drawnLeft(t, `<text x="5" y="50">Grüße Ωλ Жук →</text>`); len(left) != 0 {
		t.Errorf("left out: %q", left)
	}
}

// Labels that programs write as HTML are read, too.
func TestForeignObject(t *testing.T) {
	t.Parallel()
	m, left := drawnLeft(t, `<foreignObject x="10" y="40" width="80" height="20"><div xmlns="http://www.w3.org/1999/xhtml"><span>Start</span><br/>now<style>x</style></div></foreignObject>`)
	r := ink(m)
	if middle := (r.Min.X + r.Max.X) / 2; r.Empty() || middle < 47 || middle > 53 || r.Dy() < 20 {
		t.Errorf("the label is at %v", r)
	}
	if len(left) != 1 || !strings.Contains(left[0], "HTML") {
		t.Errorf("left out: %q", left)
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for attributes, want := range map[string][2]float64{
		`width="200" height="100"`:                       {200, 100},
		`width="2in" height="25.4mm"`:                    {192, 96},
		`viewBox="0 0 40 20"`:                            {40, 20},
		`viewBox="0 0 40 20" width="100"`:                {100, 50},
		`viewBox="0 0 40 20" height="100"`:               {200, 100},
		`viewBox="0 0 40 20" width="100%" height="100%"`: {40, 20},
		``:                                       {300, 150},
		`width="0" height="-5" viewBox="broken"`: {300, -5},
		`width="1e9" height="1"`:                 {},
		`width="NaN" height="1" viewBox="0 0 99999999999 1"`: {},
	} {
		d, err := Parse([]byte(`<svg xmlns="http://www.w3.org/2000/svg" ` + attributes + `/>`))
		if err != nil {
			if want[1] > 0 {
				t.Errorf("%s: %v", attributes, err)
			}
			continue
		}
		if w, h := d.Size(); w != want[0] || h != want[1] {
			t.Errorf("%s: %g×%g", attributes, w, h)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	const head = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">`
	laughs := `<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>`
	for name, c := range map[string]struct{ drawing, says string }{
		"entities of entities": {laughs + head + `<text>&c;</text></svg>`, "entities"},
		"an external entity":   {`<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + head + `<text>&a;</text></svg>`, "refers to another file (file:///etc/passwd)"},
		"a parameter entity":   {`<!DOCTYPE svg [<!ENTITY % a "x">]>` + head + `</svg>`, "refers to another file"},
		"a picture elsewhere":  {head + `<image href="http://example.org/x.png"/></svg>`, "refers to another file (http://example.org/x.png)"},
		"a file":               {head + `<image xlink:href="../../etc/passwd"/></svg>`, "refers to another file"},
		"use of another file":  {head + `<use href="other.svg#a"/></svg>`, "refers to another file"},
		"not at its end":       {head + `<g><rect/>`, "unexpected EOF"},
		"another language":     {`<html><svg/></html>`, "no <svg>"},
		"text":                 {`hello`, "no <svg>"},
		"nothing":              {``, "no <svg>"},
		"deep":                 {head + strings.Repeat("<g>", 300) + strings.Repeat("</g>", 300) + `</svg>`, "deep"},
		"many":                 {head + strings.Repeat("<g/>", maxNodes) + `</svg>`, "elements"},
		"another encoding":     {`<?xml version="1.0" encoding="EBCDIC"?>` + head + `</svg>`, `written in "EBCDIC"`},
	} {
		_, err := Parse([]byte(c.drawing))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Parse([]byte(head + "<g>")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a drawing that is cut: %v", err)
	}
	// What programs write for their namespaces is no bomb.
	if d, err := Parse([]byte(`<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]><svg xmlns="&ns;"><rect/></svg>`)); err != nil || len(d.root.children) != 1 {
		t.Error(err)
	}
	if _, err := Parse([]byte("<?xml version='1.0' encoding='ISO-8859-1'?>" + head + "<text>\xe4</text></svg>")); err != nil {
		t.Error(err)
	}
}

// Drawings that would draw without end are given up.
func TestTooMuch(t *testing.T) {
	t.Parallel()
	doubling := `<defs><g id="u0"><rect width="9" height="9"/></g>`
	for i := range 30 {
		doubling += fmt.Sprintf(`<g id="u%d"><use href="#u%d"/><use href="#u%d"/></g>`, i+1, i, i)
	}
	for name, inside := range map[string]string{
		"uses of uses":           doubling + `</defs><use href="#u30"/>`,
		"a use of itself":        `<g id="a"><use href="#a"/></g>`,
		"a clip of itself":       `<clipPath id="c"><rect width="50" height="50" clip-path="url(#c)"/></clipPath><rect width="100" height="100" clip-path="url(#c)"/>`,
		"a mask of itself":       `<mask id="m"><rect width="50" height="50" mask="url(#m)"/></mask><rect width="100" height="100" mask="url(#m)"/>`,
		"outlines without end":   `<path id="p" d="M0 0` + strings.Repeat("C0 99999 99999 0 9 9", 20_000) + `"/>`,
		"dashes of dashed lines": strings.Repeat(`<path d="M0 0H9000" stroke="red" stroke-dasharray=".2"/>`, 30),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := Parse([]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">` + inside + `</svg>`))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Draw(100, 100); !errors.Is(err, errTooMuch) {
				t.Errorf("error %v", err)
			}
		})
	}
	// These have an end.
	for _, inside := range []string{
		`<pattern id="p" width="20" height="20" patternUnits="userSpaceOnUse"><rect width="20" height="20" fill="url(#p)"/></pattern><rect width="100" height="100" fill="url(#p)"/>`,
		`<marker id="m"><path d="M0 0H5" stroke="red" marker-end="url(#m)"/></marker><path d="M0 0H50" stroke="red" marker-end="url(#m)"/>`,
		`<linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/><rect width="9" height="9" fill="url(#a)"/>`,
		strings.Repeat(`<g opacity=".9">`, 100) + `<rect width="9" height="9"/>` + strings.Repeat(`</g>`, 100),
		`<path d="M0 0H99999999" stroke="red" stroke-dasharray=".001"/>`,
	} {
		drawn(t, inside)
	}
}

func FuzzDraw(f *testing.F) {
	for _, inside := range []string{
		`<style>g > .a:first-child, #b{fill:red!important}</style><g><rect class="a" width="50%" height="1e1" rx="3"/></g>`,
		`<path d="M10-0.5.5L40.5.5-1e1 40a40 40 0 01 80 0q1 2 3 4t5 6s1 2 3 4Z" stroke="url(#g)" stroke-dasharray="1 2" marker-mid="url(#m)"/><marker id="m" orient="auto"><path d="M0 0L1 1"/></marker>`,
		`<linearGradient id="g" gradientTransform="rotate(45)"><stop offset="0" stop-color="#123"/></linearGradient><radialGradient id="r" fx="9" href="#g"/><rect width="9" height="9" fill="url(#r)"/>`,
		`<text x="1 2" dy="1em" rotate="3">a<tspan dx="1">b</tspan></text><use href="#t"/><symbol id="t" viewBox="0 0 1 1"/>`,
		`<clipPath id="c"><circle r="5"/></clipPath><mask id="k"/><g clip-path="url(#c)" mask="url(#k)" opacity=".5"><image href="data:,x" width="5"/></g>`,
		`<pattern id="p" width="2" height="2" patternUnits="userSpaceOnUse"><rect width="1" height="1"/></pattern><polygon points="0,0 9,9 0 9" fill="url(#p)"/>`,
	} {
		f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">` + inside + `</svg>`))
	}
	f.Add([]byte(`<!DOCTYPE svg [<!ENTITY a "x">]><svg width="1pt" height="2mm">&a;</svg>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil {
			return
		}
		if w, h := d.Size(); !(w > 0 && h > 0 && w <= longestLen && h <= longestLen) {
			t.Errorf("%g×%g", w, h)
		}
		m, err := d.Draw(40, 30)
		if (m == nil) != (err != nil) {
			t.Error(m, err)
		}
	})
}

// What a selector of many steps takes does not grow with each by as many times as elements
// lie within each other.
func TestLongSelectors(t *testing.T) {
	t.Parallel()
	const deep = 200
	nested := strings.Repeat("<g>", deep) + `<rect width="100" height="100"/>` + strings.Repeat("</g>", deep)
	for selector, want := range map[string]color.RGBA{
		"circle " + strings.Repeat("g ", 14) + "rect":      black, // there is no circle
		"circle " + strings.Repeat("g > g ", 7) + "rect":   black,
		"circle > " + strings.Repeat("g ", 14) + "rect":    black,
		"svg " + strings.Repeat("g ", 14) + "rect":         red,
		"svg > " + strings.Repeat("g ", 14) + "> rect":     red,
		"svg > g > g " + strings.Repeat("g ", 12) + "rect": red, // found by trying other elements again
	} {
		m := drawn(t, "<style>"+selector+"{fill:red}</style>"+nested)
		if got := m.RGBAAt(50, 50); got != want {
			t.Errorf("%s: %v", selector, got)
		}
	}
}
