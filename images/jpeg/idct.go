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

func lowHalf(p int64, shift int) int64  { return int64(int32(p)) >> (shift & 63) }
func highHalf(p int64, shift int) int64 { return (p + borrow) >> ((32 + shift) & 63) }

// inverse computes the samples of a block into rows of 8 that lie stride apart.
// last is the number of the last coefficient in zigzag order that is not zero:
// with few there is less to do.
func inverse(b *block, last uint8, dst []byte, stride int) {
	if last == 0 {
		flat(b[0], dst, stride)
		return
	}
	// work holds pairs of rows: work[8*r+c] has rows 2r and 2r+1 of column c.
	var work [32]int64
	columns := 8
	if last < 10 { // all within the first four columns and rows
		columns = 4
	}
	for c := 0; c < columns; c += 2 {
		in := b[c : c+58 : c+58]
		x0 := pack(int64(in[0]), int64(in[1]))
		x1 := pack(int64(in[8]), int64(in[9]))
		x2 := pack(int64(in[16]), int64(in[17]))
		x3 := pack(int64(in[24]), int64(in[25]))
		var x4, x5, x6, x7 int64
		if columns == 8 {
			x4 = pack(int64(in[32]), int64(in[33]))
			x5 = pack(int64(in[40]), int64(in[41]))
			x6 = pack(int64(in[48]), int64(in[49]))
			x7 = pack(int64(in[56]), int64(in[57]))
		}
		y := work[c : c+26 : c+26]
		if x1|x2|x3|x4|x5|x6|x7 == 0 {
			low, high := lowHalf(x0, 0)<<passBits, highHalf(x0, 0)<<passBits
			for r := 0; r <= 24; r += 8 {
				y[r], y[r+1] = pack(low, low), pack(high, high)
			}
			continue
		}
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
		o0 := x7*c0298 - z1 + z3
		o1 := x5*c2053 - z2 + z4
		o2 := x3*c3072 - z2 + z3
		o3 := x1*c1501 - z1 + z4

		p, q := e0+o3, e1+o2
		y[0] = pack(lowHalf(p, firstShift), lowHalf(q, firstShift))
		y[1] = pack(highHalf(p, firstShift), highHalf(q, firstShift))
		p, q = e2+o1, e3+o0
		y[8] = pack(lowHalf(p, firstShift), lowHalf(q, firstShift))
		y[9] = pack(highHalf(p, firstShift), highHalf(q, firstShift))
		p, q = e3-o0, e2-o1
		y[16] = pack(lowHalf(p, firstShift), lowHalf(q, firstShift))
		y[17] = pack(highHalf(p, firstShift), highHalf(q, firstShift))
		p, q = e1-o2, e0-o3
		y[24] = pack(lowHalf(p, firstShift), lowHalf(q, firstShift))
		y[25] = pack(highHalf(p, firstShift), highHalf(q, firstShift))
	}
	for r := range 4 {
		x := work[8*r : 8*r+8 : 8*r+8]
		z1 := (x[2] + x[6]) * c0541
		t2, t3 := z1-x[6]*c1847, z1+x[2]*c0765
		t0, t1 := (x[0]+x[4])<<constBits+secondRound, (x[0]-x[4])<<constBits+secondRound
		e0, e3, e1, e2 := t0+t3, t0-t3, t1+t2, t1-t2
		z1, z2, z3, z4 := x[7]+x[1], x[5]+x[3], x[7]+x[3], x[5]+x[1]
		z5 := (z3 + z4) * c1175
		z3, z4 = z5-z3*c1961, z5-z4*c0390
		z1, z2 = z1*c0899, z2*c2562
		o0 := x[7]*c0298 - z1 + z3
		o1 := x[5]*c2053 - z2 + z4
		o2 := x[3]*c3072 - z2 + z3
		o3 := x[1]*c1501 - z1 + z4

		upper := dst[2*r*stride:][:8:8]
		lower := dst[(2*r+1)*stride:][:8:8]
		upper[0], lower[0] = samples(e0 + o3)
		upper[1], lower[1] = samples(e1 + o2)
		upper[2], lower[2] = samples(e2 + o1)
		upper[3], lower[3] = samples(e3 + o0)
		upper[4], lower[4] = samples(e3 - o0)
		upper[5], lower[5] = samples(e2 - o1)
		upper[6], lower[6] = samples(e1 - o2)
		upper[7], lower[7] = samples(e0 - o3)
	}
}

// samples takes two samples out of a word of the second pass.
func samples(p int64) (low, high byte) {
	return clamp(int32(p) >> secondShift), clamp(int32((p + borrow) >> 32 >> secondShift))
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
