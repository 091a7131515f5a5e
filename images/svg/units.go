package svg

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// number is at the start of a text, in all the forms that SVG writes numbers.
var number = lazyregexp.New(`^[\s,]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)`)

// cutNumber takes a number off the front of a text, with what parts it from the one
// before.
func cutNumber(s string) (v float64, rest string, ok bool) {
	m := number().FindStringSubmatchIndex(s)
	if m == nil {
		return 0, s, false
	}
	v, err := strconv.ParseFloat(s[m[2]:m[3]], 64)
	if err != nil || !finite(v) {
		return 0, s, false
	}
	return v, s[m[1]:], true
}

// numbers reads a list of numbers, up to what is none.
func numbers(s string) []float64 {
	var all []float64
	for {
		v, rest, ok := cutNumber(s)
		if !ok {
			return all
		}
		all, s = append(all, v), rest
	}
}

// pixels are the absolute units (CSS: 96 pixels an inch).
var pixels = map[string]float64{"": 1, "px": 1, "pt": 96.0 / 72, "pc": 16, "mm": 96 / 25.4, "cm": 96 / 2.54, "q": 96 / 101.6, "in": 96}

// length reads a length: of is what a % is a part of, em the size of the font.
func length(s string, of, em float64) (float64, bool) {
	v, unit, ok := cutNumber(s)
	if !ok {
		return 0, false
	}
	unit = strings.ToLower(strings.TrimSpace(unit))
	if f, known := pixels[unit]; known {
		return v * f, true
	}
	switch unit {
	case "%":
		return v / 100 * of, true
	case "em", "rem":
		return v * em, true
	case "ex", "ch":
		return v * em / 2, true
	}
	return 0, false
}

// rootLength is the width or height of the whole drawing, 0 if it does not say.
func rootLength(s string) float64 {
	if strings.Contains(s, "%") {
		return 0
	}
	v, _ := length(s, 0, 16)
	return v
}

// box is a rectangle.
type box struct{ x, y, w, h float64 }

func viewBox(n *node) (box, bool) {
	v := numbers(n.attr("viewBox"))
	if len(v) != 4 || v[2] <= 0 || v[3] <= 0 {
		return box{}, false
	}
	return box{v[0], v[1], v[2], v[3]}, true
}

// fit is the map that shows a view box in w×h, as preserveAspectRatio has it.
func fit(b box, w, h float64, how string) matrix {
	sx, sy := w/b.w, h/b.h
	if strings.HasPrefix(how, "none") {
		return matrix{sx, 0, 0, sy, -b.x * sx, -b.y * sy}
	}
	s := min(sx, sy)
	if strings.Contains(how, "slice") {
		s = max(sx, sy)
	}
	x, y := 0.5, 0.5
	for _, at := range []struct {
		name string
		to   *float64
		v    float64
	}{{"xMin", &x, 0}, {"xMax", &x, 1}, {"YMin", &y, 0}, {"YMax", &y, 1}} {
		if strings.Contains(how, at.name) {
			*at.to = at.v
		}
	}
	return matrix{s, 0, 0, s, (w-b.w*s)*x - b.x*s, (h-b.h*s)*y - b.y*s}
}

var transformCall = lazyregexp.New(`(\w+)\s*\(([^)]*)\)`)

// transform reads a list of transformations.
func transform(s string) matrix {
	m := identity
	if s == "" {
		return m
	}
	for _, call := range transformCall().FindAllStringSubmatch(s, 1000) {
		v := numbers(strings.NewReplacer("px", " ", "deg", " ").Replace(call[2]))
		n := len(v)
		one := identity
		switch name := call[1]; {
		case name == "matrix" && n == 6:
			one = matrix(v)
		case name == "translate" && n >= 1:
			one[4] = v[0]
			if n > 1 {
				one[5] = v[1]
			}
		case name == "translateX" && n == 1:
			one[4] = v[0]
		case name == "translateY" && n == 1:
			one[5] = v[0]
		case name == "scale" && n >= 1:
			one[0], one[3] = v[0], v[n-1]
		case name == "rotate" && n >= 1:
			sin, cos := math.Sincos(v[0] * math.Pi / 180)
			one = matrix{cos, sin, -sin, cos, 0, 0}
			if n >= 3 {
				there, back := identity, identity
				there[4], there[5], back[4], back[5] = v[1], v[2], -v[1], -v[2]
				one = there.times(one).times(back)
			}
		case name == "skewX" && n == 1:
			one[2] = math.Tan(v[0] * math.Pi / 180)
		case name == "skewY" && n == 1:
			one[1] = math.Tan(v[0] * math.Pi / 180)
		}
		m = m.times(one)
	}
	if !finite(m[:]...) {
		return identity
	}
	return m
}

// parseColour reads a colour; false for what is none, "none" included.
func parseColour(s string, current rgba) (rgba, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "", "none":
		return rgba{}, false
	case "currentcolor", "context-fill", "context-stroke":
		return current, true
	case "transparent":
		return rgba{}, true
	}
	if c, ok := colornames.Map[s]; ok {
		return fromColor(c), true
	}
	if hex, ok := strings.CutPrefix(s, "#"); ok {
		return hexColour(hex)
	}
	name, arguments, found := strings.Cut(strings.TrimSuffix(s, ")"), "(")
	if !found {
		return rgba{}, false
	}
	var v []float64
	for field := range strings.FieldsFuncSeq(arguments, func(r rune) bool { return r == ',' || r == ' ' || r == '/' }) {
		one, unit, ok := cutNumber(field)
		if !ok {
			return rgba{}, false
		}
		switch {
		case unit == "%" && len(v) < 3 && strings.HasPrefix(name, "rgb"):
			one *= 2.55
		case unit == "%":
			one /= 100
		}
		v = append(v, one)
	}
	if len(v) < 3 {
		return rgba{}, false
	}
	c := rgba{a: 1}
	if len(v) > 3 {
		c.a = clamp01(v[3])
	}
	switch strings.TrimSuffix(name, "a") {
	case "rgb":
		c.r, c.g, c.b = clamp01(v[0]/255), clamp01(v[1]/255), clamp01(v[2]/255)
	case "hsl":
		c.r, c.g, c.b = hsl(v[0], clamp01(v[1]), clamp01(v[2]))
	default:
		return rgba{}, false
	}
	return c, true
}

func clamp01(v float64) float64 { return min(max(v, 0), 1) }

// hexColour reads #rgb, #rgba, #rrggbb and #rrggbbaa.
func hexColour(hex string) (rgba, bool) {
	digits := 2
	if len(hex) == 3 || len(hex) == 4 {
		digits = 1
	}
	v := [4]float64{3: 1}
	if len(hex) != 3*digits && len(hex) != 4*digits {
		return rgba{}, false
	}
	for i := range len(hex) / digits {
		part := hex[i*digits : (i+1)*digits]
		n, err := strconv.ParseUint(part+part[:2-digits], 16, 8)
		if err != nil {
			return rgba{}, false
		}
		v[i] = float64(n) / 255
	}
	return rgba{v[0], v[1], v[2], v[3]}, true
}

// hsl is CSS Color 3, 4.2.4.
func hsl(hue, saturation, light float64) (r, g, b float64) {
	top := light + saturation - light*saturation
	if light <= 0.5 {
		top = light * (1 + saturation)
	}
	bottom := 2*light - top
	at := func(h float64) float64 {
		h = math.Mod(math.Mod(h, 360)+360, 360) / 60
		switch {
		case h < 1:
			return bottom + (top-bottom)*h
		case h < 3:
			return top
		case h < 4:
			return bottom + (top-bottom)*(4-h)
		}
		return bottom
	}
	return at(hue + 120), at(hue), at(hue - 120)
}
