package jpeg

import (
	"context"
	"encoding/binary"
)

// block is 8×8 coefficients, row by row.
type block [64]int16

// natural is the place of a coefficient in a block by its number in zigzag order
// (T.81, figure A.6). Numbers behind the end, which only damaged files reach, lead
// to the last place: libjpeg reads such files.
var natural = [80]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
	63, 63, 63, 63, 63, 63, 63, 63,
	63, 63, 63, 63, 63, 63, 63, 63, // a run of 15 zeros leads no further
}

// scan is what a start of scan says (T.81, B.2.3).
type scan struct {
	comps      []scanComponent
	start, end int // the first and the last coefficient, in zigzag order
	high, low  int // successive approximation: the bit before and this one
}

// scanComponent is a component with the Huffman tables that a scan has for it.
type scanComponent struct {
	index  int // in the frame
	dc, ac *table
}

var (
	errSpectral = FormatError("bad spectral selection")
	errCode     = FormatError("bad Huffman code")
	errNoQuant  = FormatError("missing quantisation table")
	errEnd      = FormatError("a scan's data ends too early")
)

// readScan reads a start of scan.
func (d *decoder) readScan(b []byte) (scan, error) {
	if len(b) < 6 || b[0] < 1 || b[0] > 4 || len(b) != 4+2*int(b[0]) {
		return scan{}, FormatError("SOS has wrong length")
	}
	f := &d.frame
	n := int(b[0])
	s := scan{start: int(b[1+2*n]), end: int(b[2+2*n]), high: int(b[3+2*n] >> 4), low: int(b[3+2*n] & 15)}
	if !f.progressive {
		s.start, s.end, s.high, s.low = 0, 63, 0, 0
	}
	switch {
	case s.start > s.end || s.end > 63,
		f.progressive && s.start == 0 && s.end != 0,
		s.start != 0 && n != 1:
		return scan{}, errSpectral
	case s.high != 0 && s.high != s.low+1, s.low > 13:
		return scan{}, FormatError("bad successive approximation")
	}
	blocks, used := 0, [4]bool{}
	for i := range n {
		id, tables := b[1+2*i], b[2+2*i]
		c := scanComponent{index: -1}
		for j := range f.comps {
			if f.comps[j].id == id {
				c.index = j
			}
		}
		if c.index < 0 || used[c.index] {
			return scan{}, FormatError("a scan of an unknown component")
		}
		used[c.index] = true
		if tables>>4 > 3 || tables&15 > 3 {
			return scan{}, FormatError("bad Huffman table")
		}
		c.dc, c.ac = &d.dc[tables>>4], &d.ac[tables&15]
		if s.start == 0 && s.high == 0 && !c.dc.defined || s.end > 0 && !c.ac.defined {
			return scan{}, FormatError("missing Huffman table")
		}
		blocks += f.comps[c.index].h * f.comps[c.index].v
		s.comps = append(s.comps, c)
	}
	if n > 1 && blocks > 10 {
		return scan{}, FormatError("sampling factors are too large")
	}
	return s, nil
}

// scanData takes the entropy-coded data that follows a start of scan. A scan that
// can't hold its blocks is refused before there is memory for them: each takes so
// many bits at least.
func (d *decoder) scanData(s scan) (coded, error) {
	n, err := codedLength(d.data[d.pos:])
	if err != nil {
		return coded{}, err
	}
	least := 0
	if s.start == 0 {
		for _, c := range s.comps {
			x, y := d.frame.scanned(s, c.index)
			least += x * y
		}
		if s.end > 0 {
			least *= 2
		}
	}
	if 8*n < least {
		return coded{}, errEnd
	}
	data := d.data[d.pos : d.pos+n]
	d.pos += n
	return plain(data, d.scratch), nil
}

// scanned is how many blocks of a component a scan has in a row, and how many
// rows of them: of a component alone, those that hold pixels (T.81, A.2.2).
func (f *frame) scanned(s scan, index int) (x, y int) {
	c := &f.comps[index]
	if len(s.comps) == 1 {
		return ceilDiv(c.w, 8), ceilDiv(c.rows, 8)
	}
	return c.blocksX, f.mcusY * c.v
}

// block decodes a block of a sequential scan (T.81, F.2.2), and multiplies its
// coefficients by the quantisation table. It returns the number of the last one
// that is not zero; b is zero before.
func (r *bitReader) block(b *block, dc, ac *table, q *[80]uint16, predicted *int32) (last uint8, err error) {
	size, ok := r.symbol(dc)
	if !ok || size > 15 {
		return 0, errCode
	}
	*predicted += r.value(int(size))
	b[0] = int16(*predicted * int32(q[0]))

	buf, pos, acc, n := r.buf, r.pos, r.acc, r.n
	k := 1
	for k < 64 {
		if n < 32 {
			acc |= binary.BigEndian.Uint64(buf[pos:]) >> (n & 63)
			pos += (63 - n) >> 3
			n |= 56
		}
		e := ac.look[acc>>(64-lookBits)]
		if e&known != 0 {
			acc <<= e & 31
			n -= int(e & 31)
			k += int(e>>8) >> 4 & 15
			last = uint8(k)
			b[natural[k]&63] = int16(int32(e) >> 16 * int32(q[k]))
			k++
			continue
		}
		symbol, length := byte(e>>8), int(e&31)
		if e == 0 {
			if symbol, length = ac.long(acc); length > 16 {
				return 0, errCode
			}
		}
		acc <<= length & 63
		n -= length
		size := int(symbol & 15)
		if size == 0 {
			if symbol != 0xf0 { // end of block
				break
			}
			k += 16
			continue
		}
		// The sign tells whether the value is one of the upper half (extend).
		negative := ^(int32(int64(acc) >> 63))
		v := int32(acc>>((64-size)&63)) + (negative & (1 - 1<<size))
		acc <<= size
		n -= size
		k += int(symbol >> 4)
		last = uint8(k)
		b[natural[k]&63] = int16(v * int32(q[k]))
		k++
	}
	r.pos, r.acc, r.n = pos, acc, n
	if r.short() {
		return 0, errEnd
	}
	return min(last, 63), nil
}

// sequence decodes the blocks of a sequential scan, MCU by MCU. It begins at a
// restart marker, or at the beginning.
type sequence struct {
	frame     *frame
	scan      scan
	data      *coded
	quant     [4]*[80]uint16 // by component
	restart   int
	r         bitReader
	interval  int // which one r reads
	mcu       int // the next one
	predicted [4]int32
}

// seek goes to the beginning of an interval.
func (q *sequence) seek(interval int) {
	q.interval = interval
	q.r = q.data.interval(interval)
	q.mcu = interval * q.restart
	q.predicted = [4]int32{}
}

// advance goes to the next interval if the next MCU belongs to it.
func (q *sequence) advance() error {
	if q.restart > 0 && q.mcu == (q.interval+1)*q.restart {
		switch {
		case q.interval+1 == len(q.data.ends):
			return errEnd
		case q.interval+1 == q.data.ordered:
			return FormatError("a restart marker is missing")
		}
		q.seek(q.interval + 1)
	}
	q.mcu++
	return nil
}

// band decodes a row of MCUs of a scan of several components, or all there are.
func (q *sequence) band(b *band) error {
	for _, s := range q.scan.comps {
		clear(b.planes[s.index].blocks)
	}
	for x := range q.frame.mcusX {
		if err := q.advance(); err != nil {
			return err
		}
		for _, s := range q.scan.comps {
			c, p := &q.frame.comps[s.index], &b.planes[s.index]
			for v := range c.v {
				row := v * c.blocksX
				for at := row + x*c.h; at < row+(x+1)*c.h; at++ {
					if err := q.one(p, at, s); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// planes decodes a scan of some of the components.
func (q *sequence) planes(ctx context.Context, planes []plane) error {
	if len(q.scan.comps) > 1 {
		var b band
		for k := range q.frame.mcusY {
			if err := ctx.Err(); err != nil {
				return err
			}
			b.of(q.frame, planes, k)
			if err := q.band(&b); err != nil {
				return err
			}
		}
		return nil
	}
	s := q.scan.comps[0]
	p := &planes[s.index]
	clear(p.blocks) // there may have been a scan of it before
	width := q.frame.comps[s.index].blocksX
	nx, ny := q.frame.scanned(q.scan, s.index)
	for y := range ny {
		if err := ctx.Err(); err != nil {
			return err
		}
		for at := y * width; at < y*width+nx; at++ {
			if err := q.advance(); err != nil {
				return err
			}
			if err := q.one(p, at, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// one decodes a block of a plane, which is zero before.
func (q *sequence) one(p *plane, at int, s scanComponent) (err error) {
	p.last[at], err = q.r.block(&p.blocks[at], s.dc, s.ac, q.quant[s.index], &q.predicted[s.index])
	return err
}
