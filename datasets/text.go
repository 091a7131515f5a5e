package datasets

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

// What is read at most, and what at a time.
const (
	// headSize is as much of a file as is looked at to recognise its layout.
	headSize = 1 << 18
	// longestLine is as much of a line as is read.
	longestLine = 64 << 20
	// mostUnpacked is what a packed file may grow to: 8 GiB, and unless it is small, 200
	// times its size. Annotations, which repeat themselves, come to 30 times.
	mostUnpacked      = 8 << 30
	mostTimesUnpacked = 200
	smallUnpacked     = 16 << 20
)

// text is a file as it is read: unpacked, without a byte order mark.
type text struct {
	*bufio.Reader
	path string
	file *os.File
}

// openText opens a file, which can be read until the context ends.
func openText(ctx context.Context, path string) (*text, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{Place: path, Message: fmt.Sprintf("it can't be read: %v", withoutPath(err)), Err: err}
	}
	t := &text{bufio.NewReaderSize(bounded{ctx: ctx, from: f}, headSize), path, f}
	start, err := t.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		f.Close()
		return nil, t.unreadable(err)
	}
	if bytes.Equal(start, []byte{0x1f, 0x8b}) {
		if err := t.unpack(ctx); err != nil {
			f.Close()
			return nil, t.unreadable(err)
		}
	}
	if start, _ := t.Peek(3); string(start) == "\ufeff" {
		_, _ = t.Discard(3) // they are there
	}
	return t, nil
}

// head is the begin of the file.
func (t *text) head() ([]byte, error) {
	head, err := t.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, t.unreadable(err)
	}
	return head, nil
}

func (t *text) unpack(ctx context.Context) error {
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	unpacked, err := gzip.NewReader(t.Reader)
	if err != nil {
		return err
	}
	left := min(mostUnpacked, max(smallUnpacked, mostTimesUnpacked*info.Size()))
	t.Reader = bufio.NewReaderSize(bounded{ctx, unpacked, &left}, headSize)
	return nil
}

// unreadable says why reading has ended before the file did.
func (t *text) unreadable(err error) error {
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, errGrows):
		return &Error{Place: t.path, Message: "it " + err.Error(), Hint: "unpack it yourself, if that is what it should be", Err: err}
	case errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Place: t.path, Message: "it is packed with gzip, and damaged or cut off", Hint: "fetch it again", Err: err}
	}
	return &Error{Place: t.path, Message: fmt.Sprintf("it can't be read: %v", withoutPath(err)), Err: err}
}

// Close closes the file.
func (t *text) Close() error { return t.file.Close() }

// bounded is read until its context ends, or so many bytes were, where there is a bound.
type bounded struct {
	ctx  context.Context
	from io.Reader
	left *int64
}

// errGrows says that a packed file grows too large.
var errGrows = errors.New("unpacks to far more than annotations do")

// Read reads on.
func (b bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.from.Read(p)
	if b.left != nil {
		if *b.left -= int64(n); *b.left < 0 {
			return 0, errGrows
		}
	}
	return n, err
}

// line reads a line without its end; io.EOF is behind the last one. One that is longer than
// longestLine is passed over, and long.
func (t *text) line() (line []byte, long bool, err error) {
	for {
		part, err := t.ReadSlice('\n')
		if long = long || len(line)+len(part) > longestLine; long {
			line = nil
		} else {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && (len(line) > 0 || long):
			err = nil
		case err != nil && !errors.Is(err, io.EOF):
			err = t.unreadable(err)
		}
		return bytes.TrimRight(line, "\r\n"), long, err
	}
}

// lines hands on the lines that are text, with their numbers; what is none is a problem.
func (r *reader) lines(t *text, each func(line string, number int) error) error {
	for number := 1; ; number++ {
		line, long, err := t.line()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case long:
			r.broken(r.at(number), fmt.Sprintf("this line is longer than %d MiB", longestLine>>20))
		case bytes.IndexByte(line, 0) >= 0:
			r.broken(r.at(number), "there is a NUL in this line, as in no text")
		case !utf8.Valid(line):
			r.broken(r.at(number), "this line is not UTF-8")
		case len(bytes.TrimSpace(line)) > 0:
			if err := each(string(line), number); err != nil {
				return err
			}
		}
	}
}
