package jpeg

import "encoding/binary"

// Colour comes at half the resolution more often than not. libjpeg interpolates
// where it is halved ("fancy upsampling", jdsample.c): each new sample is 3/4 of
// the nearer old one and 1/4 of the other, across, down or both; in other ratios,
// and in rows of one or two samples, it repeats.

// upsampler makes rows of full resolution from those of a component.
type upsampler struct {
	across, down int // full samples for each of the component
	smooth       bool
}

func (f *frame) upsampler(c *component) upsampler {
	u := upsampler{across: f.hMax / c.h, down: f.vMax / c.v}
	switch {
	case u.across == 2 && u.down <= 2:
		u.smooth = c.w > 2
	case u.across == 1:
		u.smooth = u.down == 2
	}
	return u
}

// between tells whether a row is made of two.
func (u upsampler) between() bool { return u.smooth && u.down == 2 }

// row writes a row at full width to out, which has room for whole blocks: of the
// nearest row and, where it is between two, the other one, which is below or above.
// Where there is nothing to do it returns near itself.
func (u upsampler) row(out, near, far []byte, below bool) []byte {
	switch {
	case u.smooth && u.across == 1:
		round := 1
		if below {
			round = 2
		}
		for i, v := range far[:len(near)] {
			out[i] = byte((3*int(near[i]) + int(v) + round) >> 2)
		}
	case u.smooth && u.down == 2:
		doubled(out, near, far)
	case u.smooth:
		doubledAcross(out, near)
	case u.across == 1:
		return near
	default:
		for i, v := range near {
			for k := range u.across {
				out[i*u.across+k] = v
			}
		}
	}
	return out
}

// The sums of four samples are computed at once, in words of four 16-bit lanes.
const lanes = 1 + 1<<16 + 1<<32 + 1<<48

// spread makes lanes of four bytes.
func spread(b []byte, at int) uint64 {
	v := uint64(binary.LittleEndian.Uint32(b[at:]))
	v = (v | v<<16) & 0x0000ffff0000ffff
	return (v | v<<8) & (0xff * lanes)
}

// doubledAcross doubles a row. What lies beyond its ends is like the ends.
func doubledAcross(out, in []byte) {
	n := len(in)
	i, before := 0, uint64(in[0])
	if n >= 8 {
		sums := spread(in, 0)
		for ; i+8 <= n; i += 4 {
			next := spread(in, i+4)
			even := (3*sums + (sums<<16 | before) + lanes) >> 2 & (0xff * lanes)
			odd := (3*sums + (sums>>16 | next<<48) + 2*lanes) >> 2 & (0xff * lanes)
			binary.LittleEndian.PutUint64(out[2*i:], even|odd<<8)
			before, sums = sums>>48, next
		}
	}
	last := int(before)
	for ; i < n; i++ {
		v := int(in[i])
		out[2*i] = byte((3*v + last + 1) >> 2)
		out[2*i+1] = byte((3*v + int(in[min(i+1, n-1)]) + 2) >> 2)
		last = v
	}
}

// doubled doubles a row that lies between two: 9/16, 3/16, 3/16 and 1/16 of the
// four samples around the new one.
func doubled(out, near, far []byte) {
	n := len(near)
	far = far[:n]
	sum := func(i int) int { return 3*int(near[i]) + int(far[i]) }
	i, before := 0, uint64(sum(0))
	if n >= 8 {
		sums := 3*spread(near, 0) + spread(far, 0)
		for ; i+8 <= n; i += 4 {
			next := 3*spread(near, i+4) + spread(far, i+4)
			even := (3*sums + (sums<<16 | before) + 8*lanes) >> 4 & (0xff * lanes)
			odd := (3*sums + (sums>>16 | next<<48) + 7*lanes) >> 4 & (0xff * lanes)
			binary.LittleEndian.PutUint64(out[2*i:], even|odd<<8)
			before, sums = sums>>48, next
		}
	}
	last := int(before)
	for ; i < n; i++ {
		v := sum(i)
		out[2*i] = byte((3*v + last + 8) >> 4)
		out[2*i+1] = byte((3*v + sum(min(i+1, n-1)) + 7) >> 4)
		last = v
	}
}
