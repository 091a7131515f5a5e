package svg

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	_ "image/gif"  // pictures within drawings
	_ "image/jpeg" // likewise
	_ "image/png"  // likewise
	"net/url"
	"strings"

	_ "golang.org/x/image/webp" // likewise
)

// maxEmbedded bounds the pixels of a picture within a drawing.
const maxEmbedded = 50_000_000

// picture draws an <image>, which the file has to have in itself.
func (c *canvas) picture(n *node, s state) {
	data, ok := embedded(n.href())
	if !ok {
		return
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || config.Width < 1 || config.Height < 1 || config.Width > maxEmbedded/config.Height {
		c.d.leave("an embedded picture")
		return
	}
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		c.d.leave("an embedded picture")
		return
	}
	size := m.Bounds()
	w, hasW := length(n.property("width"), s.style.viewWidth, s.style.fontSize)
	h, hasH := length(n.property("height"), s.style.viewHeight, s.style.fontSize)
	ratio := float64(size.Dx()) / float64(size.Dy())
	switch {
	case !hasW && !hasH:
		w, h = float64(size.Dx()), float64(size.Dy())
	case !hasW:
		w = h * ratio
	case !hasH:
		h = w / ratio
	}
	if w <= 0 || h <= 0 {
		return
	}
	s.m = s.m.times(matrix{1, 0, 0, 1, s.style.x(n.property("x")), s.style.y(n.property("y"))})
	inner := s.m.times(fit(box{w: float64(size.Dx()), h: float64(size.Dy())}, w, h, n.attr("preserveAspectRatio")))
	back, ok := inner.inverse()
	if !ok {
		return
	}
	c.fill(polygons(c.d.flatten(rounded(0, 0, w, h, 0, 0), s.m, 1)), false, sampled(m, back, s.opacity), s)
}

// sampled paints with a picture: each pixel is the mean of what it covers, roughly.
func sampled(m image.Image, back matrix, opacity float64) paint {
	b := m.Bounds()
	n := min(max(1, int(back.scale()+0.5)), 8) // samples across a pixel
	return func(x, y int) rgba {
		var sum rgba
		for i := range n {
			for j := range n {
				q := back.at(point{float64(x) + (float64(i)+0.5)/float64(n), float64(y) + (float64(j)+0.5)/float64(n)})
				px, py := int(q.x), int(q.y)
				if q.x < 0 || q.y < 0 || px >= b.Dx() || py >= b.Dy() {
					continue
				}
				c := color.RGBA64Model.Convert(m.At(b.Min.X+px, b.Min.Y+py)).(color.RGBA64)
				sum.r, sum.g, sum.b, sum.a = sum.r+float64(c.R), sum.g+float64(c.G), sum.b+float64(c.B), sum.a+float64(c.A)
			}
		}
		f := opacity / 65535 / float64(n*n)
		return rgba{sum.r * f, sum.g * f, sum.b * f, sum.a * f}
	}
}

// embedded reads a data URL (RFC 2397).
func embedded(href string) ([]byte, bool) {
	if len(href) < 5 || !strings.EqualFold(href[:5], "data:") {
		return nil, false
	}
	media, payload, found := strings.Cut(href[5:], ",")
	if !found {
		return nil, false
	}
	text, err := url.PathUnescape(payload)
	if err != nil {
		return nil, false
	}
	if !strings.HasSuffix(strings.ToLower(strings.TrimSpace(media)), "base64") {
		return []byte(text), true
	}
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.Join(strings.Fields(text), ""), "="))
	return data, err == nil
}

// foreign draws the text of a <foreignObject>, as which programs write labels in
// HTML: in the middle of its room, line by line.
func (c *canvas) foreign(n *node, s state) {
	lines := labelLines(n)
	if len(lines) == 0 {
		return
	}
	c.d.leave("HTML (its text is drawn, but not its looks)")
	w, h := s.style.x(n.property("width")), s.style.y(n.property("height"))
	x, y := s.style.x(n.property("x"))+w/2, s.style.y(n.property("y"))+h/2
	s.style.anchor, s.style.baseline = "middle", "middle"
	if s.style.fill == "none" || s.style.fill == "" {
		s.style.fill = "black"
	}
	s.style.stroke = "none"
	const spacing = 1.2
	y -= float64(len(lines)-1) / 2 * spacing * s.style.fontSize
	for _, line := range lines {
		var letters []letter
		for _, r := range line {
			letters = append(letters, letter{r: r, style: s.style, n: n})
		}
		letters[0].x, letters[0].y = &x, &y
		c.chunk(letters, nil, s)
		y += spacing * s.style.fontSize
	}
}

// labelLines are the lines of text within HTML.
func labelLines(n *node) []string {
	var lines []string
	var line strings.Builder
	end := func() {
		if text := strings.Join(strings.Fields(line.String()), " "); text != "" {
			lines = append(lines, text)
		}
		line.Reset()
	}
	var walk func(*node)
	walk = func(n *node) {
		line.WriteString(n.text)
		switch n.name {
		case ":br", ":p", ":div", ":li", ":tr", "br", "p", "div":
			end()
			defer end()
		case ":style", ":script", "style", "script":
			return
		}
		for _, child := range n.children {
			walk(child)
		}
	}
	walk(n)
	end()
	return lines
}
