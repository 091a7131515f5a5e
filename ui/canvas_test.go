package ui

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/termimg"
)

// show is a chat on a terminal with graphics, drawn by Bubble Tea's renderer when
// a test says so.
type show struct {
	t        *testing.T
	m        *model
	screen   *graphics
	renderer *uv.TerminalRenderer
	output   bytes.Buffer
	cells    uv.ScreenBuffer
	drawings map[drawingOf]string // what pixels a picture has in a place
}

// drawingOf is a picture in a place.
type drawingOf struct {
	image *termimg.Image
	place string
}

func newShow(t *testing.T, method termimg.Method, width, height int) *show {
	t.Helper()
	screen := newGraphics(width, height)
	s := &show{t: t, screen: screen, drawings: map[drawingOf]string{}, m: newModel(context.Background(), Options{
		Setup:    Setup{Engine: &fake{}},
		Pictures: []*images.Picture{testPicture("/home/me/disc.png", 230, 150)},
		Preview:  method,
		Output:   screen,
	})}
	s.m.canvas.calm = time.Hour // pixels come when the test wants them
	s.cells = uv.NewScreenBuffer(width, height)
	s.restart()
	s.m.terminal.facts.Env = func(string) string { return "" }
	stage{s.m}.send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor}, tea.WindowSizeMsg{Width: width, Height: height})
	return s
}

// restart makes the renderer begin anew, as after a suspension.
func (s *show) restart() {
	s.output.Reset()
	s.renderer = uv.NewTerminalRenderer(&s.output, []string{"TERM=xterm-256color"})
	s.renderer.SetColorProfile(colorprofile.TrueColor)
	s.renderer.SetFullscreen(true)
	s.renderer.SetRelativeCursor(false)
	s.renderer.SetScrollOptim(true)
	s.renderer.Erase()
	s.output.WriteString(ansi.SetModeAltScreenSaveCursor)
}

func (s *show) resize(width, height int) {
	s.screen.mu.Lock()
	s.screen.resize(width, height)
	s.screen.mu.Unlock()
	s.renderer.Erase()
	s.renderer.Resize(width, height)
	s.cells.Touched = nil
	s.cells.Resize(width, height)
	stage{s.m}.send(tea.WindowSizeMsg{Width: width, Height: height})
}

// frame draws the chat as it is now, as Bubble Tea does at its next tick.
func (s *show) frame() {
	s.t.Helper()
	view := s.m.View()
	s.cells.Clear()
	uv.NewStyledString(view.Content).Draw(s.cells, s.cells.Bounds())
	s.renderer.Render(s.cells.RenderBuffer)
	if view.Cursor != nil {
		s.renderer.MoveTo(view.Cursor.X, view.Cursor.Y)
	}
	if err := s.renderer.Flush(); err != nil {
		s.t.Fatal(err)
	}
	if s.output.Len() > 0 {
		s.output.WriteString(ansi.ResetModeSynchronizedOutput)
		if _, err := s.m.canvas.Write(append([]byte(ansi.SetModeSynchronizedOutput), s.output.Bytes()...)); err != nil {
			s.t.Fatal(err)
		}
		s.output.Reset()
	}
	s.check(false)
}

// rest lets nothing move until all pixels are there.
func (s *show) rest() {
	s.t.Helper()
	s.m.canvas.draw()
	s.check(true)
}

// leave gives the terminal back, as the renderer does at the end.
func (s *show) leave() {
	s.t.Helper()
	if _, err := s.m.canvas.Write([]byte("\x1b[24;1H" + ansi.ResetModeAltScreenSaveCursor)); err != nil {
		s.t.Fatal(err)
	}
	s.m.canvas.draw()
	s.screen.mu.Lock()
	defer s.screen.mu.Unlock()
	if len(s.screen.images) > 0 || len(s.screen.placements) > 0 {
		s.t.Errorf("left behind: images %v, placements %v", s.screen.images, s.screen.placements)
	}
	for y := range s.screen.cells {
		for _, c := range s.screen.cells[y] {
			if c.drawing != "" {
				s.t.Fatalf("left pixels behind in row %d", y)
			}
		}
	}
}

// ideal is a terminal on which the pictures of a scene were drawn once.
func (s *show) ideal(sc scene) *graphics {
	g := newGraphics(s.screen.width, s.screen.height)
	for _, h := range sc.pictures {
		fmt.Fprint(g, h.image.Transmit(h.cols, len(h.lines), sc.terminal, h.shot.id))
		if sc.terminal.Placed() {
			key := drawingOf{h.image, fmt.Sprint(h.cols, len(h.lines), h.row, h.col, h.seen)}
			if _, there := s.drawings[key]; !there {
				s.drawings[key] = h.placed(sc.terminal)
			}
			fmt.Fprint(g, s.drawings[key])
		}
	}
	return g
}

// check holds the screen against what it should be: the text of the frame, and
// over it no pixels but those of pictures, in their places; all of them if nothing
// moves.
func (s *show) check(whole bool) {
	s.t.Helper()
	sc := s.m.scene(nil)
	ideal := s.ideal(sc)
	g := s.screen
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.broken != nil {
		s.t.Fatalf("the terminal was sent %q", g.broken)
	}
	for y := range g.cells {
		for x, have := range g.cells[y] {
			want := ideal.cells[y][x]
			switch {
			case have.drawing != "" && want.drawing != "" && s.m.zoom != nil && !whole:
				continue // of what was seen before, until the next is drawn over it
			case have.drawing != "" && (have.drawing != want.drawing || have.at != want.at):
				s.t.Fatalf("pixels that don't belong there in row %d, column %d", y, x)
			case whole && want.drawing != "" && have.drawing == "":
				s.t.Fatalf("no pixels in row %d, column %d", y, x)
			case have.drawing != "" || want.drawing != "" && whole:
				continue
			}
			text := ""
			if c := s.cells.CellAt(x, y); c != nil {
				text = ansi.Strip(c.Content)
			}
			if strings.TrimSpace(have.text) != strings.TrimSpace(text) && have.text != "\x00" && !s.blanked(x, y) {
				s.t.Fatalf("row %d, column %d has %q instead of %q", y, x, have.text, text)
			}
		}
	}
	if whole && !maps.Equal(g.placements, ideal.placements) {
		s.t.Fatalf("placed are %v instead of %v", g.placements, ideal.placements)
	}
	for id, p := range g.placements {
		if ideal.placements[id] != p {
			s.t.Fatalf("placed is %v instead of %v", p, ideal.placements[id])
		}
	}
	if len(g.images) > len(sc.kept) || whole && len(g.images) < len(ideal.images) {
		s.t.Fatalf("the terminal holds %d images of %d, and %d are seen", len(g.images), len(sc.kept), len(ideal.images))
	}
}

// blanked reports whether a cell lies beside pixels that don't fill their last
// cells: it is blank there while they are drawn.
func (s *show) blanked(x, y int) bool {
	for _, h := range s.m.canvas.drawn {
		r := h.rows()
		if r.from <= y && y < r.to && h.col <= x && x < h.col+h.cols {
			return true
		}
	}
	return false
}

var graphicsMethods = []termimg.Method{termimg.Sixel, termimg.ITerm2, termimg.Kitty, termimg.Placeholders}

// Whatever a person does, pixels are where the pictures are and nowhere else, text
// is as it should be, and nothing stays behind.
func TestPixelsFollowThePictures(t *testing.T) {
	t.Parallel()
	for _, method := range graphicsMethods {
		for seed := range uint64(4) {
			t.Run(fmt.Sprint(method, seed), func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(seed, 1))
				s := newShow(t, method, 60, 30)
				s.frame()
				s.rest()
				for range 60 {
					s.act(random)
					if random.IntN(3) > 0 {
						s.frame()
					}
					if random.IntN(4) == 0 {
						s.frame()
						s.rest()
					}
				}
				s.frame()
				s.leave()
			})
		}
	}
}

// act does something that a person or an engine may do.
func (s *show) act(random *rand.Rand) {
	do := stage{s.m}
	switch n := random.IntN(25); {
	case n < 5:
		do.send(tea.MouseWheelMsg{Button: tea.MouseWheelUp})
	case n < 8:
		do.send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	case n < 10:
		do.send(tea.KeyPressMsg{Code: 'a', Text: "a"}, keyAltEnter)
	case n < 12:
		s.m.say(&note{text: strings.Repeat("word ", 1+random.IntN(40))})
	case n == 12:
		do.send(keyPgUp)
	case n == 13:
		do.send(keyCtrlEnd)
	case n == 14:
		s.m.ask("what?")
		s.m.run, s.m.queue = nil, nil
	case n == 15:
		a := &attachment{source: "another.png", from: &request{}}
		s.m.attachments = append(s.m.attachments, a)
		p := testPicture(fmt.Sprintf("%d.png", random.Int()), 20+random.IntN(200), 20+random.IntN(200))
		do.send(attachedMsg{attachment: a, shots: []*shot{newShot(p)}})
		s.m.ask("and this?")
		s.m.run, s.m.queue = nil, nil
	case n == 16:
		s.resize(20+random.IntN(70), 4+random.IntN(40))
	case n == 17 && random.IntN(3) == 0:
		s.m.runCommand("clear", "")
	case n == 18:
		if s.m.closeDialog(); random.IntN(2) == 0 {
			s.m.runCommand("help", "")
		}
	case n == 19 && random.IntN(3) == 0:
		s.leave()
		s.restart()
	case n == 20:
		do.send(keyAltUp)
	case n == 21:
		do.send(keyAltDown)
	case n == 22:
		do.send(keyCtrlF, tea.KeyPressMsg{Code: 'n', Text: "n"}, keyDown)
	case n == 23:
		do.send(keyEsc)
	case n == 24:
		a := &answer{state: answered}
		a.think(strings.Repeat("thought ", 1+random.IntN(90)))
		s.m.transcript.add(a)
		do.send(keyCtrlT)
	}
}

// While an answer scrolls a picture, its pixels are not sent with each line; nor
// again by kitty's graphics, which are moved.
func TestScrollingSendsNoPixels(t *testing.T) {
	t.Parallel()
	for _, method := range graphicsMethods {
		t.Run(string(method), func(t *testing.T) {
			t.Parallel()
			s := newShow(t, method, 60, 30)
			s.frame()
			s.rest()
			sent := s.screen.bytes
			if sent == 0 {
				t.Fatal("no pixels were sent")
			}
			a := &answer{state: running}
			s.m.transcript.add(a)
			frames := 0
			for ; len(s.m.transcript.hung) > 0; frames++ {
				a.add(fmt.Sprintf("line %d\n", frames))
				s.frame()
			}
			s.rest()
			if frames < 20 {
				t.Fatalf("the picture was gone after %d frames", frames)
			}
			// A command that moves a picture has less than 200 bytes.
			if more := s.screen.bytes - sent; more > 200*frames || method != termimg.Kitty && more > 0 {
				t.Errorf("%d bytes were sent with %d frames", more, frames)
			}
		})
	}
}

// A frame that a terminal draws after its size has changed, as it was on its way, leaves
// margins of the old size. The next full drawing is not spoiled by them.
func TestMarginsOfAnotherSize(t *testing.T) {
	t.Parallel()
	terminal := vt.NewEmulator(10, 9)
	c := newCanvas(terminal, time.Hour)
	write := func(frame string) {
		if _, err := c.Write([]byte(frame)); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = terminal.WriteString("above\r\n")
	at := terminal.CursorPosition()
	write(ansi.SetModeAltScreenSaveCursor + "\x1b[H\x1b[2J" + "one")
	write("\x1b[2;4r\x1b[S\x1b[1;6r") // as it is with six rows
	write("\x1b[H\x1b[2J" + "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9")
	for y := range 9 {
		if got := terminal.CellAt(0, y).Content; got != fmt.Sprint(y+1) {
			t.Errorf("row %d has %q", y+1, got)
		}
	}
	write(ansi.ResetModeAltScreenSaveCursor)
	if terminal.CursorPosition() != at || terminal.CellAt(0, 0).Content != "a" {
		t.Error("the shell's screen is not as it was")
	}
}
