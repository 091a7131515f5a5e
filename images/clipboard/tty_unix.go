//go:build unix

package clipboard

import (
	"context"
	"errors"
	"fmt"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// readTTY asks the terminal of this process, whatever its streams are. Nothing
// that comes from it meanwhile is shown.
func readTTY(ctx context.Context, env func(string) string) (Content, error) {
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return Content{}, &NoAccess{"there is no terminal that could be asked for it"}
	}
	defer unix.Close(fd)
	if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err != nil || group != unix.Getpgrp() {
		return Content{}, &NoAccess{"the terminal is another process's now, and can't be asked for it"}
	}
	before, err := term.GetState(uintptr(fd))
	if err != nil {
		return Content{}, fmt.Errorf("the terminal: %w", err)
	}
	quiet := *before
	quiet.Lflag &^= unix.ECHO | unix.ICANON
	quiet.Cc[unix.VMIN], quiet.Cc[unix.VTIME] = 0, 1 // a read waits for a tenth of a second
	if err := term.SetState(uintptr(fd), &quiet); err != nil {
		return Content{}, fmt.Errorf("the terminal: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	answers, ended := make(chan string), make(chan struct{})
	go func() {
		defer close(ended)
		listen(ctx, fd, answers)
	}()
	content, err := Terminal{Ask: func(sequence string) error { return write(fd, sequence) }, Answers: answers}.Read(ctx, env)
	cancel()
	<-ended
	return content, errors.Join(err, term.SetState(uintptr(fd), before))
}

// maxSequence is more than any part of an answer has.
const maxSequence = 8 << 20

// listen passes on the control sequences that come from a terminal. What somebody
// types meanwhile is lost.
func listen(ctx context.Context, fd int, answers chan<- string) {
	defer close(answers)
	var came []byte
	buffer := make([]byte, 64<<10)
	for ctx.Err() == nil {
		n, err := unix.Read(fd, buffer)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		came = append(came, buffer[:max(0, n)]...)
		var all []string
		if all, came = sequences(came); len(came) > maxSequence {
			return
		}
		for _, s := range all {
			select {
			case answers <- s:
			case <-ctx.Done():
			}
		}
	}
}

// sequences takes the whole control sequences off the front of what came, and
// leaves the beginning of another one.
func sequences(came []byte) (all []string, rest []byte) {
	for len(came) > 0 {
		_, _, n, state := ansi.DecodeSequence(came, ansi.NormalState, nil)
		if n == 0 || state != ansi.NormalState && n == len(came) || n == len(came)-1 && came[n] == ansi.ESC {
			break // its end may begin with an escape
		}
		if came[0] == ansi.ESC && n > 1 {
			all = append(all, string(came[:n]))
		}
		came = came[n:]
	}
	return all, came
}

func write(fd int, text string) error {
	for text != "" {
		n, err := unix.Write(fd, []byte(text))
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("the terminal: %w", err)
		}
		text = text[max(0, n):]
	}
	return nil
}
