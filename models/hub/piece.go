package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// piece fetches a piece over one connection, as far as it comes.
func (f *fetch) piece(ctx context.Context, j *job) error {
	stalled := fmt.Errorf("nothing came for %v", f.client.idle)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(f.client.idle, func() { cancel(stalled) })
	defer watch.Stop()

	u, known := f.where()
	resp, err := f.client.follow(ctx, http.MethodGet, u, http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", j.at, f.end(j)-1)}})
	if errors.Is(err, stalled) {
		return cutOff(u, stalled)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	watch.Reset(f.client.idle)
	moved := func() { watch.Reset(f.client.idle) }
	skip, err := f.begin(j, resp)
	if err != nil {
		if known && isGone(resp.StatusCode) {
			f.found(nil)
		}
		return err
	}
	if !f.client.isHub(resp.Request.URL) {
		f.found(resp.Request.URL)
	} else if !known {
		f.found(u)
	}
	if err = pass(resp.Body, skip, moved); err == nil {
		err = f.write(j, resp.Body, moved)
	}
	if errors.Is(err, errConnection) {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, stalled) {
			return cause
		} else if cause != nil {
			err = cause
		}
		return cutOff(resp.Request.URL, err)
	}
	return err
}

// end is where a piece ends now.
func (f *fetch) end(j *job) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return j.end
}

// begin looks whether an answer is what was asked for, and returns after how many bytes of it
// the piece begins.
func (f *fetch) begin(j *job, resp *http.Response) (skip int64, err error) {
	if e := resp.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return 0, fmt.Errorf("%s sends %s compressed, which was not asked for", resp.Request.URL.Host, oneLine(f.file.Path))
	}
	switch resp.StatusCode {
	case http.StatusPartialContent:
		start, size, ok := parseContentRange(resp.Header.Get("Content-Range"))
		if !ok || start != j.at {
			return 0, fmt.Errorf("%s sends another part of %s than it was asked for", resp.Request.URL.Host, oneLine(f.file.Path))
		}
		if size >= 0 && size != f.file.Size {
			return 0, f.otherSize(size)
		}
		return 0, nil
	case http.StatusOK:
		if resp.ContentLength >= 0 && resp.ContentLength != f.file.Size {
			return 0, f.otherSize(resp.ContentLength)
		}
		f.alone(j)
		return j.at, nil
	}
	return 0, f.refused(resp)
}

// alone makes a connection the only one, at a server that sends no ranges, and gives it all
// that follows its piece and is missing.
func (f *fetch) alone(j *job) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.single = true
	for len(f.todo) > 0 && f.todo[0].start == j.end {
		j.end = f.todo[0].end
		f.todo = f.todo[1:]
	}
	f.grown.Broadcast()
}

// otherSize says that a file is not the one that the hub's listing tells of.
func (f *fetch) otherSize(size int64) error {
	return &engine.Error{
		Kind:    engine.Failed,
		Message: fmt.Sprintf("%s is said to have %d bytes, and %d are sent", oneLine(f.file.Path), f.file.Size, size),
		Hint:    "if HF_ENDPOINT names a mirror, it may be out of date",
	}
}

// parseContentRange reads "bytes 100-199/1000"; the size is -1 where it is not told.
func parseContentRange(s string) (start, size int64, ok bool) {
	rest, isBytes := strings.CutPrefix(s, "bytes ")
	where, total, two := strings.Cut(rest, "/")
	from, _, three := strings.Cut(where, "-")
	start, err := strconv.ParseInt(from, 10, 64)
	if !isBytes || !two || !three || err != nil || start < 0 {
		return 0, 0, false
	}
	if total == "*" {
		return start, -1, true
	}
	size, err = strconv.ParseInt(total, 10, 64)
	return start, size, err == nil && size >= 0
}

// errConnection is an error of reading, not of writing.
var errConnection = errors.New("the connection broke")

// pass reads over what is there already, at a server that sends no ranges.
func pass(body io.Reader, skip int64, moved func()) error {
	for skip > 0 {
		n, err := io.CopyN(io.Discard, body, min(skip, pieceSize))
		skip -= n
		moved()
		if err != nil {
			return errors.Join(errConnection, err)
		}
	}
	return nil
}

// write puts what comes into its place, until the piece is there or nothing comes any more.
func (f *fetch) write(j *job, body io.Reader, moved func()) (err error) {
	noted := j.at
	defer func() {
		if noteErr := f.noteDown(span{noted, j.at}); err == nil {
			err = noteErr
		}
	}()
	buffer := make([]byte, pieceSize)
	for {
		left := f.end(j) - j.at
		if left <= 0 {
			return nil
		}
		n, readErr := body.Read(buffer[:min(left, pieceSize)])
		if n > 0 {
			moved()
			if _, err := f.out.WriteAt(buffer[:n], j.at); err != nil {
				return notWritable(f.client.cache.dir, err)
			}
			f.gained(j, int64(n))
			if j.at-noted >= f.client.grain.note {
				if err := f.noteDown(span{noted, j.at}); err != nil {
					return err
				}
				noted = j.at
			}
		}
		switch {
		case readErr == nil:
		case f.end(j) <= j.at:
			return nil
		case errors.Is(readErr, io.EOF):
			return errors.Join(errConnection, io.ErrUnexpectedEOF)
		default:
			return errors.Join(errConnection, readErr)
		}
	}
}

// gained counts what was written.
func (f *fetch) gained(j *job, n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	prefix, size := f.have.prefix(), f.have.size()
	f.have = f.have.add(span{j.at, j.at + n})
	j.at += n
	// Another connection may have fetched some of it, if it took the rest over just now.
	f.done.Add(f.have.size() - size)
	if f.have.prefix() > prefix {
		f.grown.Broadcast()
	}
}

// noteDown writes into the record what is there.
func (f *fetch) noteDown(p span) error {
	if p.size() == 0 {
		return nil
	}
	if err := f.note.add(p); err != nil {
		return notWritable(f.client.cache.dir, err)
	}
	return nil
}
