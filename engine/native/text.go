package native

import (
	"strings"
	"unicode/utf8"
)

// textStream turns the bytes of tokens into text: valid UTF-8 at every step,
// and never a part of a stop string.
type textStream struct {
	stops   []string
	pending []byte // bytes that may be the beginning of a character or a stop string
	stopped bool   // a stop string was met
}

// push takes a token's bytes and returns the text that is certain by now.
func (t *textStream) push(piece []byte) string {
	t.pending = append(t.pending, piece...)
	end := len(t.pending) - incompleteTail(t.pending)
	text := string(t.pending[:end])
	if first, found := t.firstStop(text); found {
		t.pending, t.stopped = nil, true
		return valid(text[:first])
	}
	hold := 0
	for _, stop := range t.stops {
		hold = max(hold, overlap(text, stop))
	}
	t.pending = append(t.pending[:0], t.pending[end-hold:]...)
	return valid(text[:len(text)-hold])
}

// firstStop finds the stop string that was whole first, so that the answer does
// not depend on how it is cut into tokens; of several that end there the longest.
func (t *textStream) firstStop(text string) (first int, found bool) {
	end := 0
	for _, stop := range t.stops {
		i := strings.Index(text, stop)
		if stop == "" || i < 0 {
			continue
		}
		if at := i + len(stop); !found || at < end || at == end && i < first {
			first, end, found = i, at, true
		}
	}
	return first, found
}

// flush returns what was held back, when no more tokens come.
func (t *textStream) flush() string {
	text := valid(string(t.pending))
	t.pending = nil
	return text
}

func valid(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }

// incompleteTail is the number of bytes at the end of b that begin a character
// whose rest is still to come.
func incompleteTail(b []byte) int {
	for n := 1; n <= min(utf8.UTFMax-1, len(b)); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// overlap is the length of the longest end of text that begins stop.
func overlap(text, stop string) int {
	for n := min(len(text), len(stop)); n > 0; n-- {
		if strings.HasSuffix(text, stop[:n]) {
			return n
		}
	}
	return 0
}
