package images

import (
	"math"
	"runtime"
	"sync"
)

// colours leads from a file's colours to sRGB's, which models have learnt from:
// curves to linear light, a matrix between the primaries, sRGB's curve back. nil
// stands for sRGB. What lies outside of sRGB is cut off channel by channel, as by
// littleCMS (relative colorimetric) and browsers.
type colours struct {
	// light is what each value of each channel adds to linear red, green and blue:
	// curve and matrix in one, with lightBits behind the point.
	light [3][256][3]int32
	grey  bool // speaks of grey pixels alone
}

const (
	lightBits = 22
	// encodedBits are those of linear light by which sRGB's values are looked up: at
	// the dark end, where the curve is steepest, a step is a fifth of a level.
	encodedBits = 14
)

// matrix turns three numbers into three: rows of columns.
type matrix [3][3]float64

func (m matrix) times(o matrix) matrix {
	var out matrix
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				out[i][j] += m[i][k] * o[k][j]
			}
		}
	}
	return out
}

// newColours makes the tables of curves and a matrix to linear sRGB.
func newColours(curves [3]func(float64) float64, m matrix) *colours {
	c := &colours{}
	for i, curve := range curves {
		for v := range 256 {
			light := curve(float64(v) / 255)
			if math.IsNaN(light) { // a power of something negative
				light = 0
			}
			light = min(max(light, 0), 1)
			for j := range 3 {
				// No true primaries come near these bounds, and three of them don't overflow.
				part := min(max(light*m[j][i], -100), 100)
				c.light[i][v][j] = int32(math.Round(part * (1 << lightBits)))
			}
		}
	}
	return c
}

// encoded are sRGB's values of linear light (IEC 61966-2-1).
var encoded = sync.OnceValue(func() *[1<<encodedBits + 1]byte {
	var table [1<<encodedBits + 1]byte
	for i := range table {
		v := float64(i) / (1 << encodedBits)
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		table[i] = byte(v*255 + 0.5)
	}
	return &table
})

// srgbLight is linear light of sRGB's values.
func srgbLight(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// apply converts pixels of 3 bytes each in place.
func (c *colours) apply(rgb []byte) {
	if c == nil {
		return
	}
	// A part for each core, of whole pixels.
	part := max(len(rgb)/3/runtime.GOMAXPROCS(0)+1, 1<<14) * 3
	var parts sync.WaitGroup
	for ; len(rgb) > 0; rgb = rgb[min(part, len(rgb)):] {
		some := rgb[:min(part, len(rgb))]
		parts.Go(func() { c.convert(some) })
	}
	parts.Wait()
}

func (c *colours) convert(rgb []byte) {
	const shift, half, most = lightBits - encodedBits, 1 << (lightBits - encodedBits - 1), 1 << encodedBits
	table := encoded()
	for ; len(rgb) >= 3; rgb = rgb[3:] {
		if c.grey && (rgb[0] != rgb[1] || rgb[1] != rgb[2]) {
			continue
		}
		r, g, b := &c.light[0][rgb[0]], &c.light[1][rgb[1]], &c.light[2][rgb[2]]
		rgb[0] = table[min(max((r[0]+g[0]+b[0]+half)>>shift, 0), most)]
		rgb[1] = table[min(max((r[1]+g[1]+b[1]+half)>>shift, 0), most)]
		rgb[2] = table[min(max((r[2]+g[2]+b[2]+half)>>shift, 0), most)]
	}
}

// isSRGB tells whether hardly anything would change: profiles that mean sRGB
// differ in their last digits.
func (c *colours) isSRGB() bool {
	const step = 17 // divides 255
	var rgb []byte
	for r := 0; r < 256; r += step {
		for g := 0; g < 256; g += step {
			for b := 0; b < 256; b += step {
				rgb = append(rgb, byte(r), byte(g), byte(b))
			}
		}
	}
	if c.grey {
		rgb = rgb[:0]
		for v := range 256 {
			rgb = append(rgb, byte(v), byte(v), byte(v))
		}
	}
	was := append([]byte(nil), rgb...)
	c.convert(rgb)
	for i, v := range rgb {
		if d := int(v) - int(was[i]); d < -1 || d > 1 {
			return false
		}
	}
	return true
}

// Between primaries with the same white, in linear light (SMPTE EG 432-1 for
// Display P3, ITU-R BT.2020, both to IEC 61966-2-1).
var (
	p3ToSRGB = matrix{
		{1.2249402, -0.2249402, 0},
		{-0.0420570, 1.0420570, 0},
		{-0.0196376, -0.0786361, 1.0982737},
	}
	bt2020ToSRGB = matrix{
		{1.6604910, -0.5876411, -0.0728499},
		{-0.1245505, 1.1328999, -0.0083494},
		{-0.0181508, -0.1005789, 1.1187297},
	}
)

// codePoints reads colours that are named by numbers (ITU-T H.273, tables 2 and 3),
// as PNG's cICP and HEIF's nclx have them. Transfer functions for high dynamic
// range are left as they are: their values look flat but right, and to bring them
// into sRGB is a choice of taste.
func codePoints(primaries, transfer int) *colours {
	curve := srgbLight // what cameras and editors mean by BT.709's and BT.601's, too
	switch transfer {
	case 4:
		curve = func(v float64) float64 { return math.Pow(v, 2.2) }
	case 5:
		curve = func(v float64) float64 { return math.Pow(v, 2.8) }
	case 8:
		curve = func(v float64) float64 { return v }
	case 1, 2, 6, 13, 14, 15:
	default:
		return nil
	}
	m := matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	switch primaries {
	case 9:
		m = bt2020ToSRGB
	case 12:
		m = p3ToSRGB
	}
	c := newColours([3]func(float64) float64{curve, curve, curve}, m)
	if c.isSRGB() {
		return nil
	}
	return c
}
