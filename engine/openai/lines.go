package openai

import (
	"bufio"
	"bytes"
)

// lines reads the lines of a stream of events, which end in LF, in CR LF or in CR
// alone (the HTML standard, section 9.2.5).
type lines struct {
	in     *bufio.Reader
	behind bool // a CR: an LF that follows belongs to it
}

// next returns a line without its end, and without the byte order mark that may
// begin the stream. The last line, which may lack its end, comes with the error.
func (l *lines) next() ([]byte, error) {
	var line []byte
	for {
		if _, err := l.in.Peek(1); err != nil {
			return trimMark(line), err
		}
		// What is there is there; more of it might take its time.
		there, _ := l.in.Peek(l.in.Buffered())
		if l.behind && there[0] == '\n' {
			there = there[1:]
			_, _ = l.in.Discard(1)
		}
		l.behind = false
		end := bytes.IndexAny(there, "\r\n")
		if end < 0 {
			line = append(line, there...)
			_, _ = l.in.Discard(len(there))
			if len(line) > maxEvent {
				return nil, errTooLong
			}
			continue
		}
		line = append(line, there[:end]...)
		l.behind = there[end] == '\r'
		_, _ = l.in.Discard(end + 1)
		return trimMark(line), nil
	}
}

func trimMark(line []byte) []byte { return bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")) }
