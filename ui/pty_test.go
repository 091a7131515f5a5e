//go:build !windows

package ui

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/ui/ptytest"
)

// patience is how long the slowest of machines gets.
const patience = 30 * time.Second

// child, in the environment, makes the test binary the program under test: a chat
// with an engine that counts for ever when told to.
const child = "VLMCHAT_UI_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(child) == "" {
		os.Exit(m.Run())
	}
	err := Run(context.Background(), Options{
		Setup: Setup{
			Engine: loader{&fake{reply: childReply}, func(_ context.Context, yield yield) { yield(engine.Event{Kind: engine.Load, Progress: 1}, nil) }},
			Notice: "The demo model.",
		},
		Pictures: []*images.Picture{testPicture("/home/me/disc.png", 96, 64)},
		Attach:   attachTest,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func childReply(ctx context.Context, r engine.Request, yield yield) {
	last := r.Messages[len(r.Messages)-1]
	question := last.Parts[len(last.Parts)-1].Text
	if question == "panic" {
		panic("an engine's mistake")
	}
	if !strings.HasPrefix(question, "count") {
		say(fmt.Sprintf("You said %q, ", question), fmt.Sprintf("with %d pictures.", len(engine.Pictures(r.Messages))))(ctx, r, yield)
		return
	}
	for i := 1; ctx.Err() == nil; i++ {
		if !yield(engine.Event{Kind: engine.Delta, Text: fmt.Sprintf("number %d\n", i)}, nil) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func startChild(t *testing.T, env ...string) *ptytest.Terminal {
	t.Helper()
	return startChildOn(t, nil, env...)
}

func startChildOn(t *testing.T, model ptytest.Model, env ...string) *ptytest.Terminal {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(append(os.Environ(), plainSurroundings...), child+"=1"), env...)
	return ptytest.StartOn(t, model, cmd, 80, 24)
}

// plainSurroundings hides what the person who runs the tests has for a terminal.
var plainSurroundings = []string{"TMUX=", "TERM_PROGRAM=", "LC_TERMINAL=", "NO_COLOR=", "SSH_CONNECTION=", "SSH_TTY="}

// leaves checks that the program ends well and the terminal is as it was.
func leaves(t *testing.T, p *ptytest.Terminal) {
	t.Helper()
	if code := p.Wait(patience); code != 0 {
		t.Errorf("exit code %d; the screen:\n%s", code, p.Screen())
	}
	if left := p.Leftovers(); left != nil {
		t.Errorf("the program left behind: %q", left)
	}
	if screen := strings.TrimSpace(p.Screen()); screen != "" {
		t.Errorf("the program left on the screen:\n%s", screen)
	}
}

// ended reports whether nothing goes on, by the line at the bottom.
func ended(screen string) bool {
	return strings.Contains(screen[strings.LastIndex(screen, "\n")+1:], "ctx ")
}

func TestTerminalConversation(t *testing.T) {
	t.Parallel()
	p := startChild(t)
	p.WaitFor("The demo model.", patience)
	p.WaitFor("disc.png · 96×64", patience)
	p.WaitFor("▀▀▀▀▀▀▀▀", patience)

	p.Type("What is it?" + ptytest.Enter)
	p.WaitFor(`You said "What is it?", with 1 pictures.`, patience)
	p.WaitUntil("the end of the answer", patience, ended)

	p.Type("count" + ptytest.Enter)
	p.WaitFor("number ", patience)
	p.Type(ptytest.Escape)
	p.WaitFor("■ stopped", patience)

	p.Type("/attach /home/me/another one.png" + ptytest.Enter)
	p.WaitFor("another one.png · 96×64", patience)
	p.Type("And this?" + ptytest.Enter)
	p.WaitFor(`You said "And this?", with 2 pictures.`, patience)
	p.WaitUntil("the end of the answer", patience, ended)

	p.Paste("'/home/me/third.png' ")
	p.WaitFor("third.png · 96×64", patience)
	p.Paste("two\nlines")
	p.WaitFor("› two\n  lines", patience)
	p.Type(ptytest.Enter)
	p.WaitFor(`You said "two\nlines", with 3 pictures.`, patience)

	p.Type("/quit" + ptytest.Enter)
	leaves(t, p)
}

func TestTerminalResize(t *testing.T) {
	t.Parallel()
	p := startChild(t)
	p.WaitFor("The demo model.", patience)
	p.Type("count" + ptytest.Enter)
	p.WaitFor("number ", patience)
	for _, size := range [][2]int{{40, 12}, {20, 5}, {3, 2}, {120, 40}, {40, 12}} {
		p.Resize(size[0], size[1])
	}
	p.WaitUntil("the small screen's rule", patience, func(screen string) bool {
		return strings.Contains(screen, "\n"+strings.Repeat("─", 40)+"\n")
	})
	p.Type(ptytest.PageUp)
	p.WaitFor("↓ ", patience)
	p.Type(ptytest.CtrlC)
	p.WaitFor("press Ctrl+C again to quit", patience)
	p.Type(ptytest.CtrlC)
	leaves(t, p)
}

// After any sizes, at any moment of an answer, the screen is what it would be if it were
// drawn anew.
func TestTerminalResizeStorm(t *testing.T) {
	t.Parallel()
	for name, model := range map[string]ptytest.Model{"half blocks": nil, "sixel": ptytest.XTerm, "placeholders": ptytest.Kitty} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startChildOn(t, model)
			p.WaitFor("disc.png · 96×64", patience)
			random := rand.New(rand.NewPCG(8, 1))
			for range 4 {
				p.Type("count" + ptytest.Enter)
				p.WaitFor("number ", patience)
				for range 25 {
					p.Resize(1+random.IntN(160), 1+random.IntN(50))
					time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond)
				}
				p.Resize(20+random.IntN(100), 12+random.IntN(30))
				p.Type(ptytest.Escape)
				p.WaitFor("■ stopped", patience)
				p.WaitFor("› Type a question", patience)
				p.WaitUntil("the screen at rest", patience, still())
				was, written := p.Screen(), len(p.Raw())
				p.Type("\x0c") // Ctrl+L
				p.WaitUntil("a new drawing", patience, func(string) bool { return len(p.Raw()) > written })
				p.WaitUntil("the screen at rest", patience, still())
				if again := p.Screen(); again != was {
					t.Fatalf("the screen was\n%s\n\ndrawn anew it is\n%s", was, again)
				}
			}
			p.Type("/quit" + ptytest.Enter)
			leaves(t, p)
		})
	}
}

// still returns what reports whether a screen has been the same for a while.
func still() func(screen string) bool {
	last, since := "", time.Now()
	return func(screen string) bool {
		if screen != last {
			last, since = screen, time.Now()
		}
		return time.Since(since) > 300*time.Millisecond
	}
}

// Without colours there is none in the picture either.
func TestTerminalNoColor(t *testing.T) {
	t.Parallel()
	p := startChild(t, "NO_COLOR=yes")
	p.WaitFor("disc.png · 96×64", patience)
	p.WaitFor("########", patience)
	p.Type("/quit" + ptytest.Enter)
	leaves(t, p)
	for _, sequence := range []string{"\x1b[38;", "\x1b[48;", "▀"} {
		if bytes.Contains(p.Raw(), []byte(sequence)) {
			t.Errorf("wrote %q", sequence)
		}
	}
}

// Ctrl+Z gives the terminal to the shell, from a dialog too, and fg brings the chat back.
func TestTerminalSuspend(t *testing.T) {
	t.Parallel()
	for name, where := range map[string]struct{ enter, sees, leave string }{
		"chat":   {"", "The demo model.", ""},
		"dialog": {"\x10", "/attach", ptytest.Escape}, // Ctrl+P
		"zoom":   {"\x0f", "the whole picture", ptytest.Escape},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command("sh", "-c", `set -m; "$0"; echo in the shell; fg >/dev/null`, os.Args[0])
			cmd.Env = append(os.Environ(), child+"=1")
			p := ptytest.Start(t, cmd, 80, 24)
			p.WaitFor("The demo model.", patience)
			p.Type(where.enter)
			p.WaitFor(where.sees, patience)
			p.Type(ptytest.CtrlZ)
			p.WaitUntil("the shell", patience, func(string) bool {
				return bytes.Contains(p.Raw(), []byte("in the shell"))
			})
			p.WaitFor(where.sees, patience)
			p.Type(where.leave)
			p.WaitFor("The demo model.", patience)
			p.WaitFor("Type a question", patience)
			p.Type("What is it?" + ptytest.Enter)
			p.WaitFor(`You said "What is it?", with 1 pictures.`, patience)
			p.Type("/quit" + ptytest.Enter)
			if code := p.Wait(patience); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if left := p.Leftovers(); left != nil {
				t.Errorf("the program left behind: %q", left)
			}
		})
	}
}

// Where no shell waits, Ctrl+Z must not stop what nobody could bring back.
func TestTerminalSuspendNowhere(t *testing.T) {
	t.Parallel()
	p := startChild(t)
	p.WaitFor("The demo model.", patience)
	p.Type(ptytest.CtrlZ)
	p.Type("What is it?" + ptytest.Enter)
	p.WaitFor(`You said "What is it?", with 1 pictures.`, patience)
	p.Type("/quit" + ptytest.Enter)
	leaves(t, p)
}

// A signal ends the chat as cleanly, and the caller learns of it.
func TestTerminalSignal(t *testing.T) {
	t.Parallel()
	p := startChild(t)
	p.WaitFor("The demo model.", patience)
	p.Signal(syscall.SIGINT)
	if code := p.Wait(patience); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if left := p.Leftovers(); left != nil {
		t.Errorf("the program left behind: %q", left)
	}
	p.WaitFor("context canceled", patience)
}

// Even a panic gives the terminal back.
func TestTerminalPanic(t *testing.T) {
	t.Parallel()
	p := startChild(t)
	p.WaitFor("The demo model.", patience)
	p.Type("panic" + ptytest.Enter)
	if code := p.Wait(patience); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if left := p.Leftovers(); left != nil {
		t.Errorf("the program left behind: %q", left)
	}
	if screen := p.Screen(); !strings.Contains(screen, "a mistake of its own: an engine's mistake") || strings.Contains(screen, "goroutine") {
		t.Errorf("a person reads:\n%s", screen)
	}
}

// A mistake while the screen is drawn ends the chat as well, with what was being
// written.
func TestFaultInView(t *testing.T) {
	t.Parallel()
	var told []tea.Msg
	heard := make(chan struct{})
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}})
	p.idle()
	p.write("half a question")
	p.m.send = func(msg tea.Msg) { told = append(told, msg); close(heard) }
	p.m.transcript.add(nil)
	p.m.transcript.toEnd()
	p.m.View()
	<-heard
	if _, cmd := p.m.Update(told[0]); cmd == nil {
		t.Error("the chat goes on")
	}
	if f := p.m.fault; f == nil || f.Draft != "half a question" {
		t.Errorf("the fault is %+v", f)
	}
}

// A terminal may not tell how large its cells are, as xterm is set: then the system
// knows, and knows it anew when the font is another one.
func TestTerminalCellSize(t *testing.T) {
	t.Parallel()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatalf("no pseudo-terminal: %v", err)
	}
	defer master.Close()
	defer slave.Close()
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Output: slave})
	for _, cell := range []image.Point{{X: 8, Y: 17}, {X: 12, Y: 23}} {
		window := &pty.Winsize{Cols: 80, Rows: 24, X: uint16(80 * cell.X), Y: uint16(24 * cell.Y)}
		if err := pty.Setsize(master, window); err != nil {
			t.Fatal(err)
		}
		p.send(tea.WindowSizeMsg{Width: 80, Height: 24})
		if p.m.look.Cell != cell {
			t.Errorf("a cell has %v, want %v", p.m.look.Cell, cell)
		}
	}
}

// A region is chosen by eye, and goes with the next question.
func TestTerminalZoom(t *testing.T) {
	t.Parallel()
	for name, model := range map[string]ptytest.Model{
		"half blocks": nil, "sixel": ptytest.XTerm, "placeholders": ptytest.Kitty, "kitty": ptytest.OldKitty, "iterm2": ptytest.ITerm2,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startChildOn(t, model)
			p.WaitFor("disc.png · 96×64", patience)
			p.Type("And here?\x0f") // Ctrl+O
			p.WaitFor("the whole picture", patience)
			p.Type("+++" + ptytest.Up + "\x1b[C\x1b[C\x1b[1;2C") // right, right, Shift+right
			p.WaitFor("35–93% across, 17–69% down · 55×33 pixels", patience)
			p.Resize(60, 20)
			p.WaitFor("← ↑ ↓ → move · + - scale · Esc back · t 2×2 tiles", patience)
			p.Type(ptytest.Enter)
			p.WaitFor("[disc.png · 96×64]× [disc.png · at 34,11 · 55×33]×", patience)
			p.Type(ptytest.Enter)
			p.WaitFor(`You said "And here?", with 2 pictures.`, patience)
			p.Type("/quit" + ptytest.Enter)
			leaves(t, p)
			if model == nil {
				return
			}
			g := replay(p)
			if len(g.images) > 0 || len(g.placements) > 0 || g.drawn() > 0 {
				t.Errorf("left %v, %v", g.images, g.placements)
			}
		})
	}
}

// replay shows a program's output on a terminal with graphics.
func replay(p *ptytest.Terminal) *graphics {
	g := newGraphics(80, 24)
	_, _ = g.Write(p.Raw())
	return g
}

// Terminals with graphics are found by what they answer, show the picture where it
// is, and have nothing of it when the chat is over.
func TestTerminalGraphics(t *testing.T) {
	t.Parallel()
	for name, model := range map[string]ptytest.Model{
		"sixel": ptytest.XTerm, "placeholders": ptytest.Kitty, "kitty": ptytest.OldKitty, "iterm2": ptytest.ITerm2,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startChildOn(t, model)
			p.WaitFor("disc.png · 96×64", patience)
			p.WaitUntil("pixels", patience, func(string) bool { return replay(p).pixels() })

			p.Type("count" + ptytest.Enter)
			p.WaitFor("number 40", patience)
			p.Type(ptytest.Escape)
			p.WaitFor("■ stopped", patience)
			p.WaitUntil("no pixels", patience, func(string) bool { g := replay(p); return g.drawn() == 0 && len(g.placements) == 0 })
			p.Type("\x1b[1;5H") // Ctrl+Home
			p.WaitFor("The demo model.", patience)
			p.WaitUntil("pixels", patience, func(string) bool { return replay(p).pixels() })

			p.Type("/quit" + ptytest.Enter)
			leaves(t, p)
			g := replay(p)
			if g.broken != nil || len(g.images) > 0 || len(g.placements) > 0 || g.alt {
				t.Errorf("broken %q; left %v, %v", g.broken, g.images, g.placements)
			}
		})
	}
}

// pixels reports whether a whole picture of ten columns and four rows is to be seen:
// one of 96 by 64 pixels.
func (g *graphics) pixels() bool {
	for _, image := range g.images {
		if strings.Contains(image, "U=1,c=10,r=4") && g.text("\U0010eeee") == 40 {
			return true
		}
	}
	return g.drawn() == 40 || len(g.placements) == 1
}

// What was said is selected, copied by the terminal and found, with a terminal's keys.
func TestTerminalMoving(t *testing.T) {
	t.Parallel()
	p := startChild(t)
	p.WaitFor("The demo model.", patience)
	p.Type("What is it?" + ptytest.Enter)
	p.WaitFor(`You said "What is it?", with 1 pictures.`, patience)
	p.WaitUntil("the end of the answer", patience, ended)

	const altUp = "\x1b[1;3A"
	p.Type(altUp)
	p.WaitFor("▌ You said", patience)
	p.Type("c")
	p.WaitFor("copied the message (40 characters) by the terminal", patience)
	p.WaitUntil("it in the terminal", patience, func(string) bool {
		return bytes.Contains(p.Raw(), []byte(ansi.SetSystemClipboard(`You said "What is it?", with 1 pictures.`)))
	})
	const ctrlF = "\x06"
	p.Type(ptytest.Escape)
	p.WaitUntil("nothing selected", patience, func(screen string) bool { return !strings.Contains(screen, "▌") })
	p.Type(ctrlF)
	p.Type("what")
	p.WaitFor("1 of 2", patience)
	p.Type(ptytest.Down)
	p.WaitFor("2 of 2", patience)
	p.Type(ptytest.Enter)
	p.WaitFor("▌ You said", patience)
	// A click on the question, as terminals tell it.
	row := 1 + strings.Count(p.Screen()[:strings.Index(p.Screen(), "What is it?")], "\n")
	p.Type(fmt.Sprintf("\x1b[<0;5;%dM\x1b[<0;5;%dm", row, row))
	p.WaitFor("▌ What is it?", patience)
	p.Type(ptytest.Escape)
	p.WaitUntil("nothing selected", patience, func(screen string) bool { return !strings.Contains(screen, "▌") })
	p.Type("/quit" + ptytest.Enter)
	leaves(t, p)
}
