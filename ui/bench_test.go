package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/vlmchat/vlmchat/engine"
)

// longSession is a stage with so many messages of all kinds, the last of which is a
// question that waits for its answer.
func longSession(messages int) stage {
	s := newStage(120, 40)
	s.loaded()
	for i := range messages / 2 {
		s.enter(fmt.Sprintf("Question %d?", i))
		if i == messages/2-1 {
			break
		}
		s.hears(text(speech[i%len(speech)]), done())
		s.ends(nil)
	}
	return s
}

// speech is what a model says, with everything that is slow to draw.
var speech = []string{
	"A **yellow disc** stands before a dark blue sky; `r = 40`.\n\n- one\n- two\n  - three 红色的圆形\n\n> and a quote\n",
	"```go\n" + strings.Repeat("func area(r float64) float64 { return 3.14 * r * r } // of a \"disc\"\n", 40) + "```\nThat is all.\n",
	"| what | where | colour |\n|---|---|--:|\n" + strings.Repeat("| a disc | in the middle, a little above the ground | yellow |\n", 20) + "\nSee [here](https://example.com).\n",
	strings.Repeat("Some words of *one* long paragraph that goes on and on. ", 60) + "\n",
}

// renderer draws frames as Bubble Tea does, onto a canvas and into the void.
type renderer struct {
	screen *uv.TerminalRenderer
	cells  uv.ScreenBuffer
}

func newRenderer(m *model) *renderer {
	r := &renderer{uv.NewTerminalRenderer(newCanvas(io.Discard, time.Second), nil), uv.NewScreenBuffer(m.width, m.height)}
	r.screen.SetFullscreen(true)
	r.screen.SetColorProfile(colorprofile.TrueColor)
	return r
}

func (r *renderer) draw(b *testing.B, v tea.View) {
	r.cells.Clear()
	uv.NewStyledString(v.Content).Draw(r.cells, r.cells.Bounds())
	r.screen.Render(r.cells.RenderBuffer)
	if err := r.screen.Flush(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkLongSession is an answer that streams at 200 tokens a second at the end of a
// long session: for each frame of the screen, a message with what came meanwhile, the
// view, and what the renderer makes of it. What counts is the slowest of a hundred
// frames: it has to be there before the next one.
func BenchmarkLongSession(b *testing.B) {
	s := longSession(2000)
	const perFrame = 4 // tokens: 200/s at 60 frames a second are 3.3
	tokens := pieces(strings.Join(speech, "\n"))
	r := newRenderer(s.m)
	var times []time.Duration
	said := 0
	for b.Loop() {
		var events []engine.Event
		for range perFrame {
			events = append(events, text(tokens[said%len(tokens)]))
			said++
		}
		start := time.Now()
		s.hears(events...)
		r.draw(b, s.m.View())
		times = append(times, time.Since(start))
	}
	percentiles(b, times)
}

// BenchmarkLongSessionMoves is what a person does in a long session while an answer
// streams: scrolls, goes to its beginning and its end, changes the window's size.
func BenchmarkLongSessionMoves(b *testing.B) {
	s := longSession(2000)
	s.hears(text(speech[1]))
	var times []time.Duration
	for i := 0; b.Loop(); i++ {
		var msg tea.Msg
		switch i % 16 {
		case 0:
			msg = keyCtrlHome
		case 5:
			msg = tea.WindowSizeMsg{Width: 80 + i%40, Height: 30 + i%20}
		case 8:
			msg = keyCtrlEnd
		default:
			msg = keyPgUp
		}
		start := time.Now()
		s.send(msg)
		s.m.View()
		times = append(times, time.Since(start))
	}
	percentiles(b, times)
}

// pieces cuts a text into what might be tokens.
func pieces(text string) []string {
	var all []string
	for _, word := range strings.SplitAfter(text, " ") {
		for part := range slices.Chunk([]rune(word), 4) {
			all = append(all, string(part))
		}
	}
	return all
}

func percentiles(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	at := func(share float64) float64 {
		return float64(times[int(share*float64(len(times)-1))]) / float64(time.Millisecond)
	}
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(at(1), "max-ms")
	b.ReportMetric(0, "ns/op")
}
