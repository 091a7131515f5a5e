package images

import (
	"encoding/binary"
	"iter"
)

// The markers of JPEG (ITU-T T.81, table B.1) that matter here.
const (
	jpegSOF0  = 0xc0
	jpegSOF2  = 0xc2
	jpegRST0  = 0xd0
	jpegRST7  = 0xd7
	jpegSOI   = 0xd8
	jpegEOI   = 0xd9
	jpegSOS   = 0xda
	jpegAPP0  = 0xe0
	jpegAPP1  = 0xe1
	jpegAPP2  = 0xe2
	jpegAPP14 = 0xee
	jpegAPP15 = 0xef
	jpegCOM   = 0xfe
)

// jpegSegment is one marker segment of a JPEG file.
type jpegSegment struct {
	marker  byte
	payload []byte // without the length
	coded   []byte // after a start of scan: the entropy-coded data, restart markers included
}

// jpegSegments walks a JPEG's segments up to and including the end of image.
// It ends early, without EOI, where the structure breaks.
func jpegSegments(data []byte) iter.Seq[jpegSegment] {
	return func(yield func(jpegSegment) bool) {
		if len(data) < 2 || data[0] != 0xff || data[1] != jpegSOI {
			return
		}
		for data = data[2:]; ; {
			// A marker may be preceded by any number of fill bytes 0xff.
			for len(data) >= 2 && data[0] == 0xff && data[1] == 0xff {
				data = data[1:]
			}
			if len(data) < 2 || data[0] != 0xff {
				return
			}
			s := jpegSegment{marker: data[1]}
			data = data[2:]
			if s.marker == jpegEOI {
				yield(s)
				return
			}
			if len(data) < 2 {
				return
			}
			n := int(binary.BigEndian.Uint16(data))
			if n < 2 || n > len(data) {
				return
			}
			s.payload, data = data[2:n], data[n:]
			if s.marker == jpegSOS {
				n := codedLength(data)
				s.coded, data = data[:n], data[n:]
			}
			if !yield(s) {
				return
			}
		}
	}
}

// codedLength is the length of the entropy-coded data at the start of b: up to
// a marker that is neither a stuffed zero nor a restart.
func codedLength(b []byte) int {
	for i := 0; i+1 < len(b); i++ {
		if b[i] != 0xff {
			continue
		}
		if m := b[i+1]; m != 0 && m != 0xff && (m < jpegRST0 || m > jpegRST7) {
			return i
		}
	}
	return len(b)
}

// chunk is a named piece of a PNG or RIFF file.
type chunk struct {
	name    string
	payload []byte
	whole   []byte // with its header, and PNG's checksum
}

const pngMagic = "\x89PNG\r\n\x1a\n"

// pngChunks walks the chunks of a PNG file up to IEND, or to where the
// structure breaks.
func pngChunks(data []byte) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		if len(data) < len(pngMagic) || string(data[:len(pngMagic)]) != pngMagic {
			return
		}
		for data = data[len(pngMagic):]; len(data) >= 12; {
			n := uint64(binary.BigEndian.Uint32(data)) + 12
			if n > uint64(len(data)) {
				return
			}
			c := chunk{name: string(data[4:8]), payload: data[8 : n-4], whole: data[:n]}
			if !yield(c) || c.name == "IEND" {
				return
			}
			data = data[n:]
		}
	}
}

// riffChunks walks the chunks of a WebP file (RIFF, little endian, each chunk
// padded to an even length), or to where the structure breaks.
func riffChunks(data []byte) iter.Seq[chunk] {
	if len(data) < 12 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WEBP" {
		return func(func(chunk) bool) {}
	}
	return riffSubchunks(data[12:])
}

// riffSubchunks walks chunks that follow each other without a file header.
func riffSubchunks(data []byte) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		for len(data) >= 8 {
			n := uint64(binary.LittleEndian.Uint32(data[4:])) + 8
			if n > uint64(len(data)) {
				return
			}
			if !yield(chunk{name: string(data[:4]), payload: data[8:n], whole: data[:n]}) {
				return
			}
			data = data[min(n+n%2, uint64(len(data))):]
		}
	}
}
