package clipboard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
)

// failure is a program that ended with an error of its own.
type failure struct {
	program string
	said    string
	err     error
}

func (f *failure) Error() string {
	if f.said == "" {
		return fmt.Sprintf("%s failed: %v", f.program, f.err)
	}
	return fmt.Sprintf("%s failed: %s", f.program, f.said)
}

func (f *failure) Unwrap() error { return f.err }

// errTooMuch says that the clipboard holds more than is taken.
var errTooMuch = fmt.Errorf("it holds more than %d MB", maxBytes>>20)

// output runs a program and returns what it printed, within the limits.
func output(ctx context.Context, path string, args ...string) ([]byte, error) {
	name := strings.TrimSuffix(filepath.Base(path), ".exe")
	limited, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	cmd := exec.CommandContext(limited, path, args...)
	cmd.WaitDelay = maxTime // a child of its own may hold the pipe
	var said bytes.Buffer
	cmd.Stderr = &capped{w: &said, room: 4096}
	var out bytes.Buffer
	written := &capped{w: &out, room: maxBytes}
	cmd.Stdout = written
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, fmt.Errorf("%s did not answer for %v: the program that holds the clipboard may hang", name, maxTime)
	case written.over:
		return nil, errTooMuch
	case errors.As(err, &exit):
		words, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		return nil, &failure{name, words, err}
	case err != nil:
		return nil, fmt.Errorf("%s can't be run: %w", name, err)
	}
	return out.Bytes(), nil
}

// capped passes on no more than there is room for, and drops the rest.
type capped struct {
	w    io.Writer
	room int
	over bool
}

func (c *capped) Write(b []byte) (int, error) {
	n := min(len(b), c.room)
	c.room -= n
	c.over = c.over || n < len(b)
	if _, err := c.w.Write(b[:n]); err != nil {
		return 0, err
	}
	return len(b), nil
}
