package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Load reads the one picture that a source means, as a Loader does.
func Load(ctx context.Context, source string, lim Limits) (*Picture, error) {
	all, err := (&Loader{Limits: lim}).Load(ctx, source)
	switch {
	case err != nil:
		return nil, err
	case len(all) > 1:
		return nil, tooMany(source, "this is more than one picture")
	}
	return all[0], nil
}

// readFile returns the bytes of a file. Pipes such as a shell's <(…) are read within
// the limits; folders and devices are refused.
func readFile(ctx context.Context, source, path string, lim Limits) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, pathError(source, err)
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		return nil, &Error{Source: source, Reason: Directory, Detail: "this is a folder; name the pictures in it, " + inFolder(source) + " for all"}
	case mode.IsRegular():
		if info.Size() > lim.Bytes {
			return nil, tooLarge(source, info.Size(), lim.Bytes)
		}
	case mode&fs.ModeNamedPipe != 0:
		return readPipe(ctx, source, path, lim)
	case mode&fs.ModeDevice != 0:
		return nil, &Error{Source: source, Reason: Special, Detail: "this is a device, not a picture"}
	case mode&fs.ModeSocket != 0:
		return nil, &Error{Source: source, Reason: Special, Detail: "this is a socket, not a picture"}
	default:
		return nil, &Error{Source: source, Reason: Special, Detail: "this is not an ordinary file"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, pathError(source, err)
	}
	defer f.Close()
	// The file may grow, and those of /proc claim to be empty.
	data, err := readAtMost(&cancelReader{ctx, f}, lim.Bytes, info.Size())
	return data, readError(ctx, source, lim, err)
}

// inFolder is the pattern of all files in a folder, as the person would write it.
func inFolder(source string) string {
	s := strings.TrimSpace(source)
	if n := len(s); n > 1 && (s[n-1] == '"' || s[n-1] == '\'') {
		s = unquoted(s)
	}
	return printable(strings.TrimRight(s, `/\`) + "/*")
}

// pathError says why a path could not be opened.
func pathError(source string, err error) error {
	e := &Error{Source: source, Reason: Unreadable, Err: err}
	switch {
	case strings.TrimSpace(source) == "":
		e.Reason, e.Detail = Missing, "no picture was named"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		e.Reason, e.Detail = Missing, "no such file"
		if runtime.GOOS != "windows" && isWindowsPath(unquoted(strings.TrimSpace(source))) {
			e.Detail = "no such file: this is a path of Windows, and not of this machine"
		}
		if scheme, _, found := strings.Cut(strings.TrimSpace(source), "://"); found && !strings.EqualFold(scheme, "file") && strings.Trim(strings.ToLower(scheme), letters) == "" {
			e.Detail = "no such file; on the web, addresses that begin with http:// or https:// are read"
		}
	case errors.Is(err, fs.ErrPermission):
		e.Detail = "permission denied"
	default:
		e.Detail = "cannot be read: " + cause(err)
	}
	return e
}

// cause is an operating system's error without the path, which the message has
// already.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// errOver says that a file holds more than the limit.
var errOver = errors.New("over the limit")

// readAtMost reads all there is, but no more than limit bytes.
func readAtMost(r io.Reader, limit, expected int64) ([]byte, error) {
	b := make([]byte, 0, max(512, min(expected, limit)+1))
	r = io.LimitReader(r, limit+1)
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case int64(len(b)) > limit:
			return nil, errOver
		case err == io.EOF:
			return b, nil
		case err != nil:
			return nil, err
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
	}
}

// cancelReader fails once its context has ended.
type cancelReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancelReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b[:min(len(b), 1<<20)])
}

// readError says why reading failed.
func readError(ctx context.Context, source string, lim Limits, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", printable(source), ctx.Err())
	case errors.Is(err, errOver):
		return tooLarge(source, 0, lim.Bytes)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Error{Source: source, Reason: Unreadable, Err: err, Detail: fmt.Sprintf("nothing came from this pipe for %v", lim.Wait)}
	}
	return pathError(source, err)
}

// readPipe reads a named pipe. It is opened without waiting for a writer, and
// given up when nothing comes for too long.
func readPipe(ctx context.Context, source, path string, lim Limits) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, pathError(source, err)
	}
	defer f.Close()
	stop := context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	data, err := readAtMost(&pipeReader{ctx: ctx, f: f, wait: lim.Wait}, lim.Bytes, 0)
	return data, readError(ctx, source, lim, err)
}

// pipeReader reads a pipe with a limit on silence. Until the first byte, an end
// of file only means that no writer has opened the pipe yet.
type pipeReader struct {
	ctx     context.Context
	f       *os.File
	wait    time.Duration
	started bool
}

func (p *pipeReader) Read(b []byte) (int, error) {
	end := time.Now().Add(p.wait)
	if err := p.f.SetReadDeadline(end); err != nil {
		return 0, err
	}
	for {
		if err := p.ctx.Err(); err != nil {
			return 0, err
		}
		n, err := p.f.Read(b)
		if n > 0 {
			p.started = true
		}
		if n > 0 || err != io.EOF || p.started {
			return n, err
		}
		if time.Now().After(end) {
			return 0, os.ErrDeadlineExceeded
		}
		time.Sleep(10 * time.Millisecond)
	}
}
