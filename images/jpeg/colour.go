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
	cb, cr = cb[:len(y)], cr[:len(y)]
	i := 0
	for ; i+4 <= len(y); i += 4 {
		a := yccPixel(y[i], cb[i], cr[i])
		b := yccPixel(y[i+1], cb[i+1], cr[i+1])
		c := yccPixel(y[i+2], cb[i+2], cr[i+2])
		d := yccPixel(y[i+3], cb[i+3], cr[i+3])
		to := dst[3*i : 3*i+12 : 3*i+12]
		binary.LittleEndian.PutUint64(to, a|b<<24|c<<48)
		binary.LittleEndian.PutUint32(to[8:], uint32(c>>16|d<<8))
	}
	for ; i < len(y); i++ {
		a := yccPixel(y[i], cb[i], cr[i])
		dst[3*i], dst[3*i+1], dst[3*i+2] = byte(a), byte(a>>8), byte(a>>16)
	}
}

// yccPixel is a pixel as 24 bits, red in the lowest.
func yccPixel(y, cb, cr byte) uint64 {
	v := uint64(y)*everyLane + cbLanes[cb] + crLanes[cr]
	if v&rangeBits != inRange {
		return limited(v)
	}
	return v&0xff00ff | v>>40&0xff00
}

// limited is a pixel with lanes out of range.
func limited(v uint64) uint64 {
	lane := func(shift int) uint64 { return uint64(clamp(int32(v>>shift&0x3ff) - 256)) }
	return lane(0) | lane(48)<<8 | lane(16)<<16
}
