package svg

import (
	"fmt"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// The fonts are the Go fonts (Bigelow & Holmes), which the binary brings: Latin,
// Greek and Cyrillic. What a drawing names is not looked for on the machine.
var fonts = map[string]func() *sfnt.Font{
	"":            parsed(goregular.TTF),
	"bold":        parsed(gobold.TTF),
	"italic":      parsed(goitalic.TTF),
	"bold italic": parsed(gobolditalic.TTF),
	"mono":        parsed(gomono.TTF),
	"mono bold":   parsed(gomonobold.TTF),
}

func parsed(ttf []byte) func() *sfnt.Font {
	return sync.OnceValue(func() *sfnt.Font {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			panic(fmt.Sprintf("an embedded font is damaged: %v", err))
		}
		return f
	})
}

func (s style) fontOf() *sfnt.Font {
	family := strings.ToLower(s.family)
	key := ""
	switch mono := strings.Contains(family, "mono") || strings.Contains(family, "courier") || strings.Contains(family, "consolas") || strings.Contains(family, "menlo"); {
	case mono && s.bold:
		key = "mono bold"
	case mono:
		key = "mono"
	case s.bold && s.italic:
		key = "bold italic"
	case s.bold:
		key = "bold"
	case s.italic:
		key = "italic"
	}
	return fonts[key]()
}

// letter is a character of a text, with what its element says of its place.
type letter struct {
	r      rune
	style  style
	n      *node
	x, y   *float64 // begins here
	dx, dy float64
	turned float64 // in degrees
}

// maxLetters bounds a single text.
const maxLetters = 50_000

// text draws a <text> with its <tspan>s.
func (c *canvas) text(n *node, s state) {
	var letters []letter
	c.letters(n, s.style, &letters)
	letters = spaced(letters, s.style.keepSpace)
	for len(letters) > 0 {
		// A chunk is what begins at a place of its own; it is anchored as a whole.
		end := 1
		for end < len(letters) && letters[end].x == nil && letters[end].y == nil {
			end++
		}
		letters = c.chunk(letters[:end], letters[end:], s)
	}
}

// letters gathers the characters of an element.
func (c *canvas) letters(n *node, s style, all *[]letter) {
	xs, ys := listed(n.attr("x"), s.x), listed(n.attr("y"), s.y)
	dxs, dys := listed(n.attr("dx"), s.x), listed(n.attr("dy"), s.y)
	turns := numbers(n.attr("rotate"))
	from := len(*all)
	for _, child := range n.children {
		switch child.name {
		case "":
			for _, r := range child.text {
				if len(*all) < maxLetters {
					*all = append(*all, letter{r: r, style: s, n: n})
				}
			}
		case "tspan", "a":
			if child.property("display") != "none" {
				c.letters(child, s.of(child), all)
			}
		case "textPath":
			c.d.leave("text along a path")
		}
	}
	// The first of the list is for the first character that is seen.
	i := 0
	for k := from; k < len(*all); k++ {
		l := &(*all)[k]
		if unicode.IsSpace(l.r) && !s.keepSpace && (k == from || unicode.IsSpace((*all)[k-1].r)) {
			continue
		}
		if i < len(xs) && l.x == nil {
			l.x = &xs[i]
		}
		if i < len(ys) && l.y == nil {
			l.y = &ys[i]
		}
		if i < len(dxs) {
			l.dx += dxs[i]
		}
		if i < len(dys) {
			l.dy += dys[i]
		}
		if len(turns) > 0 {
			l.turned = turns[min(i, len(turns)-1)]
		}
		i++
	}
}

// listed reads a list of lengths.
func listed(s string, read func(string) float64) []float64 {
	var all []float64
	for field := range strings.FieldsFuncSeq(s, func(r rune) bool { return unicode.IsSpace(r) || r == ',' }) {
		all = append(all, read(field))
	}
	return all
}

// spaced makes one blank of several, and none of those at the ends.
func spaced(letters []letter, keep bool) []letter {
	var all []letter
	for _, l := range letters {
		if unicode.IsSpace(l.r) {
			if l.r != '\u00a0' {
				l.r = ' '
			}
			if !keep && !l.style.keepSpace && (len(all) == 0 || all[len(all)-1].r == ' ') {
				continue
			}
		}
		all = append(all, l)
	}
	for !keep && len(all) > 0 && all[len(all)-1].r == ' ' {
		all = all[:len(all)-1]
	}
	return all
}

// chunk draws letters that belong together and returns the rest, which goes on where
// they end.
func (c *canvas) chunk(letters, rest []letter, s state) []letter {
	at := point{}
	if p := letters[0].x; p != nil {
		at.x = *p
	}
	if p := letters[0].y; p != nil {
		at.y = *p
	}
	width := 0.0
	for _, l := range letters {
		width += l.dx + advance(l)
	}
	switch letters[0].style.anchor {
	case "middle":
		at.x -= width / 2
	case "end":
		at.x -= width
	}
	for _, l := range letters {
		at = at.add(point{l.dx, l.dy})
		c.letter(l, at, s)
		at.x += advance(l)
	}
	if len(rest) > 0 { // what gives one coordinate alone has the other from here
		if rest[0].x == nil {
			rest[0].x = &at.x
		}
		if rest[0].y == nil {
			rest[0].y = &at.y
		}
	}
	return rest
}

// glyph finds a character's shape, and how far the next one is, in parts of the font
// size.
func glyph(f *sfnt.Font, r rune) (segments sfnt.Segments, advance, scale float64, known bool) {
	var b sfnt.Buffer
	ppem := fixed.I(int(f.UnitsPerEm()))
	scale = 1 / (float64(f.UnitsPerEm()) * 64)
	index, err := f.GlyphIndex(&b, r)
	if err != nil {
		return nil, 0, scale, false
	}
	if a, err := f.GlyphAdvance(&b, index, ppem, font.HintingNone); err == nil {
		advance = float64(a) * scale
	}
	segments, err = f.LoadGlyph(&b, index, ppem, nil)
	return segments, advance, scale, err == nil && index != 0
}

func advance(l letter) float64 {
	_, a, _, _ := glyph(l.style.fontOf(), l.r)
	return a * l.style.fontSize
}

// letter draws one character with its baseline at a place.
func (c *canvas) letter(l letter, at point, s state) {
	if l.r == ' ' || l.style.fontSize <= 0 {
		return
	}
	c.d.count()
	segments, _, scale, known := glyph(l.style.fontOf(), l.r)
	if !known && unicode.IsPrint(l.r) {
		c.d.leave("letters for which there is no font here")
	}
	scale *= l.style.fontSize
	switch l.style.baseline {
	case "middle", "central":
		at.y += 0.35 * l.style.fontSize
	case "hanging", "text-before-edge", "text-top":
		at.y += 0.8 * l.style.fontSize
	case "text-after-edge", "ideographic", "text-bottom":
		at.y -= 0.2 * l.style.fontSize
	}
	on := func(p fixed.Point26_6) point { return point{float64(p.X) * scale, float64(p.Y) * scale} }
	var p path
	var pen point
	for _, g := range segments {
		switch g.Op {
		case sfnt.SegmentOpMoveTo:
			if len(p) > 0 {
				p.close()
			}
			pen = on(g.Args[0])
			p.moveTo(pen)
		case sfnt.SegmentOpLineTo:
			pen = on(g.Args[0])
			p.lineTo(pen)
		case sfnt.SegmentOpQuadTo:
			p.quadTo(pen, on(g.Args[0]), on(g.Args[1]))
			pen = on(g.Args[1])
		case sfnt.SegmentOpCubeTo:
			pen = on(g.Args[2])
			p.curveTo(on(g.Args[0]), on(g.Args[1]), pen)
		}
	}
	if len(p) == 0 {
		return
	}
	p.close()
	s.style = l.style
	s.m = s.m.times(matrix{1, 0, 0, 1, at.x, at.y})
	if l.turned != 0 {
		s.m = s.m.times(transform(fmt.Sprintf("rotate(%g)", l.turned)))
	}
	s.style.markers = [3]string{}
	c.shape(l.n, p, s)
}
