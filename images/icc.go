package images

import (
	"encoding/binary"
	"math"
)

// A colour profile (ICC.1, the same as ISO 15076-1) says which colours a file's
// numbers mean. Cameras, phones and screens write the simple kind, which is read
// here: a curve for each channel to linear light, and a matrix. The other kind is
// a table of many dimensions, which printing uses; its colours are taken as they
// are, and so are those of a profile that is damaged: it is no reason to refuse a
// picture.

// mostProfile bounds a profile's bytes. Those of this kind have some thousand; the
// largest tables of printers have two million.
const mostProfile = 4 << 20

// icc reads a profile. It returns nil where nothing is to be converted: the
// profile is sRGB's, is of another kind, or can't be read.
func icc(b []byte) *colours {
	if len(b) < 132 || len(b) > mostProfile || string(b[36:40]) != "acsp" {
		return nil
	}
	tags := iccTags(b)
	var c *colours
	switch space, pcs := string(b[16:20]), string(b[20:24]); {
	case space == "RGB " && pcs == "XYZ ":
		c = matrixProfile(tags)
	case space == "GRAY" && (pcs == "XYZ " || pcs == "Lab "):
		c = greyProfile(tags, pcs == "Lab ")
	}
	if c == nil || c.isSRGB() {
		return nil
	}
	return c
}

// iccTags returns the tags of a profile by their signature (ICC.1:2022, 7.3).
func iccTags(b []byte) map[string][]byte {
	tags := map[string][]byte{}
	entries := b[132:]
	for n := binary.BigEndian.Uint32(b[128:]); n > 0 && len(entries) >= 12; n-- {
		at, size := uint64(binary.BigEndian.Uint32(entries[4:])), uint64(binary.BigEndian.Uint32(entries[8:]))
		if at+size <= uint64(len(b)) {
			tags[string(entries[:4])] = b[at : at+size]
		}
		entries = entries[12:]
	}
	return tags
}

// xyzToSRGB leads from the profile connection space (XYZ under D50) to linear
// sRGB: the inverse of IEC 61966-2-1's primaries, adapted by Bradford's matrix.
var xyzToSRGB = matrix{
	{3.1338561, -1.6168667, -0.4906146},
	{-0.9787684, 1.9161415, 0.0334540},
	{0.0719453, -0.2289914, 1.4052427},
}

// matrixProfile is three curves and a matrix (ICC.1:2022, 8.3.3 and F.3).
func matrixProfile(tags map[string][]byte) *colours {
	var toXYZ matrix
	var curves [3]func(float64) float64
	for i, channel := range []string{"r", "g", "b"} {
		xyz := tags[channel+"XYZ"]
		curves[i] = iccCurve(tags[channel+"TRC"])
		if len(xyz) < 20 || string(xyz[:4]) != "XYZ " || curves[i] == nil {
			return nil
		}
		for row := range 3 {
			toXYZ[row][i] = s15Fixed16(xyz[8+4*row:])
		}
	}
	return newColours(curves, xyzToSRGB.times(toXYZ))
}

// greyProfile is one curve (ICC.1:2022, 8.3.4 and F.2), to luminance or to CIE's
// lightness.
func greyProfile(tags map[string][]byte, lightness bool) *colours {
	curve := iccCurve(tags["kTRC"])
	if curve == nil {
		return nil
	}
	light := curve
	if lightness {
		light = func(v float64) float64 {
			l := 100 * curve(v)
			if l <= 8 {
				return l * 27 / 24389
			}
			f := (l + 16) / 116
			return f * f * f
		}
	}
	c := newColours([3]func(float64) float64{light, light, light}, matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}})
	c.grey = true
	return c
}

// iccCurve reads a curve from 0…1 to 0…1 (ICC.1:2022, 10.6 and 10.18), or
// returns nil.
func iccCurve(b []byte) func(float64) float64 {
	if len(b) < 12 {
		return nil
	}
	switch string(b[:4]) {
	case "curv":
		n := int64(binary.BigEndian.Uint32(b[8:]))
		b = b[12:]
		if 2*n > int64(len(b)) {
			return nil
		}
		return sampledCurve(b[:2*n])
	case "para":
		return parametricCurve(binary.BigEndian.Uint16(b[8:]), b[12:])
	}
	return nil
}

// sampledCurve is straight between samples of 16 bits, a power if there is only
// one, with eight bits behind the point, and the identity if there are none.
func sampledCurve(samples []byte) func(float64) float64 {
	at := func(i int) float64 { return float64(binary.BigEndian.Uint16(samples[2*i:])) }
	switch last := len(samples)/2 - 1; last {
	case -1:
		return func(v float64) float64 { return v }
	case 0:
		gamma := at(0) / 256
		return func(v float64) float64 { return math.Pow(v, gamma) }
	default:
		return func(v float64) float64 {
			place := v * float64(last)
			i := min(int(place), last-1)
			part := place - float64(i)
			return (at(i)*(1-part) + at(i+1)*part) / 65535
		}
	}
}

// parametricCurve is one of five formulas, each with more parameters than the one
// before it (ICC.1:2022, table 68).
func parametricCurve(kind uint16, b []byte) func(float64) float64 {
	counts := [...]int{1, 3, 4, 5, 7}
	if int(kind) >= len(counts) || len(b) < 4*counts[kind] {
		return nil
	}
	var p [7]float64
	for i := range counts[kind] {
		p[i] = s15Fixed16(b[4*i:])
	}
	g, a, k, c, d, e, f := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
	switch kind {
	case 0:
		return func(v float64) float64 { return math.Pow(v, g) }
	case 1, 2: // zero, or the same for all, below where the power begins
		return func(v float64) float64 {
			if a*v+k < 0 {
				return c
			}
			return math.Pow(a*v+k, g) + c
		}
	default:
		return func(v float64) float64 {
			if v < d {
				return c*v + f
			}
			return math.Pow(a*v+k, g) + e
		}
	}
}

// s15Fixed16 is a signed number with sixteen bits behind the point.
func s15Fixed16(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }
