package svg

import (
	"strings"
)

// style is what elements inherit from those around them.
type style struct {
	fill, stroke          string
	fillOpacity           float64
	strokeOpacity         float64
	evenOdd, clipEvenOdd  bool
	strokeWidth           string
	cap, join             string
	miter                 float64
	dashes, dashOffset    string
	colour                rgba
	hidden                bool
	fontSize              float64
	family                string
	bold, italic          bool
	anchor, baseline      string
	markers               [3]string // at the start, in between, at the end
	keepSpace             bool
	viewWidth, viewHeight float64 // what a % is a part of
}

func initialStyle() style {
	return style{
		fill: "black", stroke: "none", fillOpacity: 1, strokeOpacity: 1, strokeWidth: "1", cap: "butt", join: "miter",
		miter: 4, dashes: "none", colour: rgba{a: 1}, fontSize: 16, anchor: "start",
	}
}

// of returns the style of an element within s.
func (s style) of(n *node) style {
	get := func(name string) (string, bool) {
		v := n.property(name)
		if before, fallback, is := strings.Cut(v, "var("); is { // var(--name, fallback)
			_, fallback, _ = strings.Cut(fallback, ",")
			v = before + strings.TrimSuffix(strings.TrimSpace(fallback), ")")
		}
		return strings.TrimSpace(v), v != "" && v != "inherit"
	}
	text := func(name string, to *string) {
		if v, ok := get(name); ok {
			*to = v
		}
	}
	fraction := func(name string, to *float64) {
		if v, ok := get(name); ok {
			if f, ok := length(v, 1, 1); ok {
				*to = clamp01(f)
			}
		}
	}
	if v, ok := get("color"); ok {
		if c, ok := parseColour(v, s.colour); ok {
			s.colour = c
		}
	}
	text("fill", &s.fill)
	text("stroke", &s.stroke)
	fraction("fill-opacity", &s.fillOpacity)
	fraction("stroke-opacity", &s.strokeOpacity)
	if v, ok := get("fill-rule"); ok {
		s.evenOdd = v == "evenodd"
	}
	if v, ok := get("clip-rule"); ok {
		s.clipEvenOdd = v == "evenodd"
	}
	text("stroke-width", &s.strokeWidth)
	text("stroke-linecap", &s.cap)
	text("stroke-linejoin", &s.join)
	if v, ok := get("stroke-miterlimit"); ok {
		if f, ok := length(v, 1, 1); ok && f >= 1 {
			s.miter = f
		}
	}
	text("stroke-dasharray", &s.dashes)
	text("stroke-dashoffset", &s.dashOffset)
	if v, ok := get("visibility"); ok {
		s.hidden = v != "visible"
	}
	if v, ok := get("font"); ok {
		s.font(v)
	}
	if v, ok := get("font-size"); ok {
		s.size(v)
	}
	text("font-family", &s.family)
	if v, ok := get("font-weight"); ok {
		s.bold = v == "bold" || v == "bolder" || len(v) == 3 && v >= "600"
	}
	if v, ok := get("font-style"); ok {
		s.italic = v != "normal"
	}
	text("text-anchor", &s.anchor)
	text("dominant-baseline", &s.baseline)
	text("alignment-baseline", &s.baseline)
	if v, ok := get("marker"); ok {
		s.markers = [3]string{v, v, v}
	}
	for i, name := range []string{"marker-start", "marker-mid", "marker-end"} {
		text(name, &s.markers[i])
	}
	if v := n.attrs["xml:space"]; v != "" {
		s.keepSpace = v == "preserve"
	}
	if v, ok := get("white-space"); ok {
		s.keepSpace = strings.HasPrefix(v, "pre")
	}
	return s
}

// sizes are the names that font sizes have.
var sizes = map[string]float64{
	"xx-small": 9, "x-small": 10, "small": 13, "medium": 16, "large": 18, "x-large": 24, "xx-large": 32,
}

func (s *style) size(v string) {
	if named, ok := sizes[v]; ok {
		s.fontSize = named
		return
	}
	switch v {
	case "larger":
		s.fontSize *= 1.2
		return
	case "smaller":
		s.fontSize /= 1.2
		return
	}
	if f, ok := length(v, s.fontSize, s.fontSize); ok && f >= 0 {
		s.fontSize = f
	}
}

// font reads the shorthand: style and weight, size/line-height, families.
func (s *style) font(v string) {
	for field := range strings.FieldsSeq(v) {
		switch field {
		case "bold", "600", "700", "800", "900":
			s.bold = true
		case "italic", "oblique":
			s.italic = true
		default:
			size, _, _ := strings.Cut(field, "/")
			if f, ok := length(size, s.fontSize, s.fontSize); ok && strings.ContainsAny(size, "%ptxem") {
				s.fontSize = f
				_, s.family, _ = strings.Cut(v, field)
				return
			}
		}
	}
}

// diagonal is what a % of a length is a part of that is neither width nor height
// (SVG 1.1, 7.10).
func (s style) diagonal() float64 {
	return point{s.viewWidth, s.viewHeight}.length() / 1.4142135623730951
}

// x, y and other read a length of an element in their direction.
func (s style) x(v string) float64     { return first(length(v, s.viewWidth, s.fontSize)) }
func (s style) y(v string) float64     { return first(length(v, s.viewHeight, s.fontSize)) }
func (s style) other(v string) float64 { return first(length(v, s.diagonal(), s.fontSize)) }

func first(v float64, _ bool) float64 { return v }
