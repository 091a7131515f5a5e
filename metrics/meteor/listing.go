package meteor

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// What no list of the reference comes near.
const (
	maxLine    = 64 << 10
	maxListing = 256 << 20 // bytes of a list in the jar, uncompressed
	maxTable   = 4 << 30   // bytes of the paraphrases, uncompressed
)

// listing is a foreign text that is read line by line, and knows where it is.
type listing struct {
	name  string
	lines *bufio.Reader
	left  *io.LimitedReader
	line  int
}

func newListing(name string, r io.Reader, most int64) *listing {
	left := &io.LimitedReader{R: r, N: most}
	return &listing{name: name, lines: bufio.NewReaderSize(left, maxLine), left: left}
}

// next is the next line without its end, valid until the one after it is read; io.EOF after
// the last.
func (l *listing) next() ([]byte, error) {
	line, err := l.lines.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		l.line++
		return nil, l.errorf("is longer than %d bytes", maxLine)
	case errors.Is(err, io.EOF) && l.left.N == 0:
		l.line++
		return nil, l.errorf("goes beyond the size that such a file may have")
	case errors.Is(err, io.EOF) && len(line) > 0:
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case err != nil:
		return nil, fmt.Errorf("%s: can't be read after line %d: %w", l.name, l.line, err)
	}
	l.line++
	for n := len(line); n > 0 && (line[n-1] == '\n' || line[n-1] == '\r'); n-- {
		line = line[:n-1]
	}
	return line, nil
}

// pairs hands over the lines two by two.
func (l *listing) pairs(each func(first, second string) error) error {
	for {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		first := string(line)
		if line, err = l.more(); err != nil {
			return err
		}
		if err := each(first, string(line)); err != nil {
			return err
		}
	}
}

// more is the next line where there has to be one.
func (l *listing) more() ([]byte, error) {
	line, err := l.next()
	if errors.Is(err, io.EOF) {
		return nil, l.errorf("is the last, and another belongs after it: the file was cut off")
	}
	return line, err
}

// errorf is an error about the line that was read last.
func (l *listing) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: line %d %s", l.name, l.line, fmt.Sprintf(format, args...))
}
