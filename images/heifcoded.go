package images

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
)

// What a coded picture says of its size, in the headers of its compression. A small
// size among the properties with a huge one in there is a bomb.

// bitReader reads bits, the highest first. Behind the end are zeros, and it remembers
// that.
type bitReader struct {
	b     []byte
	at    int // in bits
	short bool
}

// bits reads a number of so many bits, 32 at most.
func (r *bitReader) bits(n int) (v uint32) {
	if r.at+n > 8*len(r.b) {
		r.short = true
		return 0
	}
	for range n {
		v = v<<1 | uint32(r.b[r.at/8]>>(7-r.at%8)&1)
		r.at++
	}
	return v
}

// golomb reads a number that begins with as many zeros as it has bits behind its first
// one (ITU-T H.265, 9.2: ue(v); AV1, 4.10.3: uvlc()).
func (r *bitReader) golomb() uint32 {
	zeros := 0
	for r.bits(1) == 0 {
		if zeros++; zeros == 32 || r.short {
			r.short = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

// larger is the one of two sizes with more pixels.
func larger(a, b image.Point) image.Point {
	if b.X*b.Y > a.X*a.Y {
		return b
	}
	return a
}

// errNoHeader is the error of a coded picture that does not say its size.
var errNoHeader = errors.New("the header of the coded picture is missing")

// av1Size reads the size from the sequence headers of an AV1 picture (AV1, 5.3 to 5.5).
func av1Size(b []byte) (size image.Point, err error) {
	for len(b) > 0 {
		head := 1 + int(b[0]>>2&1)
		kind, sized := b[0]>>3&15, b[0]>>1&1 == 1
		if head > len(b) {
			break
		}
		b = b[head:]
		length := uint64(len(b))
		if sized {
			var n int
			if length, n = binary.Uvarint(b); n <= 0 {
				break
			}
			b = b[n:]
		}
		length = min(length, uint64(len(b)))
		if kind == 1 {
			one, err := av1Sequence(b[:length])
			if err != nil {
				return size, err
			}
			size = larger(size, one)
		}
		b = b[length:]
	}
	if size.X == 0 {
		return size, errNoHeader
	}
	return size, nil
}

// av1Sequence reads a sequence header (AV1, 5.5.1).
func av1Sequence(b []byte) (image.Point, error) {
	r := bitReader{b: b}
	r.bits(3 + 1) // the profile, a still picture
	if reduced := r.bits(1); reduced == 1 {
		r.bits(5)
	} else {
		model, delay := uint32(0), 0
		if timing := r.bits(1); timing == 1 {
			r.bits(32)
			r.bits(32)
			if equal := r.bits(1); equal == 1 {
				r.golomb()
			}
			if model = r.bits(1); model == 1 {
				delay = int(r.bits(5)) + 1
				r.bits(32)
				r.bits(10)
			}
		}
		display := r.bits(1)
		for points := r.bits(5) + 1; points > 0; points-- {
			r.bits(12)
			if level := r.bits(5); level > 7 {
				r.bits(1)
			}
			if model == 1 && r.bits(1) == 1 {
				r.bits(delay)
				r.bits(delay)
				r.bits(1)
			}
			if display == 1 && r.bits(1) == 1 {
				r.bits(4)
			}
		}
	}
	w, h := int(r.bits(4))+1, int(r.bits(4))+1
	size := image.Pt(int(r.bits(w))+1, int(r.bits(h))+1)
	if r.short {
		return image.Point{}, errNoHeader
	}
	return size, nil
}

// hevcSize reads the size from the sequence parameter sets of an HEVC picture, in its
// configuration (ISO/IEC 14496-15, 8.3.3.1) and among its bytes: of all its samples, and
// of those that are shown.
func hevcSize(config, b []byte) (coded, shown image.Point, err error) {
	if len(config) < 23 {
		return coded, shown, errNoHeader
	}
	add := func(unit []byte) {
		if len(unit) > 2 && unit[0]>>1 == 33 {
			c, s, failed := hevcSequence(unit)
			if failed != nil {
				err = failed
			}
			coded, shown = larger(coded, c), larger(shown, s)
		}
	}
	r := isoReader{b: config[23:]}
	for range config[22] {
		r.number(1)
		for n := r.number(2); n > 0 && !r.short; n-- {
			length := min(r.number(2), uint64(len(r.b)))
			add(r.b[:length])
			r.b = r.b[length:]
		}
	}
	lengthBytes := int(config[21]&3) + 1
	for r = (isoReader{b: b}); len(r.b) > lengthBytes; {
		length := min(r.number(lengthBytes), uint64(len(r.b)))
		add(r.b[:length])
		r.b = r.b[length:]
	}
	if err == nil && coded.X == 0 {
		err = errNoHeader
	}
	return coded, shown, err
}

// hevcSequence reads a sequence parameter set (ITU-T H.265, 7.3.2.2).
func hevcSequence(unit []byte) (coded, shown image.Point, err error) {
	// Two zeros are never followed by a small byte: a 3 stands in between.
	unit = unit[:min(len(unit), 1<<10)]
	r := bitReader{b: bytes.ReplaceAll(unit[2:], []byte{0, 0, 3}, []byte{0, 0})}
	r.bits(4)
	layers := int(r.bits(3))
	r.bits(1)
	for range 3 { // the profile and the level
		r.bits(32)
	}
	var profiles, levels int
	for range layers {
		profiles += int(r.bits(1))
		levels += int(r.bits(1))
	}
	if layers > 0 {
		r.bits(2 * (8 - layers))
	}
	for range 11*profiles + levels {
		r.bits(8)
	}
	r.golomb()
	chroma := r.golomb()
	if chroma == 3 {
		r.bits(1)
	}
	coded = image.Pt(int(r.golomb()), int(r.golomb()))
	shown = coded
	if window := r.bits(1); window == 1 {
		x, y := 1, 1
		if chroma == 1 || chroma == 2 {
			x = 2
		}
		if chroma == 1 {
			y = 2
		}
		left, right, top, bottom := int(r.golomb()), int(r.golomb()), int(r.golomb()), int(r.golomb())
		shown = coded.Sub(image.Pt(x*(left+right), y*(top+bottom)))
	}
	if r.short || shown.X <= 0 || shown.Y <= 0 || coded.X > 1<<16 || coded.Y > 1<<16 {
		return image.Point{}, image.Point{}, errNoHeader
	}
	return coded, shown, nil
}
