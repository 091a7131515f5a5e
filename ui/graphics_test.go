package ui

import (
	"bytes"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
)

// graphics is a terminal that shows pictures, as far as a renderer and a canvas
// need one: text, cursor, scrolling regions, and the pixels that lie on cells. It is
// as unkind as the terminals that there are: whatever is written to a cell removes
// its pixels, scrolling removes kitty's placements, and clearing the screen frees
// the images that are placed nowhere.
type graphics struct {
	mu            sync.Mutex
	width, height int
	cell          [2]int // pixels
	cells         [][]cell
	x, y          int
	saved         [2]int
	top, bottom   int // of the scrolling region, both included
	parser        *ansi.Parser
	last          rune
	alt           bool

	images     map[string]string    // transmitted by kitty's protocol: id to the options
	placements map[string]placement // by id
	bytes      int                  // of pixels that came
	broken     []string             // what no terminal should get
	resized    bool                 // and the program has not drawn everything anew yet
}

// cell has text, and a part of a drawing: the one that is its cell number at.
type cell struct {
	text    string
	drawing string
	at      [2]int
}

type placement struct {
	x, y    int
	rows    int
	options string
}

func newGraphics(width, height int) *graphics {
	g := &graphics{cell: [2]int{10, 20}, parser: ansi.NewParser(), images: map[string]string{}, placements: map[string]placement{}}
	g.parser.SetDataSize(-1)
	g.parser.SetHandler(ansi.Handler{
		Print: g.print, Execute: g.control, HandleEsc: g.escape, HandleCsi: g.sequence,
		HandleDcs: g.sixel, HandleOsc: g.inline, HandleApc: g.kitty,
	})
	g.resize(width, height)
	return g
}

func (g *graphics) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.parser.Parse(p)
	if g.resized {
		g.broken = nil
	}
	return len(p), nil
}

func (g *graphics) resize(width, height int) {
	cells := make([][]cell, height)
	for y := range cells {
		cells[y] = make([]cell, width)
		if y < g.height {
			copy(cells[y], g.cells[y])
		}
	}
	g.width, g.height, g.cells, g.resized = width, height, cells, true
	g.top, g.bottom = 0, height-1
	g.x, g.y = min(g.x, width-1), min(g.y, height-1)
}

func (g *graphics) print(r rune) {
	g.last = r
	w := ansi.WcWidth.StringWidth(string(r))
	if w == 0 {
		if g.x > 0 {
			g.cells[g.y][g.x-1].text += string(r)
		}
		return
	}
	if g.x+w > g.width {
		g.broken = append(g.broken, fmt.Sprintf("text %q beyond the right margin of row %d", r, g.y))
		g.x = g.width - w
	}
	g.cells[g.y][g.x] = cell{text: string(r)}
	for i := 1; i < w; i++ {
		g.cells[g.y][g.x+i] = cell{text: "\x00"}
	}
	g.x += w
}

func (g *graphics) erase(y, from, to int) {
	for x := max(0, from); x < min(to, g.width); x++ {
		g.cells[y][x] = cell{}
	}
}

func (g *graphics) eraseRows(from, to int) {
	for y := max(0, from); y < min(to, g.height); y++ {
		g.erase(y, 0, g.width)
	}
}

// scroll moves the lines from top to bottom up by n, or down if it is negative.
func (g *graphics) scroll(top, bottom, n int) {
	maps.DeleteFunc(g.placements, func(_ string, p placement) bool { return p.y <= bottom && top < p.y+p.rows })
	region := g.cells[top : bottom+1]
	n = max(-len(region), min(n, len(region)))
	for range max(n, -n) {
		blank := make([]cell, g.width)
		if n > 0 {
			copy(region, region[1:])
			region[len(region)-1] = blank
		} else {
			copy(region[1:], region)
			region[0] = blank
		}
	}
}

func (g *graphics) down() {
	switch {
	case g.y == g.bottom:
		g.scroll(g.top, g.bottom, 1)
	case g.y < g.height-1:
		g.y++
	}
}

func (g *graphics) control(b byte) {
	switch b {
	case '\n':
		g.down()
	case '\r':
		g.x = 0
	case '\b':
		g.x = max(0, g.x-1)
	case '\t':
		g.x = min(g.width-1, (g.x/8+1)*8)
	}
}

func (g *graphics) escape(cmd ansi.Cmd) {
	switch cmd {
	case '7':
		g.saved = [2]int{g.x, g.y}
	case '8':
		g.x, g.y = g.saved[0], g.saved[1]
	case 'M':
		if g.y == g.top {
			g.scroll(g.top, g.bottom, -1)
		} else {
			g.y = max(0, g.y-1)
		}
	case 'D':
		g.down()
	}
}

func (g *graphics) sequence(cmd ansi.Cmd, params ansi.Params) {
	param := func(i, def int) int { n, _, _ := params.Param(i, def); return n }
	n := max(1, param(0, 1))
	g.x = min(g.x, g.width-1) // no wrap is pending any more
	switch cmd {
	case 'A':
		g.y = max(0, g.y-n)
	case 'B':
		g.y = min(g.height-1, g.y+n)
	case 'C':
		g.x = min(g.width-1, g.x+n)
	case 'D':
		g.x = max(0, g.x-n)
	case 'G', '`':
		g.x = min(g.width, n) - 1
	case 'd':
		g.y = min(g.height, n) - 1
	case 'H':
		g.y, g.x = min(g.height, n)-1, min(g.width, max(1, param(1, 1)))-1
	case 'J':
		switch param(0, 0) {
		case 0:
			g.erase(g.y, g.x, g.width)
			g.eraseRows(g.y+1, g.height)
		case 2:
			g.resized = false
			g.eraseRows(0, g.height)
			for id := range g.images {
				if !strings.Contains(g.images[id], "U=1") {
					delete(g.images, id)
				}
			}
			clear(g.placements)
		default:
			g.broken = append(g.broken, "an erase that is not known here")
		}
	case 'K':
		switch param(0, 0) {
		case 0:
			g.erase(g.y, g.x, g.width)
		case 1:
			g.erase(g.y, 0, g.x+1)
		case 2:
			g.erase(g.y, 0, g.width)
		}
	case 'X':
		g.erase(g.y, g.x, g.x+n)
	case 'P':
		row := g.cells[g.y]
		copy(row[g.x:], row[min(g.width, g.x+n):])
		g.erase(g.y, g.width-n, g.width)
	case '@':
		row := g.cells[g.y]
		copy(row[min(g.width, g.x+n):], row[g.x:])
		g.erase(g.y, g.x, g.x+n)
	case 'b':
		for range n {
			g.print(g.last)
		}
	case 'L':
		g.scroll(g.y, g.bottom, -n)
	case 'M':
		g.scroll(g.y, g.bottom, n)
	case 'S':
		g.scroll(g.top, g.bottom, n)
	case 'T':
		g.scroll(g.top, g.bottom, -n)
	case 'r':
		g.top, g.bottom = n-1, min(g.height, param(1, g.height))-1
		g.x, g.y = 0, 0
	case ansi.Cmd(ansi.Command('?', 0, 'h')), ansi.Cmd(ansi.Command('?', 0, 'l')):
		if param(0, 0) == 1049 {
			g.alt = cmd.Final() == 'h'
			g.eraseRows(0, g.height)
			clear(g.placements)
		}
	}
}

// put lays a drawing of some pixels on the cells from the cursor on.
func (g *graphics) put(drawing string, width, height int) {
	g.bytes += len(drawing)
	if g.y+height > g.height || g.x+width > g.width {
		g.broken = append(g.broken, fmt.Sprintf("a drawing of %d×%d cells at %d, %d", width, height, g.x, g.y))
		return
	}
	for y := range height {
		for x := range width {
			c := &g.cells[g.y+y][g.x+x]
			c.drawing, c.at = drawing, [2]int{x, y}
		}
	}
}

func (g *graphics) sixel(cmd ansi.Cmd, _ ansi.Params, data []byte) {
	if cmd.Final() != 'q' {
		return
	}
	var w, h int
	if _, err := fmt.Sscanf(string(data), "\"1;1;%d;%d", &w, &h); err != nil {
		g.broken = append(g.broken, "a sixel drawing without its size")
		return
	}
	g.put("sixel "+string(data), (w+g.cell[0]-1)/g.cell[0], (h+g.cell[1]-1)/g.cell[1])
	// Where terminals leave the cursor is anybody's guess.
	g.x, g.y = 0, g.height-1
}

func (g *graphics) inline(cmd int, data []byte) {
	if cmd != 1337 {
		return
	}
	var w, h int
	for option := range strings.SplitSeq(string(data), ";") {
		if v, ok := strings.CutPrefix(option, "width="); ok {
			w, _ = strconv.Atoi(v)
		}
		if v, ok := strings.CutPrefix(option, "height="); ok {
			h, _ = strconv.Atoi(v)
		}
	}
	g.put("iterm2 "+string(data), w, h)
}

func (g *graphics) kitty(data []byte) {
	options, found := bytes.CutPrefix(data, []byte("G"))
	if !found {
		g.broken = append(g.broken, fmt.Sprintf("an application's string: %q", data))
		return
	}
	g.bytes += len(data)
	options, _, _ = bytes.Cut(options, []byte(";"))
	values := map[string]string{}
	for option := range strings.SplitSeq(string(options), ",") {
		key, value, _ := strings.Cut(option, "=")
		values[key] = value
	}
	id := values["i"]
	if values["a"] != "q" && values["q"] != "2" {
		g.broken = append(g.broken, "a command that is answered: "+string(options))
	}
	switch values["a"] {
	case "t", "T":
		g.images[id] = string(options)
		delete(g.placements, id)
	case "p":
		if _, there := g.images[id]; !there {
			g.broken = append(g.broken, "an image is placed that is not there")
		}
		rows, _ := strconv.Atoi(values["r"])
		g.placements[id] = placement{g.x, g.y, rows, string(options)}
	case "d":
		delete(g.placements, id)
		if values["d"] == "I" {
			delete(g.images, id)
		}
	case "":
		if g.images == nil || id != "" {
			g.broken = append(g.broken, "an odd command: "+string(options))
		}
	}
}

// drawn counts the cells with pixels, text those that begin with a character.
func (g *graphics) drawn() int {
	return g.count(func(c cell) bool { return c.drawing != "" })
}

func (g *graphics) text(begin string) int {
	return g.count(func(c cell) bool { return strings.HasPrefix(c.text, begin) })
}

func (g *graphics) count(is func(c cell) bool) int {
	n := 0
	for _, row := range g.cells {
		for _, c := range row {
			if is(c) {
				n++
			}
		}
	}
	return n
}
