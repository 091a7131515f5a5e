package jpeg

import "encoding/binary"

// The inverse DCT of libjpeg's jidctint.c (Loeffler, Ligtenberg and Moschytz,
// 1989), to the last bit. It is linear up to its rounding, so two columns, or two
// rows, are computed at once as the halves of a 64-bit word: a + b<<32 times a
// constant is a times it + b times it<<32, whatever the signs, as long as both
// stay within 32 bits. Damaged files leave that range, and get other wrong pixels
// than from libjpeg.

// The constants, with constBits after the point.
const (
	constBits = 13
	passBits  = 2 // that the first pass keeps

	c0298 = 2446
	c0390 = 3196
	c0541 = 4433
	c0765 = 6270
	c0899 = 7373
	c1175 = 9633
	c1501 = 12299
	c1847 = 15137
	c1961 = 16069
	c2053 = 16819
	c2562 = 20995
	c3072 = 25172
)

// both is the number that is n in both halves.
const both = 1 + 1<<32

// pack makes one word of two numbers.
func pack(a, b int64) int64 { return a + b<<32 }

// The first pass is rounded to passBits after the point, the second to whole
// samples, around 128. The upper half of a word has to be taken without what the
// lower one borrowed: that is the 1<<31.
const (
	firstShift  = constBits - passBits
	secondShift = constBits + passBits + 3
	firstRound  = 1 << (firstShift - 1) * both
	secondRound = (1<<(secondShift-1) + 128<<secondShift) * both
	borrow      = 1 << 31
)

func lowHalf(p int64) int64  { return int64(int32(p)) }
func highHalf(p int64) int64 { return (p + borrow) >> 32 }

// inverse computes the samples of a block into rows of 8 that lie stride apart.
// last is the number of the last coefficient in zigzag order that is not zero:
// with few there is less to do.
func inverse(b *block, last uint8, dst []byte, stride int) {
	var work pairs
	switch {
	case last == 0:
		flat(b[0], dst, stride)
		return
	case last < 10:
		work.fewColumns(b)
		work.fewRows()
	default:
		work.columns(b)
		work.rows()
	}
	work.store(dst, stride)
}

// pairs is a block with two rows in each word: pairs[8*r+c] has rows 2r and 2r+1 of
// column c.
type pairs [32]int64

// set writes two rows of two columns.
func (w *pairs) set(at int, upper, lower int64) {
	w[at&31] = pack(lowHalf(upper)>>firstShift, lowHalf(lower)>>firstShift)
	w[(at+1)&31] = pack(highHalf(upper)>>firstShift, highHalf(lower)>>firstShift)
}

// columns transforms the columns.
func (w *pairs) columns(b *block) {
	for c := 0; c < 8; c += 2 {
		in := b[c : c+58 : c+58]
		x0 := pack(int64(in[0]), int64(in[1]))
		x1 := pack(int64(in[8]), int64(in[9]))
		x2 := pack(int64(in[16]), int64(in[17]))
		x3 := pack(int64(in[24]), int64(in[25]))
		x4 := pack(int64(in[32]), int64(in[33]))
		x5 := pack(int64(in[40]), int64(in[41]))
		x6 := pack(int64(in[48]), int64(in[49]))
		x7 := pack(int64(in[56]), int64(in[57]))
		// The even part.
		z1 := (x2 + x6) * c0541
		t2, t3 := z1-x6*c1847, z1+x2*c0765
		t0, t1 := (x0+x4)<<constBits+firstRound, (x0-x4)<<constBits+firstRound
		e0, e3, e1, e2 := t0+t3, t0-t3, t1+t2, t1-t2
		// The odd part.
		z1, z2, z3, z4 := x7+x1, x5+x3, x7+x3, x5+x1
		z5 := (z3 + z4) * c1175
		z3, z4 = z5-z3*c1961, z5-z4*c0390
		z1, z2 = z1*c0899, z2*c2562
		o0, o1 := x7*c0298-z1+z3, x5*c2053-z2+z4
		o2, o3 := x3*c3072-z2+z3, x1*c1501-z1+z4

		w.set(c, e0+o3, e1+o2)
		w.set(c+8, e2+o1, e3+o0)
		w.set(c+16, e3-o0, e2-o1)
		w.set(c+24, e1-o2, e0-o3)
	}
}

// fewColumns is columns for coefficients in the first four columns and rows alone.
func (w *pairs) fewColumns(b *block) {
	for c := 0; c < 4; c += 2 {
		in := b[c : c+26 : c+26]
		x0 := pack(int64(in[0]), int64(in[1]))
		x1 := pack(int64(in[8]), int64(in[9]))
		x2 := pack(int64(in[16]), int64(in[17]))
		x3 := pack(int64(in[24]), int64(in[25]))
		t0, t2, t3 := x0<<constBits+firstRound, x2*c0541, x2*(c0541+c0765)
		e0, e3, e1, e2 := t0+t3, t0-t3, t0+t2, t0-t2
		z5 := (x1 + x3) * c1175
		z3, z4 := z5-x3*c1961, z5-x1*c0390
		o0, o1 := z3-x1*c0899, z4-x3*c2562
		o2, o3 := z3+x3*(c3072-c2562), z4+x1*(c1501-c0899)

		w.set(c, e0+o3, e1+o2)
		w.set(c+8, e2+o1, e3+o0)
		w.set(c+16, e3-o0, e2-o1)
		w.set(c+24, e1-o2, e0-o3)
	}
}

// rows transforms the rows.
func (w *pairs) rows() {
	for r := 0; r < 32; r += 8 {
		x := (*[8]int64)(w[r : r+8])
		z1 := (x[2] + x[6]) * c0541
		t2, t3 := z1-x[6]*c1847, z1+x[2]*c0765
		t0, t1 := (x[0]+x[4])<<constBits+secondRound, (x[0]-x[4])<<constBits+secondRound
		e0, e3, e1, e2 := t0+t3, t0-t3, t1+t2, t1-t2
		z1, z2, z3, z4 := x[7]+x[1], x[5]+x[3], x[7]+x[3], x[5]+x[1]
		z5 := (z3 + z4) * c1175
		z3, z4 = z5-z3*c1961, z5-z4*c0390
		z1, z2 = z1*c0899, z2*c2562
		o0, o1 := x[7]*c0298-z1+z3, x[5]*c2053-z2+z4
		o2, o3 := x[3]*c3072-z2+z3, x[1]*c1501-z1+z4

		x[0], x[7], x[1], x[6] = e0+o3, e0-o3, e1+o2, e1-o2
		x[2], x[5], x[3], x[4] = e2+o1, e2-o1, e3+o0, e3-o0
	}
}

// fewRows is rows after fewColumns.
func (w *pairs) fewRows() {
	for r := 0; r < 32; r += 8 {
		x := (*[8]int64)(w[r : r+8])
		x1, x2, x3 := x[1], x[2], x[3]
		t0, t2, t3 := x[0]<<constBits+secondRound, x2*c0541, x2*(c0541+c0765)
		e0, e3, e1, e2 := t0+t3, t0-t3, t0+t2, t0-t2
		z5 := (x1 + x3) * c1175
		z3, z4 := z5-x3*c1961, z5-x1*c0390
		o0, o1 := z3-x1*c0899, z4-x3*c2562
		o2, o3 := z3+x3*(c3072-c2562), z4+x1*(c1501-c0899)

		x[0], x[7], x[1], x[6] = e0+o3, e0-o3, e1+o2, e1-o2
		x[2], x[5], x[3], x[4] = e2+o1, e2-o1, e3+o0, e3-o0
	}
}

// halves are the two samples of a word of the second pass.
func halves(p int64) (low, high uint64) {
	return uint64(lowHalf(p) >> secondShift), uint64(highHalf(p) >> secondShift)
}

// store writes the samples, limited to what a byte holds.
func (w *pairs) store(dst []byte, stride int) {
	for r := 0; r < 32; r += 8 {
		x := (*[8]int64)(w[r : r+8])
		low, high := halves(x[0])
		upper, lower, seen := low, high, low|high
		low, high = halves(x[1])
		upper, lower, seen = upper|low<<8, lower|high<<8, seen|low|high
		low, high = halves(x[2])
		upper, lower, seen = upper|low<<16, lower|high<<16, seen|low|high
		low, high = halves(x[3])
		upper, lower, seen = upper|low<<24, lower|high<<24, seen|low|high
		low, high = halves(x[4])
		upper, lower, seen = upper|low<<32, lower|high<<32, seen|low|high
		low, high = halves(x[5])
		upper, lower, seen = upper|low<<40, lower|high<<40, seen|low|high
		low, high = halves(x[6])
		upper, lower, seen = upper|low<<48, lower|high<<48, seen|low|high
		low, high = halves(x[7])
		upper, lower, seen = upper|low<<56, lower|high<<56, seen|low|high
		if seen > 255 {
			upper, lower = 0, 0
			for c, p := range x {
				low, high = halves(p)
				upper |= uint64(clamp(int32(low))) << (8 * c)
				lower |= uint64(clamp(int32(high))) << (8 * c)
			}
		}
		binary.LittleEndian.PutUint64(dst, upper)
		binary.LittleEndian.PutUint64(dst[stride:], lower)
		if r < 24 {
			dst = dst[2*stride:]
		}
	}
}

// flat is a block of one colour.
func flat(dc int16, dst []byte, stride int) {
	v := uint64(clamp((int32(dc)+4)>>3+128)) * 0x0101010101010101
	for y := range 8 {
		binary.LittleEndian.PutUint64(dst[y*stride:], v)
	}
}

// clamp limits to what a byte holds.
func clamp(v int32) byte {
	if uint32(v) > 255 {
		return byte(^(v >> 31)) // negative: 0, too large: 255
	}
	return byte(v)
}
