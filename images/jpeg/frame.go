package jpeg

import "encoding/binary"

// frame is how the picture is laid out (T.81, A.1 and A.2): components, each a
// plane of samples at its own resolution, cut into blocks of 8×8. An MCU is the
// smallest area that holds whole blocks of every component, h×v of each.
type frame struct {
	w, h        int
	progressive bool
	comps       []component
	hMax, vMax  int // the largest sampling factors: those of full resolution
	mcusX       int // MCUs in a row
	mcusY       int
}

// component is a plane of the frame.
type component struct {
	id      byte
	h, v    int // sampling factors
	tq      int // which quantisation table
	w, rows int // in samples that count
	blocksX int // blocks in a row, up to the end of the last MCU
}

// readFrame reads a start of frame (T.81, B.2.2).
func (d *decoder) readFrame(progressive bool, b []byte) error {
	f := &d.frame
	if f.comps != nil {
		return FormatError("several frames")
	}
	if len(b) < 6 || len(b) != 6+3*int(b[5]) {
		return FormatError("SOF has wrong length")
	}
	if b[0] != 8 {
		return UnsupportedError("more than 8 bits a sample")
	}
	switch b[5] {
	case 1, 3, 4:
	default:
		return UnsupportedError("number of components")
	}
	f.progressive = progressive
	f.h, f.w = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	if f.w == 0 {
		return FormatError("it has no width")
	}
	comps := make([]component, b[5])
	for i := range comps {
		c := &comps[i]
		s := b[6+3*i:]
		*c = component{id: s[0], h: int(s[1] >> 4), v: int(s[1] & 15), tq: int(s[2])}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 {
			return FormatError("bad sampling factors")
		}
		if c.tq > 3 {
			return FormatError("bad quantisation table")
		}
		for _, other := range comps[:i] {
			if other.id == c.id {
				return FormatError("repeated component identifier")
			}
		}
		if len(comps) == 1 { // the factors of a single plane mean nothing (A.2.2)
			c.h, c.v = 1, 1
		}
		f.hMax, f.vMax = max(f.hMax, c.h), max(f.vMax, c.v)
	}
	for _, c := range comps {
		if f.hMax%c.h != 0 || f.vMax%c.v != 0 {
			return UnsupportedError("ratio of colour and brightness")
		}
	}
	f.comps = comps
	f.layOut()
	return nil
}

// layOut computes what follows from the size and the sampling factors.
func (f *frame) layOut() {
	f.mcusX = ceilDiv(f.w, 8*f.hMax)
	f.mcusY = ceilDiv(f.h, 8*f.vMax)
	for i := range f.comps {
		c := &f.comps[i]
		c.w, c.rows = ceilDiv(f.w*c.h, f.hMax), ceilDiv(f.h*c.v, f.vMax)
		c.blocksX = f.mcusX * c.h
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
