package ui

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/termimg"
)

// looks waits until the picture is there that is looked at.
func (p *person) looks() {
	p.t.Helper()
	p.until("a closer look", func() bool { return p.m.zoom != nil && p.m.zoom.detail != nil })
}

func TestZoomAttaches(t *testing.T) {
	t.Parallel()
	e := &fake{reply: say("Fine.")}
	p := open(t, Options{Setup: Setup{Engine: e}, Pictures: []*images.Picture{testPicture("/home/me/a.png", 96, 64)}})
	p.write("What is")
	p.press(keyCtrlO)
	p.looks()
	p.sees("the whole picture · 96×64 pixels · + comes nearer · a.png")
	p.press(keyEnter)
	p.sees("this is the whole picture")
	p.press(keyPlus, keyPlus, keyPlus)
	p.sees("24–75% across, 25–77% down · 49×33 pixels · Enter attaches · a.png")
	p.press(keyRight)
	p.press(slices.Repeat([]tea.KeyPressMsg{keyUp}, 20)...)
	p.sees("31–82% across, 0–52% down")
	p.press(keyEnter)
	p.idle()
	if got, want := p.chips(), []string{"a.png · 96×64", "a.png · at 30,0 · 49×33"}; !slices.Equal(got, want) {
		t.Errorf("chips %q, want %q", got, want)
	}
	p.enter(" there?") // what was written is still there
	p.sees("Fine.")
	parts := e.asked()[0].Messages[0].Parts
	if got, want := parts[1].Text, "a.png, the part from 31% to 82% of its width and from 0% to 52% of its height:"; got != want {
		t.Errorf("the place is %q", got)
	}
	whole, part := parts[0].Picture, parts[2].Picture
	if !slices.Equal(part.RGB()[:3*49], whole.RGB()[3*30:3*79]) {
		t.Error("other pixels than what was framed")
	}
	if got := parts[3].Text; got != "What is there?" {
		t.Errorf("asked %q", got)
	}
}

// While a picture is looked at, an answer goes on.
func TestZoomWhileAnswering(t *testing.T) {
	t.Parallel()
	more := make(chan string)
	reply := func(_ context.Context, _ engine.Request, yield yield) {
		for text := range more {
			yield(engine.Event{Kind: engine.Delta, Text: text}, nil)
		}
		yield(done(), nil)
	}
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: reply}}, Pictures: []*images.Picture{testPictureOf(96, 64)}})
	p.enter("What?")
	go func() { more <- "It is " }()
	p.sees("It is")
	p.press(keyCtrlO)
	p.looks()
	go func() { more <- "a disc."; close(more) }()
	p.idle()
	p.press(keyPlus, keyEsc)
	p.sees("It is a disc.")
	if len(p.m.attachments) != 0 {
		t.Errorf("attached %q", p.chips())
	}
}

func TestZoomChoosesPictures(t *testing.T) {
	t.Parallel()
	p := withPictures(t)
	p.enter("/zoom 3")
	p.looks()
	p.sees("60×60 pixels · + comes nearer · 3 of 3: old.png")
	p.press(keyTab)
	p.looks()
	p.sees("1 of 3: a.png")
	p.press(tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}, tea.KeyPressMsg{Code: '2', Text: "2"})
	p.looks()
	p.sees("2 of 3: b.png")
	p.press(tea.KeyPressMsg{Code: '7', Text: "7"})
	p.sees("there is no picture 7: there are 3")
	p.press(keyPlus, tea.KeyPressMsg{Code: 't', Text: "t"})
	p.idle()
	if got, want := p.chips()[2:], []string{
		"b.png · at 4,3 · 32×24", "b.png · at 4,3, top left part · 16×12", "b.png · at 4,3, top right part · 16×12",
		"b.png · at 4,3, bottom left part · 16×12", "b.png · at 4,3, bottom right part · 16×12",
	}; !slices.Equal(got, want) {
		t.Errorf("chips %q, want %q", got, want)
	}
	for _, written := range []string{"/zoom 12", "/crop 12", "/zoom me"} {
		p.m.composer.set("")
		p.enter(written)
		p.sees("There is no picture of this number.")
	}
	p.m.composer.set("")
	p.enter("/crop")
	p.looks()
	p.sees("2 of 8: b.png") // not a region, but the picture attached last
	p.send(tea.PasteMsg{Content: "words"})
	if p.m.zoom != nil || p.m.composer.value() != "words" {
		t.Errorf("the composer holds %q", p.m.composer.value())
	}
}

// The mouse frames what is seen next.
func TestZoomByMouse(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{}}, Pictures: []*images.Picture{testPicture("a.png", 80, 44)}})
	p.send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	p.press(keyCtrlO)
	p.looks()
	p.send(tea.MouseClickMsg{X: 10, Y: 5, Button: tea.MouseLeft})
	p.send(tea.MouseMotionMsg{X: 49, Y: 14, Button: tea.MouseLeft})
	before := p.m.View().Content
	p.send(tea.MouseMotionMsg{X: 29, Y: 14, Button: tea.MouseLeft})
	if p.m.View().Content == before {
		t.Error("the frame is not seen while it is drawn")
	}
	p.send(tea.MouseReleaseMsg{X: 29, Y: 14, Button: tea.MouseLeft})
	if got := p.m.zoom.view.rect().String(); got != "(10,10)-(30,30)" {
		t.Errorf("framed %s", got)
	}
	p.send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if got := p.m.zoom.view.rect().String(); got != "(8,8)-(33,33)" {
		t.Errorf("after the wheel %s", got)
	}
}

// Whatever keys are pressed, the frame stays within its picture and can be cut.
func TestViewfinderStaysWithin(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][2]int{{2, 2}, {3, 5000}, {5000, 2}, {96, 64}, {4032, 3024}} {
		v := newViewfinder(size[0], size[1])
		p := testPictureOf(size[0], size[1])
		for i := range 2000 {
			switch random.IntN(6) {
			case 0, 1:
				v.move(random.Float64()*2-1, random.Float64()*2-1)
			case 2:
				v.scale(1 / 1.25)
			case 3:
				v.scale(1.25)
			case 4:
				v.reshape(1.125, 1)
			case 5:
				v.reshape(1, 1/1.125)
			}
			r := v.rect()
			if !r.In(image.Rect(0, 0, size[0], size[1])) || r.Dx() < min(smallestView, size[0]) || r.Dy() < min(smallestView, size[1]) {
				t.Fatalf("%v after %d steps: %v", size, i, r)
			}
			if i%500 == 0 {
				if _, err := p.Crop(r); err != nil {
					t.Fatal(err)
				}
			}
		}
		for range 200 {
			v.scale(1.25)
		}
		if !v.whole() {
			t.Errorf("%v can't be seen whole again: %v", size, v.rect())
		}
	}
}

func testPictureOf(width, height int) *images.Picture { return testPicture("p.png", width, height) }

// In the view is what is framed of the picture, its pixels as they are, and in the
// corner the whole with the frame.
func TestZoomShowsTheRegion(t *testing.T) {
	t.Parallel()
	const width, height = 640, 480
	rgb := make([]byte, 0, 3*width*height)
	for y := range height {
		for x := range width {
			rgb = append(rgb, byte(x), byte(y), byte(x>>8<<4|y>>8))
		}
	}
	v := newViewfinder(width, height)
	v.take(termimg.Area{X: 300, Y: 200, Width: 40, Height: 22})
	terminal := termimg.Terminal{Method: termimg.Blocks, Profile: colorprofile.TrueColor}
	l := v.lay(terminal, 40, 11)
	g := glance{detail: termimg.NewDetail(rgb, width, height), view: v, terminal: terminal}
	got := g.paint(l)
	for y := range 22 {
		for x := range 40 {
			want := rgb[3*((200+y)*width+300+x):][:3]
			if px := got[3*(y*40+x):][:3]; (x < l.overview.Min.X-1 || y < l.overview.Min.Y-1) && !slices.Equal(px, want) {
				t.Fatalf("at %d,%d is %v instead of %v", x, y, px, want)
			}
		}
	}
	if l.overview.Dx() != 9 || l.overview.Dy() != 7 || !l.frame.In(l.overview) {
		t.Errorf("the overview is %v with %v", l.overview, l.frame)
	}
	if edge := l.frame.Min.Y*40 + l.frame.Min.X - 1; got[3*edge] != frameColour.R {
		t.Errorf("no frame at %v", l.frame)
	}
	// In a light terminal without colours what is empty is white, which is no ink.
	v.take(termimg.Area{X: 0, Y: 0, Width: 8, Height: 480})
	terminal = termimg.Terminal{Method: termimg.ASCII, Light: true}
	l = v.lay(terminal, 40, 11)
	g = glance{detail: g.detail, view: v, terminal: terminal}
	if got := g.paint(l); got[3*20] != 255 {
		t.Error("ink beside the picture")
	}
}

// The view fits every screen, with every way of drawing.
func TestZoomFits(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{2, 2}, {1, 1000}, {1000, 3}, {300, 200}} {
		for _, method := range []termimg.Method{termimg.ASCII, termimg.Blocks, termimg.Sixel, termimg.ITerm2, termimg.Kitty, termimg.Placeholders} {
			t.Run(fmt.Sprint(size, method), func(t *testing.T) {
				t.Parallel()
				if size[0] < 2 {
					size[0] = 2
				}
				s := stage{newModel(t.Context(), Options{
					Setup: Setup{Engine: &fake{}}, Preview: method, Output: newGraphics(80, 24),
					Pictures: []*images.Picture{testPictureOf(size[0], size[1])},
				})}
				s.m.terminal.facts.Env = func(string) string { return "" }
				s.send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor}, tea.WindowSizeMsg{Width: 80, Height: 24}, keyCtrlO)
				checkFits(t, s.m) // before it is made ready
				s.focuses()
				for _, width := range []int{1, 2, 5, 20, 40, 80, 300} {
					for _, height := range []int{1, 2, 3, 5, 8, 24, 100} {
						s.send(tea.WindowSizeMsg{Width: width, Height: height}, keyPlus, keyRight, keyDown)
						checkFits(t, s.m)
						s.send(tea.MouseClickMsg{X: width / 3, Y: height / 3, Button: tea.MouseLeft}, tea.MouseMotionMsg{X: width, Y: height})
						checkFits(t, s.m)
					}
				}
				s.send(keyMinus, keyEsc)
				if s.m.zoom != nil {
					t.Error("Esc does not leave")
				}
				checkFits(t, s.m)
			})
		}
	}
}

func TestZoomWithoutPreview(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{}}, Preview: termimg.Off, Pictures: []*images.Picture{testPictureOf(20, 20)}})
	p.enter("/zoom")
	p.sees("Pictures are not shown here")
	p = open(t, Options{Setup: Setup{Engine: &fake{}}})
	p.press(keyCtrlO)
	p.sees("There is no picture yet")
}

// Pixels of the view change in place: what is seen next is drawn over what was seen,
// and nothing of it stays when the view is left.
func TestZoomInPixels(t *testing.T) {
	t.Parallel()
	for _, method := range graphicsMethods {
		t.Run(string(method), func(t *testing.T) {
			t.Parallel()
			s := newShow(t, method, 60, 30)
			s.frame()
			s.rest()
			do := stage{s.m}
			do.send(keyCtrlO)
			do.focuses()
			s.frame()
			s.rest()
			for i := range 12 {
				do.send(keyPlus, keyRight)
				s.frame()
				if n := s.screen.drawn() + len(s.screen.placements) + s.screen.text("\U0010eeee"); n == 0 {
					t.Fatal("nothing is seen while the next is being drawn")
				}
				if i%3 == 0 { // others are skipped, as with a held key
					s.rest()
				}
			}
			if method == termimg.Kitty && len(s.screen.images) > 1 {
				t.Errorf("counts on kitty to keep what is not seen: %v", s.screen.images)
			}
			do.send(keyEsc)
			s.frame()
			s.rest()
			s.leave()
		})
	}
}

func TestZoomHelpFits(t *testing.T) {
	t.Parallel()
	s := newStage(80, 24)
	s.send(keyCtrlO)
	if screen := screenOf(s.m); !strings.Contains(screen, "← ↑ ↓ → move · + - scale · Esc back · t 2×2 tiles · Shift+→ Shift+← shape") {
		t.Errorf("the screen:\n%s", screen)
	}
}
