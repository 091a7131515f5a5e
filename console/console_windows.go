package console

import (
	"errors"
	"fmt"
	"image"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// Console is the terminal.
type Console struct {
	in, out *os.File
	inMode  uint32
	outMode uint32
	came    chan []byte // what was read; closed at the end
}

// Open opens the console, has it speak sequences and keeps it from showing
// what it receives.
func Open() (*Console, error) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("there is no console: %w", err)
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		in.Close()
		return nil, fmt.Errorf("there is no console: %w", err)
	}
	c := &Console{in: in, out: out, came: make(chan []byte)}
	err = windows.GetConsoleMode(windows.Handle(in.Fd()), &c.inMode)
	if err == nil {
		err = windows.GetConsoleMode(windows.Handle(out.Fd()), &c.outMode)
	}
	if err == nil {
		err = windows.SetConsoleMode(windows.Handle(out.Fd()), c.outMode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING)
	}
	if err == nil {
		quiet := c.inMode &^ (windows.ENABLE_ECHO_INPUT | windows.ENABLE_LINE_INPUT)
		err = windows.SetConsoleMode(windows.Handle(in.Fd()), quiet|windows.ENABLE_VIRTUAL_TERMINAL_INPUT)
	}
	if err != nil {
		in.Close()
		out.Close()
		return nil, fmt.Errorf("the console: %w", err)
	}
	go c.listen()
	return c, nil
}

// listen reads for as long as the process lives: a read of a console can't be given
// up.
func (c *Console) listen() {
	defer close(c.came)
	for {
		buffer := make([]byte, 4096)
		n, err := c.in.Read(buffer)
		if err != nil {
			return
		}
		c.came <- buffer[:n]
	}
}

// Read returns what came, within a tenth of a second.
func (c *Console) Read(buffer []byte) (int, error) {
	select {
	case data, open := <-c.came:
		if !open {
			return 0, os.ErrClosed
		}
		return copy(buffer, data), nil
	case <-time.After(time.Second / 10):
		return 0, nil
	}
}

// Send writes a text, all of it.
func (c *Console) Send(text string) error {
	_, err := c.out.WriteString(text)
	return err
}

// Size is that of the window (WindowSize).
func (c *Console) Size() (cells, pixels image.Point) { return WindowSize(c.out.Fd()) }

// WindowSize is the size of a console's window in cells; Windows does not know its
// pixels.
func WindowSize(fd uintptr) (cells, pixels image.Point) {
	var info windows.ConsoleScreenBufferInfo
	if err := windows.GetConsoleScreenBufferInfo(windows.Handle(fd), &info); err != nil {
		return
	}
	w := info.Window
	return image.Pt(int(w.Right-w.Left)+1, int(w.Bottom-w.Top)+1), image.Point{}
}

// Close gives it back as it was.
func (c *Console) Close() error {
	err := windows.SetConsoleMode(windows.Handle(c.in.Fd()), c.inMode)
	err = errors.Join(err, windows.SetConsoleMode(windows.Handle(c.out.Fd()), c.outMode))
	c.out.Close()
	return err
}
