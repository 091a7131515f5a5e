package vectors

import "math"

// toHalf rounds a value to half precision (IEEE 754 binary16): the nearest, and of two that
// are equally near the one with an even last bit. The value may not be beyond 65504.
func toHalf(x float32) uint16 {
	bits := math.Float32bits(x)
	sign, size := uint16(bits>>16)&0x8000, bits&0x7fffffff
	if size < 0x38800000 { // below 2⁻¹⁴: a multiple of 2⁻²⁴, to which adding ½ rounds
		return sign | uint16(math.Float32bits(math.Float32frombits(size)+0.5)-0x3f000000)
	}
	// The exponents differ by 112, the fractions by 13 bits.
	return sign | uint16((size-112<<23+0xfff+size>>13&1)>>13)
}

// fromHalf is the value of a number of half precision that is finite. The product is exact,
// and right for the smallest, which have another exponent than others in both precisions.
func fromHalf(h uint16) float32 {
	size := math.Float32frombits(uint32(h&0x7fff)<<13) * 0x1p112
	return math.Float32frombits(math.Float32bits(size) | uint32(h&0x8000)<<16)
}
