//go:build unix

package console

import (
	"errors"
	"fmt"
	"image"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// Console is the terminal.
type Console struct {
	fd     int
	before *term.State
}

// Open opens the terminal and keeps it from showing what it receives. A
// process in the background is stopped by the system if it tries.
func Open() (*Console, error) {
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errors.New("there is no terminal")
	}
	c := &Console{fd: fd}
	if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err != nil || group != unix.Getpgrp() {
		unix.Close(fd)
		return nil, errors.New("the terminal is another process's now")
	}
	if c.before, err = term.GetState(uintptr(fd)); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("the terminal: %w", err)
	}
	quiet := *c.before
	quiet.Lflag &^= unix.ECHO | unix.ICANON
	// A read waits for a tenth of a second.
	quiet.Cc[unix.VMIN], quiet.Cc[unix.VTIME] = 0, 1
	if err := term.SetState(uintptr(fd), &quiet); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("the terminal: %w", err)
	}
	return c, nil
}

// Read returns what came, within a tenth of a second.
func (c *Console) Read(buffer []byte) (int, error) {
	n, err := unix.Read(c.fd, buffer)
	if errors.Is(err, unix.EINTR) {
		return 0, nil
	}
	return max(0, n), err
}

// Send writes a text, all of it.
func (c *Console) Send(text string) error {
	for text != "" {
		n, err := unix.Write(c.fd, []byte(text))
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("the terminal: %w", err)
		}
		text = text[max(0, n):]
	}
	return nil
}

// Size is that of the window (WindowSize).
func (c *Console) Size() (cells, pixels image.Point) { return WindowSize(uintptr(c.fd)) }

// WindowSize is the size of a terminal's window, in cells and in pixels, as the system
// knows it; zero where it does not.
func WindowSize(fd uintptr) (cells, pixels image.Point) {
	w, err := unix.IoctlGetWinsize(int(fd), unix.TIOCGWINSZ)
	if err != nil {
		return
	}
	return image.Pt(int(w.Col), int(w.Row)), image.Pt(int(w.Xpixel), int(w.Ypixel))
}

// Close gives it back as it was.
func (c *Console) Close() error {
	err := term.SetState(uintptr(c.fd), c.before)
	unix.Close(c.fd)
	return err
}
