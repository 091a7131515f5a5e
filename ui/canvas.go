package ui

import (
	"bytes"
	"image"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"github.com/vlmchat/vlmchat/console"
	"github.com/vlmchat/vlmchat/termimg"
)

// hanging is a picture in its place on the screen.
type hanging struct {
	shot    *shot
	image   *termimg.Image // what is seen of it: of a shot that is looked at closely, ever another
	cols    int
	lines   []string     // of the whole picture: its text, on which pixels lie
	caption int          // lines below it, which say what it is
	row     int          // of the screen, where its first line is or would be
	col     int          // of the screen
	seen    termimg.Rows // the lines that are on the screen
}

// rows are those of the screen that the picture takes.
func (h hanging) rows() rows { return rows{h.row + h.seen.From, h.row + h.seen.To} }

// same reports whether two look alike.
func (h hanging) same(o hanging) bool { return h.image == o.image && h.inPlaceOf(o) }

// follows reports whether h is to be seen exactly where o was.
func (h hanging) follows(o hanging) bool { return h.image != o.image && h.inPlaceOf(o) }

func (h hanging) inPlaceOf(o hanging) bool {
	return h.shot == o.shot && h.cols == o.cols && len(h.lines) == len(o.lines) &&
		h.row == o.row && h.col == o.col && h.seen == o.seen
}

// scene is what a frame has of pictures.
type scene struct {
	terminal termimg.Terminal
	height   int       // of the screen
	pictures []hanging // that are on it
	kept     []*shot   // all that may come into view again
}

func (s scene) same(o scene) bool {
	return s.terminal == o.terminal && s.height == o.height &&
		slices.EqualFunc(s.pictures, o.pictures, hanging.same) && slices.Equal(s.kept, o.kept)
}

// keeps reports whether the pixels of a picture stay: it is still there, or another
// will be drawn over it.
func (s scene) keeps(h hanging) bool { return slices.ContainsFunc(s.pictures, h.inPlaceOf) }

// canvas is what the chat writes to: it passes on the renderer's frames and puts
// the pixels of pictures on them.
//
// The renderer knows nothing of pixels. It has text where a picture is, in half
// blocks or blank, and rewrites the cells that change; what lies there it neither
// moves nor removes. So the canvas looks at each frame before it goes out. Of a
// picture that the frame leaves where it is, and on whose rows it writes nothing,
// the pixels stay. From the others they are taken before, so that all cells are as
// the renderer believes; it may then scroll and overwrite them. They are drawn
// again when the picture has come to rest: what scrolls with each line of an answer
// would otherwise be sent with each line. Kitty's graphics are sent once, and
// moving them costs nothing, so they move with every frame.
//
// Which scene a frame has, it says itself, by a mark in its text (see prepare).
// Frames may be skipped, and a scene may be drawn up long before it is shown.
type canvas struct {
	out  io.Writer
	calm time.Duration // for how long a picture has to be still to have come to rest

	mu     sync.Mutex
	last   int           // scene that was drawn up
	scenes map[int]scene // that are not on the screen yet
	shown  scene
	open   bool // the chat has the screen
	watch  *watch
	drawn  []hanging          // those with pixels
	sent   map[*shot]sent     // what the terminal holds of pixels, by kitty's graphics
	known  map[*shot]struct{} // those that were drawn once
	timer  *time.Timer

	drawing sync.Mutex // held by who draws: the next one draws what there is to draw by then
}

// sent says at which size a picture was transmitted.
type sent struct {
	image      *termimg.Image
	cols, rows int
	terminal   termimg.Terminal
}

func newCanvas(out io.Writer, calm time.Duration) *canvas {
	return &canvas{out: out, calm: calm, scenes: map[int]scene{}, watch: newWatch(),
		sent: map[*shot]sent{}, known: map[*shot]struct{}{}}
}

// screen is a canvas on a terminal, which Bubble Tea asks for its size.
type screen struct {
	term.File
	canvas *canvas
}

func (s screen) Write(frame []byte) (int, error) { return s.canvas.Write(frame) }

// writer returns what Bubble Tea is to write to.
func (c *canvas) writer() io.Writer {
	if f, ok := c.out.(term.File); ok {
		return screen{f, c}
	}
	return c
}

// size is that of the terminal's window, in cells and in pixels, as far as the system
// knows it.
func (c *canvas) size() (cells, pixels image.Point) {
	if f, ok := c.out.(term.File); ok {
		return console.WindowSize(f.Fd())
	}
	return
}

// The mark is a string that terminals ignore and the renderer takes for a part of
// the cell behind it, which it therefore writes anew when the number changes. The
// canvas takes it out.
const (
	markBegin = "\x1b_vlmchat scene "
	markEnd   = "\x1b\\"
)

// wholeMargins has the terminal scroll within the whole screen, and moves the cursor home.
const wholeMargins = "\x1b[r"

// prepare takes the scene of a frame that is being drawn up, and returns what has
// to be somewhere in the frame's text.
func (c *canvas) prepare(next scene) (mark string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	previous, waits := c.scenes[c.last]
	if !waits {
		previous = c.shown
	}
	if !previous.same(next) {
		c.last++
		c.scenes[c.last] = next
	}
	if c.last == 0 {
		return "" // there never was a picture in pixels
	}
	return markBegin + strconv.Itoa(c.last) + markEnd
}

// Write passes on a frame, or whatever else the renderer writes at once.
func (c *canvas) Write(frame []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	length := len(frame)
	frame, turned := c.turn(frame)
	c.watch.follow(frame, c.shown.height)
	if c.watch.entered || c.watch.left {
		c.open = c.watch.entered
	}

	var before, after strings.Builder
	if c.watch.cleared && !c.watch.entered {
		// A frame that was on its way when the size changed has left its margins
		// behind, in which a line feed scrolls.
		before.WriteString(wholeMargins)
	}
	moved := c.takeDown(&before)
	c.release(&before)
	c.move(&after)
	c.wait(turned || moved)
	if _, err := c.out.Write(enclose(frame, before.String(), after.String())); err != nil {
		return 0, err
	}
	return length, nil
}

// turn takes the marks out of a frame, and turns to the scene that they name.
func (c *canvas) turn(frame []byte) (plain []byte, turned bool) {
	for {
		before, rest, found := bytes.Cut(frame, []byte(markBegin))
		if !found {
			return frame, turned
		}
		name, after, found := bytes.Cut(rest, []byte(markEnd))
		number, err := strconv.Atoi(string(name))
		if !found || err != nil {
			return frame, turned
		}
		if next, waits := c.scenes[number]; waits {
			turned = true
			c.shown = next
			maps.DeleteFunc(c.scenes, func(n int, _ scene) bool { return n <= number })
		}
		frame = slices.Concat(before, after)
	}
}

// takeDown takes the pixels from where a frame will write, and from where it has
// no picture any more. It reports whether there were any.
func (c *canvas) takeDown(out *strings.Builder) bool {
	n := len(c.drawn)
	c.drawn = slices.DeleteFunc(c.drawn, func(h hanging) bool {
		if c.open && c.shown.keeps(h) && !c.watch.changes(h.rows()) {
			return false
		}
		held, kitty := c.sent[h.shot]
		switch {
		case kitty:
			out.WriteString(termimg.Erase(h.shot.id, held.terminal))
		case !c.watch.cleared:
			out.WriteString(h.restored())
		}
		return true
	})
	return len(c.drawn) < n
}

// release has the terminal forget the pictures that are of no use any more, and at
// the end all of them.
func (c *canvas) release(out *strings.Builder) {
	for shot, held := range c.sent {
		switch {
		case !c.open, held.terminal != c.shown.terminal, !slices.Contains(c.shown.kept, shot):
			out.WriteString(termimg.Delete(shot.id, held.terminal))
		case c.watch.cleared && held.terminal.Method == termimg.Kitty:
			// With the screen, kitty forgets what is placed nowhere.
		default:
			continue
		}
		delete(c.sent, shot)
	}
	maps.DeleteFunc(c.known, func(shot *shot, _ struct{}) bool { return !slices.Contains(c.shown.kept, shot) })
}

// move draws what the terminal holds already.
func (c *canvas) move(out *strings.Builder) {
	for _, h := range c.pending() {
		if c.holds(h) {
			out.WriteString(h.placed(c.shown.terminal))
			c.drawn = append(c.drawn, h)
		}
	}
}

// holds reports whether the terminal has a picture's pixels.
func (c *canvas) holds(h hanging) bool {
	return c.sent[h.shot] == sent{h.image, h.cols, len(h.lines), c.shown.terminal}
}

// pending returns the pictures on the screen that lack their pixels.
func (c *canvas) pending() []hanging {
	if !c.open {
		return nil
	}
	var all []hanging
	for _, h := range c.shown.pictures {
		if c.shown.terminal.Placed() && !slices.ContainsFunc(c.drawn, h.same) ||
			c.shown.terminal.Method == termimg.Placeholders && !c.holds(h) {
			all = append(all, h)
		}
	}
	return all
}

// wait sees to it that pixels are drawn once nothing moves any more: at once those
// of a picture that was never seen, so that it is there as soon as it can.
func (c *canvas) wait(moved bool) {
	pending := c.pending()
	switch {
	case len(pending) == 0:
		if c.timer != nil {
			c.timer.Stop()
			c.timer = nil
		}
		return
	case c.timer != nil && !moved && !slices.ContainsFunc(pending, func(h hanging) bool { return c.watch.changes(h.rows()) }):
		return // something else on the screen has changed
	case c.timer != nil:
		c.timer.Stop()
	}
	calm := c.calm
	switch {
	case slices.ContainsFunc(pending, func(h hanging) bool { _, known := c.known[h.shot]; return !known }):
		calm = 0
	case !slices.ContainsFunc(pending, func(h hanging) bool { return !c.replaces(h) }):
		calm /= 4 // a person is steering what is seen
	}
	c.timer = time.AfterFunc(calm, c.draw)
}

// replaces reports whether a picture is drawn over another, or in place of it.
func (c *canvas) replaces(h hanging) bool {
	held, there := c.sent[h.shot]
	return there && held.image != h.image || slices.ContainsFunc(c.drawn, h.follows)
}

// draw draws what has come to rest. Making pixels takes its time, in which frames
// go on; what has moved by then waits again.
func (c *canvas) draw() {
	c.drawing.Lock()
	defer c.drawing.Unlock()
	c.mu.Lock()
	c.timer = nil
	todo, terminal := c.pending(), c.shown.terminal
	over := make([]bool, len(todo))
	for i, h := range todo {
		over[i] = c.replaces(h)
	}
	c.mu.Unlock()

	pixels := make([]string, len(todo))
	for i, h := range todo {
		pixels[i] = h.pixels(terminal, over[i])
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shown.terminal != terminal {
		return
	}
	var out strings.Builder
	for i, h := range todo {
		if !slices.ContainsFunc(c.pending(), h.same) {
			continue
		}
		c.forgetUnseen(&out)
		c.known[h.shot] = struct{}{}
		out.WriteString(pixels[i])
		if terminal.Method == termimg.Kitty || terminal.Method == termimg.Placeholders {
			c.sent[h.shot] = sent{h.image, h.cols, len(h.lines), terminal}
		}
		if terminal.Placed() {
			c.drawn = append(slices.DeleteFunc(c.drawn, h.follows), h)
		}
	}
	// An error shows again at the next frame, which Bubble Tea hears of.
	_, _ = io.WriteString(c.out, out.String())
}

// forgetUnseen has kitty forget, by its older graphics, what is placed nowhere when
// more is about to be transmitted: it may do so by itself, and does not say.
func (c *canvas) forgetUnseen(out *strings.Builder) {
	for shot, held := range c.sent {
		placed := func(h hanging) bool { return h.shot == shot }
		if held.terminal.Method == termimg.Kitty && !slices.ContainsFunc(c.drawn, placed) {
			out.WriteString(termimg.Delete(shot.id, held.terminal))
			delete(c.sent, shot)
		}
	}
}

// pixels returns what draws a picture anew, perhaps over another one.
func (h hanging) pixels(t termimg.Terminal, over bool) string {
	out := h.image.Transmit(h.cols, len(h.lines), t, h.shot.id)
	if !t.Placed() {
		return out
	}
	if t.Method != termimg.Kitty && !over {
		// What is not filled to the edge must not show the text below.
		out += h.each(func(int) string { return ansi.EraseCharacter(h.cols) })
	}
	return out + h.placed(t)
}

// placed returns what draws the pixels that are to be seen.
func (h hanging) placed(t termimg.Terminal) string {
	return h.image.DrawAt(image.Pt(h.col, h.row+h.seen.From), h.cols, len(h.lines), h.seen, t, h.shot.id)
}

// restored returns what brings the text back in place of the pixels.
func (h hanging) restored() string {
	return h.each(func(i int) string { return h.lines[i] })
}

// each writes something at the beginning of each line that is seen.
func (h hanging) each(what func(i int) string) string {
	out := ansi.SaveCursor
	for i := h.seen.From; i < h.seen.To; i++ {
		out += ansi.CursorPosition(h.col+1, h.row+i+1) + what(i)
	}
	return out + ansi.RestoreCursor
}

// enclose puts something before and after a frame, within its synchronized update if
// it is one.
func enclose(frame []byte, before, after string) []byte {
	if before == "" && after == "" {
		return frame
	}
	if rest, ok := bytes.CutPrefix(frame, []byte(ansi.SetModeSynchronizedOutput)); ok {
		frame, before = rest, ansi.SetModeSynchronizedOutput+before
	}
	if rest, ok := bytes.CutSuffix(frame, []byte(ansi.ResetModeSynchronizedOutput)); ok {
		frame, after = rest, after+ansi.ResetModeSynchronizedOutput
	}
	return slices.Concat([]byte(before), frame, []byte(after))
}
