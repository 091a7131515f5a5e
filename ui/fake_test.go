package ui

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// yield hands an event or an error to whoever asked.
type yield = func(engine.Event, error) bool

// fake is an engine that answers as a test tells it to.
type fake struct {
	reply func(ctx context.Context, r engine.Request, yield yield)
	fails error // of Info

	mu       sync.Mutex
	requests []engine.Request
	active   int
	overlap  bool // two Chats ran at once
}

var fakeInfo = engine.Info{Engine: "native", Model: "tiny-vlm", Device: "CPU", ContextSize: 2048}

func (f *fake) Info(context.Context) (engine.Info, error) { return fakeInfo, f.fails }

func (f *fake) Close() error { return nil }

func (f *fake) Chat(ctx context.Context, r engine.Request) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) {
		f.mu.Lock()
		f.requests = append(f.requests, r)
		f.active++
		f.overlap = f.overlap || f.active > 1
		f.mu.Unlock()
		f.reply(ctx, r, yield)
		f.mu.Lock()
		f.active--
		f.mu.Unlock()
	}
}

func (f *fake) asked() []engine.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests
}

// loader is a fake that loads first.
type loader struct {
	*fake
	load func(ctx context.Context, yield yield)
}

func (l loader) Load(ctx context.Context) iter.Seq2[engine.Event, error] {
	return func(yield func(engine.Event, error) bool) { l.load(ctx, yield) }
}

// say is a reply of some texts, all of a sudden.
func say(texts ...string) func(context.Context, engine.Request, yield) {
	return func(_ context.Context, _ engine.Request, yield yield) {
		for _, text := range texts {
			if !yield(engine.Event{Kind: engine.Delta, Text: text}, nil) {
				return
			}
		}
		yield(done(), nil)
	}
}

// sayThenHang says something and then nothing until it is cancelled.
func sayThenHang(text string) func(context.Context, engine.Request, yield) {
	return func(ctx context.Context, _ engine.Request, yield yield) {
		if text != "" && !yield(engine.Event{Kind: engine.Delta, Text: text}, nil) {
			return
		}
		<-ctx.Done()
	}
}

// refuse is a reply that is an error, perhaps after some text.
func refuse(text string, err error) func(context.Context, engine.Request, yield) {
	return func(_ context.Context, _ engine.Request, yield yield) {
		if text != "" {
			yield(engine.Event{Kind: engine.Delta, Text: text}, nil)
		}
		yield(engine.Event{}, err)
	}
}

func done() engine.Event {
	return engine.Event{Kind: engine.Done, Finish: engine.Stop, Usage: &engine.Usage{
		PromptTokens: 100, ImageTokens: 64, GeneratedTokens: 23,
		TTFT: 120 * time.Millisecond, GenerateTime: 44 * time.Millisecond,
	}}
}

// testPicture is a disc on two grounds.
func testPicture(source string, width, height int) *images.Picture {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{R: 10, G: 10, B: 60, A: 255}
			dx, dy := 2*x-width, 2*y-height
			if dx*dx+dy*dy < min(width, height)*min(width, height)/2 {
				c = color.RGBA{R: 255, G: 200, B: 40, A: 255}
			} else if y > height/2 {
				c = color.RGBA{R: 20, G: 110, B: 40, A: 255}
			}
			m.Set(x, y, c)
		}
	}
	var data bytes.Buffer
	if err := png.Encode(&data, m); err != nil {
		panic(err)
	}
	p, err := images.Decode(source, data.Bytes(), images.Limits{})
	if err != nil {
		panic(err)
	}
	return p
}

// attachTest knows every path but those with "missing" in them.
func attachTest(_ context.Context, source string) ([]*images.Picture, error) {
	if strings.Contains(source, "missing") {
		return nil, &engine.Error{Kind: engine.BadPicture, Message: source + ": no such file.", Hint: "Look again."}
	}
	return []*images.Picture{testPicture(source, 96, 64)}, nil
}

// person drives a model as the program does, without a terminal.
type person struct {
	t    *testing.T
	m    *model
	msgs chan tea.Msg
	ctx  context.Context
}

func open(t *testing.T, o Options) *person {
	t.Helper()
	if o.Attach == nil {
		o.Attach = attachTest
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	p := &person{t, newModel(ctx, o), make(chan tea.Msg), ctx}
	p.run(p.m.Init())
	p.send(tea.ColorProfileMsg{Profile: colorprofile.ASCII})
	p.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	return p
}

// run executes a command as Bubble Tea does, somewhere else.
func (p *person) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		if all, ok := msg.(tea.BatchMsg); ok {
			for _, c := range all {
				p.run(c)
			}
			return
		}
		select {
		case p.msgs <- msg:
		case <-p.ctx.Done():
		}
	}()
}

func (p *person) send(msg tea.Msg) {
	_, cmd := p.m.Update(msg)
	if f := p.m.fault; f != nil {
		p.t.Fatalf("%v\n%s", f, f.Stack)
	}
	p.run(cmd)
}

// until lets things happen until holds does.
func (p *person) until(what string, holds func() bool) {
	p.t.Helper()
	deadline := time.After(10 * time.Second)
	for !holds() {
		select {
		case msg := <-p.msgs:
			if msg != nil {
				p.send(msg)
			}
		case <-deadline:
			p.t.Fatalf("never came: %s; the screen:\n%s", what, p.screen())
		}
	}
}

// sees waits for a text on the screen.
func (p *person) sees(text string) {
	p.t.Helper()
	p.until(text, func() bool { return strings.Contains(p.screen(), text) })
}

// idle waits until nothing goes on.
func (p *person) idle() {
	p.t.Helper()
	p.until("idle", func() bool {
		return p.m.loading == nil && p.m.run == nil && p.m.queue == nil && !p.m.attachments.reading() && p.m.change == nil && p.m.search == nil && len(p.m.assignments) == 0 && !p.m.comparison.grows()
	})
}

func (p *person) press(keys ...tea.KeyPressMsg) {
	for _, k := range keys {
		p.send(k)
	}
}

func (p *person) write(text string) {
	for _, r := range text {
		p.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// enter writes a line and sends it.
func (p *person) enter(text string) {
	p.write(text)
	p.press(keyEnter)
}

// screen returns the view without colours, lines without blanks at their ends.
func (p *person) screen() string {
	lines := strings.Split(ansi.Strip(p.m.View().Content), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

var (
	keyEnter     = tea.KeyPressMsg{Code: tea.KeyEnter}
	keyAltEnter  = tea.KeyPressMsg{Code: tea.KeyEnter, Mod: tea.ModAlt}
	keyEsc       = tea.KeyPressMsg{Code: tea.KeyEscape}
	keyUp        = tea.KeyPressMsg{Code: tea.KeyUp}
	keyDown      = tea.KeyPressMsg{Code: tea.KeyDown}
	keyPgUp      = tea.KeyPressMsg{Code: tea.KeyPgUp}
	keyPgDown    = tea.KeyPressMsg{Code: tea.KeyPgDown}
	keyBackspace = tea.KeyPressMsg{Code: tea.KeyBackspace}
	keyCtrlC     = tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}
	keyCtrlO     = tea.KeyPressMsg{Code: 'o', Mod: tea.ModCtrl}
	keyCtrlT     = tea.KeyPressMsg{Code: 't', Mod: tea.ModCtrl}
	keyCtrlF     = tea.KeyPressMsg{Code: 'f', Mod: tea.ModCtrl}
	keyCtrlY     = tea.KeyPressMsg{Code: 'y', Mod: tea.ModCtrl}
	keyAltUp     = tea.KeyPressMsg{Code: tea.KeyUp, Mod: tea.ModAlt}
	keyAltDown   = tea.KeyPressMsg{Code: tea.KeyDown, Mod: tea.ModAlt}
	keyPlus      = tea.KeyPressMsg{Code: '+', Text: "+"}
	keyMinus     = tea.KeyPressMsg{Code: '-', Text: "-"}
	keyRight     = tea.KeyPressMsg{Code: tea.KeyRight}
	keyTab       = tea.KeyPressMsg{Code: tea.KeyTab}
	keyHome      = tea.KeyPressMsg{Code: tea.KeyHome}
	keyEnd       = tea.KeyPressMsg{Code: tea.KeyEnd}
	keyCtrlJ     = tea.KeyPressMsg{Code: 'j', Mod: tea.ModCtrl}
	keyCtrlHome  = tea.KeyPressMsg{Code: tea.KeyHome, Mod: tea.ModCtrl}
	keyCtrlEnd   = tea.KeyPressMsg{Code: tea.KeyEnd, Mod: tea.ModCtrl}
)

// turns writes a request's messages shortly: "user: [a.png] what?".
func turns(r engine.Request) []string {
	var all []string
	for _, m := range r.Messages {
		line := string(m.Role) + ":"
		for _, part := range m.Parts {
			if part.Picture != nil {
				line += " [" + part.Picture.Source + "]"
			} else {
				line += " " + part.Text
			}
		}
		all = append(all, line)
	}
	return all
}

var errOdd = errors.New("something odd")
