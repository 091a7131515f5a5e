package jpeg

import "encoding/binary"

// The markers of T.81, table B.1.
const (
	markerSOF0  = 0xc0 // start of frame: baseline
	markerSOF1  = 0xc1 // extended sequential
	markerSOF2  = 0xc2 // progressive
	markerDHT   = 0xc4 // Huffman tables
	markerSOF15 = 0xcf
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerDQT   = 0xdb
	markerDNL   = 0xdc // number of lines
	markerDRI   = 0xdd // restart interval
	markerAPP0  = 0xe0
	markerAPP14 = 0xee
	markerAPP15 = 0xef
	markerCOM   = 0xfe
	markerTEM   = 0x01
	markerJPG   = 0xc8
	markerDAC   = 0xcc // arithmetic coding's tables
)

// decoder walks through a file and remembers what its segments say.
type decoder struct {
	data []byte
	pos  int

	frame   frame
	quant   [4]quantTable
	dc, ac  [4]table
	restart int // MCUs between restart markers; 0: there are none

	jfif      bool
	adobe     bool
	transform byte // Adobe's: 0 for RGB or CMYK, else YCbCr or YCCK

	scratch []byte // for the bits of a scan
}

// quantTable is a quantisation table in zigzag order. The last place is there
// again for the numbers behind it, as in natural.
type quantTable struct {
	q       [80]uint16
	defined bool
}

// next returns the next marker with its segment's payload. Bytes that belong to
// no segment are passed over, as all decoders do: cameras leave some.
func (d *decoder) next() (marker byte, payload []byte, err error) {
	for {
		if d.pos+2 > len(d.data) {
			return 0, nil, errShort
		}
		marker = d.data[d.pos+1]
		if d.data[d.pos] != 0xff || marker == 0 || marker == 0xff {
			d.pos++
			continue
		}
		d.pos += 2
		switch {
		case marker == markerEOI:
			return marker, nil, nil
		case marker >= markerRST0 && marker <= markerRST7, marker == markerTEM:
			continue // they have no segment; some files end with one too many
		case marker < markerSOF0:
			return 0, nil, FormatError("unknown marker")
		}
		if d.pos+2 > len(d.data) {
			return 0, nil, errShort
		}
		n := int(binary.BigEndian.Uint16(d.data[d.pos:]))
		if n < 2 {
			return 0, nil, FormatError("a segment has no length")
		}
		if d.pos+n > len(d.data) {
			return 0, nil, errShort
		}
		payload = d.data[d.pos+2 : d.pos+n]
		d.pos += n
		return marker, payload, nil
	}
}

// nextScan reads segments up to the next start of scan and returns that one's
// payload, or nil at the end of the image.
func (d *decoder) nextScan() (payload []byte, err error) {
	if d.pos == 0 {
		if len(d.data) < 2 {
			return nil, errShort
		}
		if d.data[0] != 0xff || d.data[1] != 0xd8 {
			return nil, FormatError("missing SOI marker")
		}
		d.pos = 2
	}
	for {
		marker, payload, err := d.next()
		if err != nil {
			return nil, err
		}
		switch marker {
		case markerSOS:
			if d.frame.comps == nil {
				return nil, FormatError("missing SOF marker")
			}
			if d.frame.h == 0 {
				return payload, d.readDNL()
			}
			return payload, nil
		case markerEOI:
			if d.frame.comps == nil {
				return nil, FormatError("missing SOF marker")
			}
			return nil, nil
		default:
			if err := d.segment(marker, payload); err != nil {
				return nil, err
			}
		}
	}
}

// segment reads a segment other than a start of scan.
func (d *decoder) segment(marker byte, payload []byte) error {
	switch marker {
	case markerSOF0, markerSOF1, markerSOF2:
		return d.readFrame(marker == markerSOF2, payload)
	case markerDHT:
		return d.readTables(payload)
	case markerDQT:
		return d.readQuant(payload)
	case markerDRI:
		if len(payload) != 2 {
			return FormatError("DRI has wrong length")
		}
		d.restart = int(binary.BigEndian.Uint16(payload))
	case markerAPP0:
		d.jfif = d.jfif || len(payload) >= 5 && string(payload[:5]) == "JFIF\x00"
	case markerAPP14:
		if len(payload) >= 12 && string(payload[:5]) == "Adobe" {
			d.adobe, d.transform = true, payload[11]
		}
	case markerDNL, markerCOM:
	case markerDAC:
		return UnsupportedError("arithmetic coding")
	default:
		switch {
		case marker > markerAPP0 && marker <= markerAPP15:
		case marker > markerSOF2 && marker <= markerSOF15 && marker != markerJPG:
			if marker > markerJPG {
				return UnsupportedError("arithmetic coding")
			}
			return UnsupportedError("lossless or hierarchical coding")
		default:
			return UnsupportedError("unknown marker")
		}
	}
	return nil
}

// readQuant reads quantisation tables (T.81, B.2.4.1).
func (d *decoder) readQuant(b []byte) error {
	for len(b) > 0 {
		wide, id := b[0]>>4, b[0]&15
		if id > 3 || wide > 1 {
			return FormatError("bad quantisation table")
		}
		b = b[1:]
		n := 64 << wide
		if len(b) < n {
			return FormatError("DQT has wrong length")
		}
		t := &d.quant[id]
		t.defined = true
		for i := range t.q {
			at := min(i, 63)
			if wide == 0 {
				t.q[i] = uint16(b[at])
			} else {
				t.q[i] = binary.BigEndian.Uint16(b[2*at:])
			}
		}
		b = b[n:]
	}
	return nil
}

// readDNL finds the height where the frame leaves it open: behind the first
// scan's data (T.81, B.2.5).
func (d *decoder) readDNL() error {
	n, err := codedLength(d.data[d.pos:])
	if err != nil {
		return err
	}
	ahead := decoder{data: d.data, pos: d.pos + n}
	marker, payload, err := ahead.next()
	if err != nil {
		return err
	}
	if marker != markerDNL || len(payload) != 2 {
		return FormatError("it has no height")
	}
	d.frame.h = int(binary.BigEndian.Uint16(payload))
	if d.frame.h == 0 {
		return FormatError("it has no height")
	}
	d.frame.layOut()
	return nil
}
