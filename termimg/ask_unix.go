//go:build unix

package termimg

import (
	"errors"
	"fmt"
	"image"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// console is this process's terminal. It is opened by its name, for its streams may
// be redirected.
type console struct {
	fd     int
	before *term.State
}

// openConsole opens the terminal and keeps it from showing what it receives. A
// process in the background is stopped by the system if it tries.
func openConsole() (*console, error) {
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("there is no terminal: %w", err)
	}
	c := &console{fd: fd}
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

// read returns what came, within a tenth of a second.
func (c *console) read(buffer []byte) (int, error) {
	n, err := unix.Read(c.fd, buffer)
	if errors.Is(err, unix.EINTR) {
		return 0, nil
	}
	return max(0, n), err
}

func (c *console) write(text string) error {
	for text != "" {
		n, err := unix.Write(c.fd, []byte(text))
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("the terminal: %w", err)
		}
		text = text[max(0, n):]
	}
	return nil
}

func (c *console) size() (cells, pixels image.Point) { return WindowSize(uintptr(c.fd)) }

// WindowSize is the size of a terminal's window, in cells and in pixels, as the system
// knows it; zero where it does not.
func WindowSize(fd uintptr) (cells, pixels image.Point) {
	w, err := unix.IoctlGetWinsize(int(fd), unix.TIOCGWINSZ)
	if err != nil {
		return
	}
	return image.Pt(int(w.Col), int(w.Row)), image.Pt(int(w.Xpixel), int(w.Ypixel))
}

func (c *console) restore() error {
	err := term.SetState(uintptr(c.fd), c.before)
	unix.Close(c.fd)
	return err
}
