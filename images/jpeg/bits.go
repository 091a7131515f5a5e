package jpeg

import (
	"bytes"
	"encoding/binary"
)

// codedLength is how many bytes of entropy-coded data there are before the next
// marker that is no restart.
func codedLength(data []byte) (int, error) {
	for at := 0; ; {
		i := bytes.IndexByte(data[at:], 0xff)
		if i < 0 || at+i+1 >= len(data) {
			return 0, errShort
		}
		at += i
		switch m := data[at+1]; {
		case m == 0xff:
			at++
		case m == 0, m >= markerRST0 && m <= markerRST7:
			at += 2
		default:
			return at, nil
		}
	}
}

// coded is the entropy-coded data of a scan as plain bits: without the zeros that
// are stuffed behind each 0xff, cut where restart markers were.
type coded struct {
	bits []byte
	ends []int // of each interval between restart markers
	// ordered is how many intervals there are before a restart marker that does not
	// count on: data was lost there.
	ordered int
}

// overrun is how far a reader may get behind the end of an interval before that
// is noticed: more than a block takes, of 64 codes and values of 16 bits each.
const overrun = 64*4 + 16

// plain makes plain bits of entropy-coded data. It writes into scratch if there
// is room.
func plain(data, scratch []byte) coded {
	if cap(scratch) < len(data)+overrun {
		scratch = make([]byte, 0, len(data)+overrun)
	}
	c := coded{bits: scratch[:0]}
	for {
		i := bytes.IndexByte(data, 0xff)
		if i < 0 {
			c.bits = append(c.bits, data...)
			break
		}
		c.bits = append(c.bits, data[:i]...)
		for data = data[i:]; len(data) > 0 && data[0] == 0xff; { // it may be repeated
			data = data[1:]
		}
		if len(data) == 0 {
			break
		}
		if m := data[0]; m == 0 {
			c.bits = append(c.bits, 0xff)
		} else {
			if c.ordered == len(c.ends) && int(m-markerRST0) == len(c.ends)&7 {
				c.ordered++
			}
			c.ends = append(c.ends, len(c.bits))
		}
		data = data[1:]
	}
	if c.ordered == len(c.ends) {
		c.ordered++
	}
	c.ends = append(c.ends, len(c.bits))
	c.bits = append(c.bits, make([]byte, overrun)...)
	return c
}

// interval reads the bits between two restart markers.
func (c *coded) interval(i int) bitReader {
	r := bitReader{buf: c.bits, end: c.ends[i]}
	if i > 0 {
		r.pos = c.ends[i-1]
	}
	return r
}

// bitReader reads bits, first to last. Behind the end it goes on with bits that
// mean nothing; whoever reads asks short now and then.
type bitReader struct {
	buf []byte
	pos int    // of the next byte
	end int    // of the interval
	acc uint64 // the next bits, at the top
	n   int    // how many bits of acc count
}

// refill makes at least 56 bits count.
func (r *bitReader) refill() {
	r.acc |= binary.BigEndian.Uint64(r.buf[r.pos:]) >> (r.n & 63)
	r.pos += (63 - r.n) >> 3
	r.n |= 56
}

// short tells whether more bits were taken than there are.
func (r *bitReader) short() bool { return 8*r.pos-r.n > 8*r.end }

// take returns the next n bits, at most 16.
func (r *bitReader) take(n int) uint32 {
	if r.n < 32 {
		r.refill()
	}
	v := uint32(r.acc >> 32 >> (32 - n))
	r.acc <<= n & 63
	r.n -= n
	return v
}

// symbol returns the next symbol of a code; it says false if there is none.
func (r *bitReader) symbol(t *table) (byte, bool) {
	if r.n < 32 {
		r.refill()
	}
	e := t.look[r.acc>>(64-lookBits)]
	symbol, n := byte(e>>8), int(e&31)
	switch {
	case e == 0:
		if symbol, n = t.long(r.acc); n > 16 {
			return 0, false
		}
	case e&known != 0:
		n -= int(symbol & 15)
	}
	r.acc <<= n & 63
	r.n -= n
	return symbol, true
}

// value returns the value of the next bits of a size.
func (r *bitReader) value(size int) int32 { return extend(int32(r.take(size)), size) }
