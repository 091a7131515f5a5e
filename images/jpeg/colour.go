package jpeg

import "encoding/binary"

// model is what the components mean.
type model int

const (
	grey model = iota
	rgb
	ycc
	cmyk
	ycck
)

// model decides as libjpeg does (jdapimin.c): what JFIF and Adobe's marker say,
// and without them the components' names.
func (d *decoder) model() model {
	comps := d.frame.comps
	switch {
	case len(comps) == 1:
		return grey
	case len(comps) == 4 && d.adobe && d.transform != 0:
		return ycck
	case len(comps) == 4:
		return cmyk
	case d.jfif:
		return ycc
	case d.adobe:
		if d.transform == 0 {
			return rgb
		}
		return ycc
	case comps[0].id == 'R' && comps[1].id == 'G' && comps[2].id == 'B':
		return rgb
	}
	return ycc
}

// pixels converts a row of samples of full resolution, a slice for each component.
func (m model) pixels(dst []byte, in *[4][]byte) {
	switch m {
	case grey:
		for i, v := range in[0] {
			px := dst[3*i : 3*i+3 : 3*i+3]
			px[0], px[1], px[2] = v, v, v
		}
	case rgb:
		r, g, b := in[0], in[1][:len(in[0])], in[2][:len(in[0])]
		for i := range r {
			px := dst[3*i : 3*i+3 : 3*i+3]
			px[0], px[1], px[2] = r[i], g[i], b[i]
		}
	case ycc:
		yccPixels(dst, in[0], in[1], in[2])
	case cmyk:
		for i := range in[0] {
			ink(dst[3*i:3*i+3:3*i+3], 255-in[0][i], 255-in[1][i], 255-in[2][i], in[3][i])
		}
	case ycck:
		yccPixels(dst, in[0], in[1], in[2])
		for i, k := range in[3][:len(in[0])] {
			px := dst[3*i : 3*i+3 : 3*i+3]
			ink(px, px[0], px[1], px[2], k)
		}
	}
}

// ink puts the colours of inks on white paper, as Pillow does: c, m and y are how
// much there is of each, k how little of black, which is how Adobe's programs, and
// so all others, write it.
func ink(px []byte, c, m, y, k byte) {
	px[0], px[1], px[2] = k-scaled(c, k), k-scaled(m, k), k-scaled(y, k)
}

// scaled is a*b/255, rounded.
func scaled(a, b byte) byte {
	v := uint(a)*uint(b) + 128
	return byte((v>>8 + v) >> 8)
}

// The conversion of JFIF (1.02, page 3) with libjpeg's 16 bits after the point
// (jdcolor.c). Red, blue and green are computed as lanes of one word: red and
// blue, which depend on one of the two colours, in 16 bits each, green with its
// fraction in the upper 32. Each lane is 256 too large, so that it is never
// negative, and its bits 8 and 9 are 01 if it fits a byte.
const (
	redLane   = 1
	blueLane  = 1 << 16
	greenLane = 1 << 48

	everyLane = redLane + blueLane + greenLane
	rangeBits = 3 * 256 * everyLane
	inRange   = 256 * everyLane
)

// crLanes and cbLanes are what each colour sample adds.
var crLanes, cbLanes = func() (cr, cb [256]uint64) {
	const half = 1 << 15
	for i := range cr {
		x := int64(i) - 128
		cr[i] = uint64((91881*x+half)>>16*redLane + -46802*x<<32 + 256*redLane)
		cb[i] = uint64((116130*x+half)>>16*blueLane + (-22554*x+half)<<32 + 256*blueLane + 256*greenLane)
	}
	return cr, cb
}()

// yccPixels converts a row of YCbCr.
func yccPixels(dst, y, cb, cr []byte) {
	n := len(y)
	dst, cb, cr = dst[:3*n], cb[:n], cr[:n]
	// Four pixels at a time; seldom is one of them out of range.
	for ; len(y) >= 4 && len(cb) >= 4 && len(cr) >= 4 && len(dst) >= 12; y, cb, cr, dst = y[4:], cb[4:], cr[4:], dst[12:] {
		p := uint64(y[0])*everyLane + cbLanes[cb[0]] + crLanes[cr[0]]
		q := uint64(y[1])*everyLane + cbLanes[cb[1]] + crLanes[cr[1]]
		r := uint64(y[2])*everyLane + cbLanes[cb[2]] + crLanes[cr[2]]
		s := uint64(y[3])*everyLane + cbLanes[cb[3]] + crLanes[cr[3]]
		if ((p^inRange)|(q^inRange)|(r^inRange)|(s^inRange))&rangeBits != 0 {
			p, q, r, s = limited(p), limited(q), limited(r), limited(s)
		}
		q, r = packed(q), packed(r)
		binary.LittleEndian.PutUint64(dst, packed(p)|q<<24|r<<48)
		binary.LittleEndian.PutUint32(dst[8:], uint32(r>>16|packed(s)<<8))
	}
	for i := range y {
		p := packed(limited(uint64(y[i])*everyLane + cbLanes[cb[i]] + crLanes[cr[i]]))
		dst[3*i], dst[3*i+1], dst[3*i+2] = byte(p), byte(p>>8), byte(p>>16)
	}
}

// packed is a pixel as 24 bits, red in the lowest.
func packed(v uint64) uint64 { return v&0xff00ff | v>>40&0xff00 }

// limited is a pixel whose lanes are in range.
func limited(v uint64) uint64 {
	lane := func(at uint64) uint64 { return at * uint64(clamp(int32(v/at&0x3ff)-256)) }
	return lane(redLane) + lane(blueLane) + lane(greenLane)
}
