package jpeg

import (
	"context"
	"encoding/binary"
)

// maxScans is how many scans a file may have: far more than encoders write, and
// few enough that a small file can't keep a decoder busy with scans that change
// nothing. It is the limit that libjpeg-turbo's authors recommend.
const maxScans = 500

// plane is the blocks of a component, and the number of the last coefficient of
// each that is not zero, in zigzag order.
type plane struct {
	blocks []block
	last   []uint8
}

func newPlane(blocks int) plane {
	return plane{blocks: make([]block, blocks), last: make([]uint8, blocks)}
}

// progression decodes the scans of a progressive file (T.81, annex G) into the
// planes of all components.
type progression struct {
	sequence
	eobs int // blocks to come that have no more coefficients in this band
}

// advance goes to the next interval if the next MCU belongs to it.
func (g *progression) advance() error {
	before := g.interval
	err := g.sequence.advance()
	if g.interval != before {
		g.eobs = 0
	}
	return err
}

// run decodes the scan.
func (g *progression) run(ctx context.Context, planes []plane) error {
	if len(g.scan.comps) > 1 {
		return g.interleaved(ctx, planes)
	}
	s := g.scan.comps[0]
	p := &planes[s.index]
	width := g.frame.comps[s.index].blocksX
	nx, ny := g.frame.scanned(g.scan, s.index)
	for y := range ny {
		if err := ctx.Err(); err != nil {
			return err
		}
		for at := y * width; at < y*width+nx; at++ {
			if err := g.advance(); err != nil {
				return err
			}
			if err := g.block(s, &p.blocks[at], &p.last[at]); err != nil {
				return err
			}
		}
	}
	return nil
}

// interleaved decodes a scan of several components, which has the first
// coefficients alone.
func (g *progression) interleaved(ctx context.Context, planes []plane) error {
	for y := range g.frame.mcusY {
		if err := ctx.Err(); err != nil {
			return err
		}
		for x := range g.frame.mcusX {
			if err := g.advance(); err != nil {
				return err
			}
			for _, s := range g.scan.comps {
				c, p := &g.frame.comps[s.index], &planes[s.index]
				for v := range c.v {
					row := (y*c.v + v) * c.blocksX
					for at := row + x*c.h; at < row+(x+1)*c.h; at++ {
						if err := g.block(s, &p.blocks[at], &p.last[at]); err != nil {
							return err
						}
					}
				}
			}
		}
	}
	return nil
}

// block decodes what the scan has of a block.
func (g *progression) block(s scanComponent, b *block, last *uint8) error {
	var err error
	switch {
	case g.scan.start > 0 && g.scan.high == 0:
		if g.eobs > 0 {
			g.eobs--
			return nil
		}
		err = g.first(b, last, s.ac)
	case g.scan.start > 0:
		err = g.refine(b, last, s.ac)
	case g.scan.high == 0:
		size, ok := g.r.symbol(s.dc)
		if !ok || size > 15 {
			return errCode
		}
		g.predicted[s.index] += g.r.value(int(size))
		b[0] = int16(g.predicted[s.index] << g.scan.low)
	default:
		b[0] |= int16(g.r.take(1) << g.scan.low)
	}
	if err == nil && g.r.short() {
		return errEnd
	}
	return err
}

// first decodes the upper bits of a band of coefficients (T.81, G.1.2.2).
func (g *progression) first(b *block, last *uint8, ac *table) error {
	r := &g.r
	low, end := g.scan.low&15, g.scan.end
	for k := g.scan.start; k <= end; k++ {
		if r.n < 32 {
			r.refill()
		}
		e := ac.look[r.acc>>(64-lookBits)]
		var v int32
		if e&known != 0 {
			r.acc <<= e & 31
			r.n -= int(e & 31)
			k += int(e>>12) & 15
			v = int32(e) >> 16
		} else {
			symbol, ok := r.symbol(ac)
			if !ok {
				return errCode
			}
			zeros, size := int(symbol>>4), int(symbol&15)
			if size == 0 && zeros < 15 {
				g.eobs = 1<<zeros + int(r.take(zeros)) - 1
				return nil
			}
			k += zeros
			if size == 0 {
				continue
			}
			v = r.value(size)
		}
		b[natural[k]&63] = int16(v << low)
		*last = max(*last, uint8(min(k, 63)))
	}
	return nil
}

// refine decodes the next bit of a band of coefficients (T.81, G.1.2.3): a bit for
// each that is there already, and new ones between them.
func (g *progression) refine(b *block, last *uint8, ac *table) error {
	bit := int16(1) << g.scan.low
	k, end := g.scan.start, g.scan.end
	r := &g.r
	buf, pos, acc, n := r.buf, r.pos, r.acc, r.n
	for k <= end {
		zeros, fresh := 64, int16(0)
		if g.eobs == 0 {
			r.pos, r.acc, r.n = pos, acc, n
			symbol, ok := r.symbol(ac)
			if !ok {
				return errCode
			}
			zeros = int(symbol >> 4)
			switch {
			case symbol&15 > 0:
				fresh = bit
				if r.take(1) == 0 {
					fresh = -bit
				}
			case zeros < 15:
				g.eobs = 1<<zeros + int(r.take(zeros))
				zeros = 64
			}
			pos, acc, n = r.pos, r.acc, r.n
		}
		if g.eobs > 0 {
			end = min(end, int(*last))
		}
		// Correct what is there, up to the zero that comes after so many others.
		for ; k <= end; k++ {
			c := &b[natural[k]&63]
			if *c == 0 {
				if zeros == 0 {
					break
				}
				zeros--
				continue
			}
			if n < 1 {
				acc |= binary.BigEndian.Uint64(buf[pos:]) >> (n & 63)
				pos += (63 - n) >> 3
				n |= 56
			}
			more := acc>>63 != 0
			acc <<= 1
			n--
			if more && *c&bit == 0 {
				if *c > 0 {
					*c += bit
				} else {
					*c -= bit
				}
			}
		}
		if g.eobs > 0 {
			break
		}
		if fresh != 0 {
			b[natural[k]&63] = fresh
			*last = max(*last, uint8(min(k, 63)))
		}
		k++
	}
	r.pos, r.acc, r.n = pos, acc, n
	g.eobs = max(g.eobs-1, 0)
	return nil
}
