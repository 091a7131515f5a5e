package hub

import "slices"

// span is a piece of a file: from start up to end, without it.
type span struct{ start, end int64 }

func (s span) size() int64 { return s.end - s.start }

// spans are pieces in order, which neither touch nor overlap.
type spans []span

// add puts a piece in.
func (s spans) add(p span) spans {
	if p.end <= p.start {
		return s
	}
	first, _ := slices.BinarySearchFunc(s, p.start, func(e span, start int64) int {
		if e.end < start {
			return -1
		}
		return 1
	})
	last := first
	for last < len(s) && s[last].start <= p.end {
		p.start, p.end = min(p.start, s[last].start), max(p.end, s[last].end)
		last++
	}
	return slices.Replace(s, first, last, p)
}

// size is how many bytes they have together.
func (s spans) size() (sum int64) {
	for _, p := range s {
		sum += p.size()
	}
	return sum
}

// prefix is how far a file is there from its start.
func (s spans) prefix() int64 {
	if len(s) == 0 || s[0].start > 0 {
		return 0
	}
	return s[0].end
}

// missing are the pieces of a file of a size that are not there.
func (s spans) missing(size int64) spans {
	var gaps spans
	at := int64(0)
	for _, p := range s {
		if p.start > at {
			gaps = append(gaps, span{at, p.start})
		}
		at = p.end
	}
	if at < size {
		gaps = append(gaps, span{at, size})
	}
	return gaps
}
