package vectors

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
)

// extremes are what conversions and sums may get wrong: the smallest and largest numbers of
// half precision, those between its two kinds, and zeros of both signs.
var extremes = []uint16{0, 0x8000, 1, 0x8001, 0x3ff, 0x83ff, 0x400, 0x8400, 0x3c00, 0xbc00, 0x7bff, 0xfbff}

// halvesOf makes n values, at random and of the extremes alone.
func halvesOf(r *rand.Rand, n int, extreme bool) (halves []byte, floats []float32) {
	for range n {
		h := toHalf(float32(r.NormFloat64()))
		if extreme {
			h = extremes[r.IntN(len(extremes))]
		}
		halves = binary.LittleEndian.AppendUint16(halves, h)
		floats = append(floats, fromHalf(h))
	}
	return halves, floats
}

// exact is a dot product, and what rounding may make of it.
func exact(a, b []float32) (product, slack float64) {
	for i := range a {
		p := float64(a[i]) * float64(b[i])
		product += p
		slack += math.Abs(p)
	}
	return product, slack * 2e-7 * math.Sqrt(float64(len(a)))
}

func TestKernels(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	for _, n := range []int{8, 16, 24, 120, 504, 512, 768, 1152} {
		for _, extreme := range []bool{false, true} {
			var rows [group]*byte
			var vectors [group][]float32
			for i := range rows {
				var halves []byte
				// Rows begin at multiples of 8 only.
				halves, vectors[i] = halvesOf(r, n+4*i, extreme)
				rows[i] = &halves[8*i]
				vectors[i] = vectors[i][4*i:]
			}
			_, query := halvesOf(r, n, extreme)

			var fast, plain, floats [group]float32
			dotHalves(&query[0], &rows, n, &fast)
			dotHalvesGo(&query[0], &rows, n, &plain)
			for i := range rows {
				want, slack := exact(query, vectors[i])
				if math.Abs(float64(fast[i])-want) > slack || math.Abs(float64(plain[i])-want) > slack {
					t.Errorf("%d values, row %d: %v and %v, not %v", n, i, fast[i], plain[i], want)
				}
			}

			// What is found by way of floats is the same to the last bit.
			for _, from := range []int{0, 4} {
				b := [4]*float32{&vectors[from][0], &vectors[from+1][0], &vectors[from+2][0], &vectors[from+3][0]}
				dotFloats(&[2]*float32{&vectors[7][0], &query[0]}, &b, n, &floats)
				if [4]float32(floats[4:]) != [4]float32(fast[from:from+4]) {
					t.Errorf("%d values: %v of floats, %v of halves", n, floats[4:], fast[from:])
				}
				dotFloatsGo(&[2]*float32{&query[0], &query[0]}, &b, n, &floats)
				if [4]float32(floats[:4]) != [4]float32(plain[from:from+4]) {
					t.Errorf("%d values in Go: %v of floats, %v of halves", n, floats[:4], plain[from:])
				}
			}

			decoded := make([]float32, n+1)
			decoded[n] = 42
			for i := range rows {
				decodeHalves(rows[i], n, &decoded[0])
				for j, want := range vectors[i] {
					if math.Float32bits(decoded[j]) != math.Float32bits(want) {
						t.Fatalf("value %d is %v, not %v", j, decoded[j], want)
					}
				}
			}
			if decoded[n] != 42 {
				t.Fatal("it decodes too many")
			}
		}
	}
}

func TestDecodingEveryHalf(t *testing.T) {
	t.Parallel()
	var halves []byte
	var want []float32
	for h := range 1 << 16 {
		if h>>10&31 != 31 { // neither infinite nor NaN
			halves = binary.LittleEndian.AppendUint16(halves, uint16(h))
			want = append(want, ofParts(uint16(h)))
		}
	}
	for name, decode := range map[string]func(*byte, int, *float32){"fast": decodeHalves, "in Go": decodeHalvesGo} {
		got := make([]float32, len(want))
		decode(&halves[0], len(got), &got[0])
		for i := range got {
			if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
				t.Fatalf("%s: %x is %v, not %v", name, halves[2*i:][:2], got[i], want[i])
			}
			if toHalf(got[i]) != binary.LittleEndian.Uint16(halves[2*i:]) {
				t.Fatalf("%v is %x", got[i], toHalf(got[i]))
			}
		}
	}
}

// ofParts is the value of a half by the definition in IEEE 754.
func ofParts(h uint16) float32 {
	sign, exponent, fraction := 1.0, int(h>>10&31), float64(h&0x3ff)
	if h&0x8000 != 0 {
		sign = -1
	}
	if exponent == 0 {
		return float32(math.Copysign(math.Ldexp(fraction, -24), sign))
	}
	return float32(sign * math.Ldexp(1024+fraction, exponent-25))
}

func TestRoundingToHalf(t *testing.T) {
	t.Parallel()
	// Between any two neighbours the nearer is taken, and of their middle the even one.
	for h := uint16(0); h < 0x7bff; h++ {
		low, high := float64(ofParts(h)), float64(ofParts(h+1))
		middle := float32((low + high) / 2)
		even := h + h&1
		for x, want := range map[float32]uint16{
			middle:                                even,
			math.Nextafter32(middle, 0):           h,
			math.Nextafter32(middle, 1e6):         h + 1,
			math.Nextafter32(float32(high), 0):    h + 1,
			math.Nextafter32(float32(low), 1e6):   h,
			-middle:                               even | 0x8000,
			math.Nextafter32(float32(-high), 1e6): (h + 1) | 0x8000,
		} {
			if got := toHalf(x); got != want {
				t.Fatalf("%v (between %v and %v) is %x, not %x", x, low, high, got, want)
			}
		}
	}
}
