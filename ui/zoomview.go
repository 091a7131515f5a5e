package ui

import (
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/termimg"
)

// glance is everything that what is seen depends on.
type glance struct {
	detail   *termimg.Detail
	view     viewfinder
	drag     drag
	terminal termimg.Terminal
	cols     int
	rows     int
}

// zoomRoom returns how the view is drawn, and in how many cells.
func (m *model) zoomRoom() (t termimg.Terminal, cols, rows int) {
	return m.look, m.width, max(0, m.height-m.zoomLines())
}

// zoomLines is how many lines stand below the view.
func (m *model) zoomLines() int {
	const roomy = 6
	if m.height < roomy {
		return 1
	}
	return 2
}

// viewZoom draws the screen while a picture is looked at.
func (m *model) viewZoom(v *tea.View) {
	z := m.zoom
	lines := make([]string, max(0, m.height-m.zoomLines()))
	z.hung = nil
	if t, cols, rows := m.zoomRoom(); z.detail != nil && cols > 0 && rows > 0 {
		h := z.draw(t, cols, rows)
		copy(lines, h.lines)
		z.hung = append(z.hung, h)
	}
	about := " " + m.styles.strong.Render(z.about(m.keys.zoomView, m.width-2, m.styles))
	lines = append(lines, m.canvas.prepare(m.scene(nil))+about)
	if m.zoomLines() > 1 {
		if z.flash != "" {
			lines = append(lines, " "+m.styles.warning.Render(m.styles.cut(z.flash, m.width-2, "…")))
		} else {
			lines = append(lines, " "+m.styles.faint.Render(z.help(m.keys.zoomView, m.width-2, m.styles)))
		}
	}
	for i, line := range lines {
		lines[i] = m.styles.cut(line, m.width, "")
	}
	v.SetContent(strings.Join(lines, "\n"))
}

// draw returns the view in its place, for which pixels are made only when they are
// drawn: a held key does not wait for each of them.
func (z *zoom) draw(t termimg.Terminal, cols, rows int) hanging {
	now := glance{z.detail, z.view, drag{}, t, cols, rows}
	if z.drag != nil {
		now.drag = *z.drag
	}
	l := z.view.lay(t, cols, rows)
	if now != z.drawn {
		z.drawn = now
		z.image = termimg.Later(l.size.X, l.size.Y, func() []byte { return now.paint(l) })
	}
	if z.screen.id == 0 && graphical(t) {
		z.screen.id = termimg.NewID(t)
	}
	lines := z.image.Lines(l.cols, l.rows, t, z.screen.id)
	if t.Method == termimg.ASCII {
		lines = now.outline(l, lines)
	}
	return hanging{shot: z.screen, image: z.image, cols: l.cols, lines: lines, seen: termimg.Rows{To: l.rows}}
}

// about says what is framed, and which key goes on from there, what matters most first.
func (z *zoom) about(k zoomKeys, width int, st *styles) string {
	r := z.view.rect()
	of := func(x, side int) int { return (100*x + side/2) / side }
	place := fmt.Sprintf("%d–%d%% across, %d–%d%% down",
		of(r.Min.X, z.view.width), of(r.Max.X, z.view.width), of(r.Min.Y, z.view.height), of(r.Max.Y, z.view.height))
	then := hint("attaches", k.attach)
	if z.view.whole() {
		place, then = "the whole picture", hint("comes nearer", k.in)
	}
	name := z.shots[z.at].name
	if len(z.shots) > 1 {
		name = fmt.Sprintf("%d of %d: %s", z.at+1, len(z.shots), name)
	}
	return fitting(width, st, place, fmt.Sprintf("%d×%d pixels", r.Dx(), r.Dy()), then, name)
}

// help says what the keys do, what a person needs to be told of most first.
func (z *zoom) help(k zoomKeys, width int, st *styles) string {
	all := []string{
		hint("move", k.left, k.up, k.down, k.right), hint("scale", k.in, k.out), hint("back", k.leave), hint("2×2 tiles", k.tiles),
	}
	if len(z.shots) > 1 {
		all = append(all, hint("next", k.next))
	}
	all = append(all, hint("shape", k.wider, k.narrower), hint("all", k.all))
	return fitting(width, st, all...)
}

// fitting joins as many of the texts as there is room for, the first at any rate, but for
// those that are empty.
func fitting(width int, st *styles, texts ...string) string {
	texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
	for n := len(texts); n > 1; n-- {
		if line := strings.Join(texts[:n], dot); st.width(line) <= width {
			return line
		}
	}
	return st.cut(strings.Join(texts[:min(1, len(texts))], ""), max(0, width), "…")
}

var frameColour = color.RGBA{R: 255, G: 210, B: 40, A: 255}

// paint makes the pixels of the view: the region, the overview in a corner, in which
// what is not framed is dimmed, and the frame that the mouse draws.
func (g glance) paint(l layout) []byte {
	c := painting{l.size, make([]byte, 3*l.size.X*l.size.Y)}
	if g.terminal.Light {
		for i := range c.rgb {
			c.rgb[i] = 255
		}
	}
	c.put(l.region, g.detail.Part(g.view.area, l.region.Dx(), l.region.Dy()))
	lines := g.terminal.Method != termimg.ASCII // which gets them as characters
	thick := max(1, l.size.X/400)
	if o := l.overview; !o.Empty() {
		whole := termimg.Area{Width: float64(g.view.width), Height: float64(g.view.height)}
		c.put(o, g.detail.Part(whole, o.Dx(), o.Dy()))
		c.dim(o, l.frame)
		if lines {
			c.border(o.Inset(-thick), thick, color.RGBA{R: 128, G: 128, B: 128, A: 255})
			c.border(l.frame.Inset(-thick), thick, frameColour)
		}
	}
	if g.drag != (drag{}) && lines {
		c.border(l.cells(g.drag), thick, frameColour)
	}
	return c.rgb
}

// outline draws in characters what paint draws in lines of pixels.
func (g glance) outline(l layout, lines []string) []string {
	cells := make([][]rune, len(lines))
	for i, line := range lines {
		cells[i] = []rune(line)
	}
	box := func(r image.Rectangle) {
		set := func(x, y int, c rune) {
			if y >= 0 && y < len(cells) && x >= 0 && x < len(cells[y]) {
				cells[y][x] = c
			}
		}
		for x := r.Min.X; x < r.Max.X; x++ {
			set(x, r.Min.Y, '─')
			set(x, r.Max.Y-1, '─')
		}
		for y := r.Min.Y; y < r.Max.Y; y++ {
			set(r.Min.X, y, '│')
			set(r.Max.X-1, y, '│')
		}
		set(r.Min.X, r.Min.Y, '┌')
		set(r.Max.X-1, r.Min.Y, '┐')
		set(r.Min.X, r.Max.Y-1, '└')
		set(r.Max.X-1, r.Max.Y-1, '┘')
	}
	if !l.overview.Empty() {
		box(l.overview.Inset(-1))
		box(l.frame.Inset(-1))
	}
	if g.drag != (drag{}) {
		box(l.cells(g.drag))
	}
	for i := range cells {
		lines[i] = string(cells[i])
	}
	return lines
}

// painting is pixels that are painted on.
type painting struct {
	size image.Point
	rgb  []byte
}

// put copies pixels to a place.
func (c painting) put(at image.Rectangle, rgb []byte) {
	for y := range at.Dy() {
		copy(c.rgb[3*((at.Min.Y+y)*c.size.X+at.Min.X):], rgb[3*y*at.Dx():3*(y+1)*at.Dx()])
	}
}

// dim darkens a place but for a part of it.
func (c painting) dim(place, but image.Rectangle) {
	for y := place.Min.Y; y < place.Max.Y; y++ {
		for x := place.Min.X; x < place.Max.X; x++ {
			if !(image.Point{X: x, Y: y}).In(but) {
				i := 3 * (y*c.size.X + x)
				for k := i; k < i+3; k++ {
					c.rgb[k] /= 2
				}
			}
		}
	}
}

// border draws the edge of a place, within it.
func (c painting) border(r image.Rectangle, thick int, colour color.RGBA) {
	inner := r.Inset(thick)
	clipped := r.Intersect(image.Rectangle{Max: c.size})
	for y := clipped.Min.Y; y < clipped.Max.Y; y++ {
		for x := clipped.Min.X; x < clipped.Max.X; x++ {
			if !(image.Point{X: x, Y: y}).In(inner) {
				copy(c.rgb[3*(y*c.size.X+x):], []byte{colour.R, colour.G, colour.B})
			}
		}
	}
}
