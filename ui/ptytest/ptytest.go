//go:build !windows

// Package ptytest drives a program in a pseudo-terminal as a person would: type,
// look at the screen, wait for something to appear. It is for tests alone.
package ptytest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// Terminal is a screen with a program running on it.
type Terminal struct {
	t      testing.TB
	cmd    *exec.Cmd
	master *os.File
	slave  *os.File
	before *term.State // the line discipline as the program found it
	model  Model
	exited chan error
	read   chan struct{} // closed when all output was read

	mu     sync.Mutex
	screen *vt.Emulator
	raw    bytes.Buffer
	modes  map[ansi.Mode]bool
	alt    bool
}

// Model is a terminal that has more to say of itself than the screen here: what it
// answers, by the question.
type Model map[string]string

// Models of terminals with graphics, whose cells have 10 by 20 pixels.
var (
	XTerm = Model{deviceAttributes: "\x1b[?64;4c", cellSize: tenByTwenty, name: "\x1bP>|XTerm(379)\x1b\\"}
	Kitty = Model{deviceAttributes: "\x1b[?62c", cellSize: tenByTwenty, name: "\x1bP>|kitty(0.42.1)\x1b\\",
		graphics: "\x1b_Gi=31;OK\x1b\\"}
	// OldKitty has no placeholders.
	OldKitty = Model{deviceAttributes: "\x1b[?62c", cellSize: tenByTwenty, name: "\x1bP>|kitty(0.26.5)\x1b\\",
		graphics: "\x1b_Gi=31;OK\x1b\\"}
	ITerm2 = Model{deviceAttributes: "\x1b[?64;4c", cellSize: tenByTwenty, name: "\x1bP>|iTerm2 3.5.14\x1b\\"}
)

const (
	deviceAttributes = ansi.RequestPrimaryDeviceAttributes
	cellSize         = "\x1b[16t"
	name             = ansi.RequestNameVersion
	graphics         = "\x1b_Ga=q,"
	tenByTwenty      = "\x1b[6;20;10t"
)

// Start runs cmd on a new terminal of a size. The terminal answers questions
// about itself, as a real one does. TERM and COLORTERM are set unless cmd.Env
// does; what still runs at the end of the test is killed.
func Start(t testing.TB, cmd *exec.Cmd, cols, rows int) *Terminal {
	t.Helper()
	return StartOn(t, nil, cmd, cols, rows)
}

// StartOn is Start on a model of terminal.
func StartOn(t testing.TB, model Model, cmd *exec.Cmd, cols, rows int) *Terminal {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatalf("no pseudo-terminal: %v", err)
	}
	size := &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}
	if err := pty.Setsize(master, size); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(slave.Fd())
	if err != nil {
		t.Fatal(err)
	}
	p := &Terminal{
		t: t, cmd: cmd, master: master, slave: slave, before: before, model: model,
		exited: make(chan error, 1),
		read:   make(chan struct{}),
		screen: vt.NewEmulator(cols, rows),
		modes:  map[ansi.Mode]bool{},
	}
	p.screen.SetCallbacks(vt.Callbacks{
		AltScreen:   func(on bool) { p.alt = on },
		EnableMode:  func(m ansi.Mode) { p.modes[m] = true },
		DisableMode: func(m ansi.Mode) { delete(p.modes, m) },
	})
	// While the size changes a program may still scroll within lines that are
	// gone. Terminals clamp that, the screen here would fall over it.
	p.screen.RegisterCsiHandler('r', func(params ansi.Params) bool {
		bottom, _, _ := params.Param(1, 0)
		return bottom > p.screen.Height()
	})
	if model != nil {
		p.screen.RegisterCsiHandler('c', func(ansi.Params) bool { return true })
	}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append([]string{"TERM=xterm-256color", "COLORTERM=truecolor"}, cmd.Env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	// The terminal is the program's controlling one, so that it hears of sizes.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.reply()
	go p.watch()
	go func() { p.exited <- cmd.Wait() }()
	t.Cleanup(p.close)
	return p
}

// watch puts the program's output on the screen.
func (p *Terminal) watch() {
	defer close(p.read)
	buf := make([]byte, 32<<10)
	asked := 0 // up to where the output was searched for questions
	for {
		n, err := p.master.Read(buf)
		p.mu.Lock()
		p.raw.Write(buf[:n])
		_, _ = p.screen.Write(buf[:n])
		answers, upTo := p.model.answers(p.raw.Bytes(), asked)
		p.mu.Unlock()
		asked = upTo
		_, _ = p.master.WriteString(answers)
		if err != nil {
			return
		}
	}
}

// answers returns what a terminal says to the questions in output, from a byte on,
// in their order, and up to where it has heard them.
func (m Model) answers(output []byte, from int) (answers string, upTo int) {
	for {
		first, length := -1, 0
		var answer string
		for question, a := range m {
			if i := bytes.Index(output[from:], []byte(question)); i >= 0 && (first < 0 || i < first) {
				first, length, answer = i, len(question), a
			}
		}
		if first < 0 {
			return answers, from
		}
		from += first + length
		answers += answer
	}
}

// reply sends what the terminal itself answers. It must not wait for the lock:
// the screen writes its answers while it holds it.
func (p *Terminal) reply() {
	buf := make([]byte, 4<<10)
	for {
		n, err := p.screen.Read(buf)
		if n > 0 {
			_, _ = p.master.Write(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

func (p *Terminal) close() {
	_ = p.cmd.Process.Kill()
	_ = p.slave.Close()
	_ = p.master.Close()
	<-p.read
	// Ends reply; the screen's own Close is not made for another goroutine.
	if c, ok := p.screen.InputPipe().(io.Closer); ok {
		_ = c.Close()
	}
}

// Keys that have no character of their own.
const (
	Enter    = "\r"
	Escape   = "\x1b"
	CtrlC    = "\x03"
	CtrlZ    = "\x1a"
	Up       = "\x1b[A"
	Down     = "\x1b[B"
	PageUp   = "\x1b[5~"
	PageDown = "\x1b[6~"
)

// Type sends keys.
func (p *Terminal) Type(keys string) {
	p.t.Helper()
	if _, err := p.master.WriteString(keys); err != nil {
		p.t.Fatalf("typing %q: %v", keys, err)
	}
}

// Paste sends text as a terminal does that was asked to mark what is pasted.
func (p *Terminal) Paste(text string) {
	p.t.Helper()
	p.Type(ansi.BracketedPasteStart + text + ansi.BracketedPasteEnd)
}

// Signal sends the program a signal.
func (p *Terminal) Signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// Resize changes the terminal's size and tells the program.
func (p *Terminal) Resize(cols, rows int) {
	p.t.Helper()
	p.mu.Lock()
	p.screen.Resize(cols, rows)
	p.mu.Unlock()
	if err := pty.Setsize(p.master, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		p.t.Fatal(err)
	}
}

// Screen returns the text on the screen, lines without blanks at their ends.
func (p *Terminal) Screen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var lines []string
	for y := range p.screen.Height() {
		var line strings.Builder
		for x := 0; x < p.screen.Width(); {
			cell := p.screen.CellAt(x, y)
			line.WriteString(content(cell))
			x += max(1, width(cell))
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return strings.Join(lines, "\n")
}

func content(c *uv.Cell) string {
	if c == nil || c.Content == "" {
		return " "
	}
	return c.Content
}

func width(c *uv.Cell) int {
	if c == nil {
		return 1
	}
	return c.Width
}

// WaitFor waits until text is on the screen.
func (p *Terminal) WaitFor(text string, timeout time.Duration) {
	p.t.Helper()
	p.WaitUntil(fmt.Sprintf("%q", text), timeout, func(screen string) bool {
		return strings.Contains(screen, text)
	})
}

// WaitUntil waits until the screen is as is asked for.
func (p *Terminal) WaitUntil(what string, timeout time.Duration, holds func(screen string) bool) {
	p.t.Helper()
	for deadline := time.Now().Add(timeout); ; time.Sleep(5 * time.Millisecond) {
		screen := p.Screen()
		if holds(screen) {
			return
		}
		select {
		case <-p.read:
			if holds(p.Screen()) {
				return
			}
			p.t.Fatalf("the program ended without %s; its last screen:\n%s", what, p.Screen())
		default:
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("waited %v for %s; the screen:\n%s", timeout, what, screen)
		}
	}
}

// Raw returns every byte that the program wrote so far.
func (p *Terminal) Raw() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Clone(p.raw.Bytes())
}

// stacks ends a Go program that hangs, and returns what it was doing.
func (p *Terminal) stacks() string {
	from := len(p.Raw())
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case err := <-p.exited:
		p.exited <- err
	case <-time.After(10 * time.Second):
	}
	time.Sleep(100 * time.Millisecond) // for its last words to be read
	return string(p.Raw()[from:])
}

// Wait waits until the program has ended and all its output is on the screen. It
// returns the exit code, -1 for a signal.
func (p *Terminal) Wait(timeout time.Duration) int {
	p.t.Helper()
	select {
	case err := <-p.exited:
		p.exited <- err // for another Wait
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			p.t.Fatal(err)
		}
	case <-time.After(timeout):
		screen := p.Screen()
		p.t.Fatalf("the program still runs after %v; the screen:\n%s\n\nand where it is:\n%s", timeout, screen, p.stacks())
	}
	// All the program wrote lies in the pseudo-terminal by now; what it wrote
	// is followed by what we write, so once this has come through, all has.
	end := ansi.SetWindowTitle("ptytest: end")
	_, _ = p.slave.WriteString(end)
	for deadline := time.Now().Add(timeout); !p.cutAt(end); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatal("the program's last output never came")
		}
	}
	return p.cmd.ProcessState.ExitCode()
}

// cutAt takes a mark of ours and all behind it off the recorded output, if it is
// there yet.
func (p *Terminal) cutAt(mark string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := bytes.LastIndex(p.raw.Bytes(), []byte(mark))
	if i < 0 {
		return false
	}
	p.raw.Truncate(i)
	return true
}

// Leftovers names what the program, having ended, left of its own in the
// terminal: modes, the alternate screen, a hidden or changed cursor, a line
// discipline other than it found. A clean program leaves none.
func (p *Terminal) Leftovers() []string {
	p.t.Helper()
	after, err := term.GetState(p.slave.Fd())
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var left []string
	note := func(is bool, what string) {
		if is {
			left = append(left, what)
		}
	}
	note(!reflect.DeepEqual(p.before, after), "the line discipline")
	note(p.alt, "the alternate screen")
	for _, m := range []struct {
		mode ansi.Mode
		name string
	}{
		{ansi.ModeMouseX10, "mouse reports"},
		{ansi.ModeMouseNormal, "mouse reports"},
		{ansi.ModeMouseButtonEvent, "mouse reports"},
		{ansi.ModeMouseAnyEvent, "mouse reports"},
		{ansi.ModeMouseExtSgr, "mouse coordinates"},
		{ansi.ModeBracketedPaste, "bracketed paste"},
		{ansi.ModeFocusEvent, "focus reports"},
		{ansi.ModeSynchronizedOutput, "synchronized output"},
		{ansi.ModeUnicodeCore, "grapheme clusters"},
		{ansi.ModeInBandResize, "size reports"},
	} {
		note(p.modes[m.mode], fmt.Sprintf("%s (mode %d)", m.name, m.mode.Mode()))
	}
	pushed, popped := pushKeys.FindAll(p.raw.Bytes(), -1), popKeys.FindAll(p.raw.Bytes(), -1)
	note(len(pushed) != len(popped), "keyboard enhancements")
	shown := cursorShown.FindAllSubmatch(p.raw.Bytes(), -1)
	note(len(shown) > 0 && string(shown[len(shown)-1][1]) == "l", "a hidden cursor")
	shapes := cursorShape.FindAllSubmatch(p.raw.Bytes(), -1)
	note(len(shapes) > 0 && string(shapes[len(shapes)-1][1]) > "0", "a cursor of another shape")
	return left
}

// What the screen here does not keep as terminals do: the stack of kitty's
// keyboard protocol, and the one cursor that all screens share.
var (
	cursorShown = regexp.MustCompile(`\x1b\[\?25([hl])`)
	cursorShape = regexp.MustCompile(`\x1b\[(\d*) q`)
	pushKeys    = regexp.MustCompile(`\x1b\[>\d*u`)
	popKeys     = regexp.MustCompile(`\x1b\[<\d*u`)
)
