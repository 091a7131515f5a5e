package vectors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
)

// A file is a head of 4 KiB and rows. All numbers are little-endian. The head:
//
//	0   "vlmcvecs"
//	8   uint32: the version of the format, 1
//	12  uint32: the dimensions of a vector
//	16  uint32: the length of the space's ID
//	20  uint32: CRC-32C of the head with zeros in this place
//	24  the space's ID, and zeros
//
// A row is its values as float16 (IEEE 754 binary16), zeros up to a multiple of 8 values so
// that nothing that computes with them has a remainder, and the CRC-32C of these bytes with
// the row's number as its initial value, so that a row in another's place is damaged too.
// Rows begin at multiples of 8.
const (
	magic       = "vlmcvecs"
	version     = 1
	headerSize  = 4096
	headerFixed = 24
	headerSum   = 20

	maxDimensions = 1 << 16
	maxRows       = math.MaxInt32
	lanes         = 8 // values that are computed with at once
)

type header struct {
	dimensions int
	space      string
}

// padded is the number of values that a row has with its zeros.
func (h header) padded() int { return (h.dimensions + lanes - 1) / lanes * lanes }

// stride is the number of bytes from row to row.
func (h header) stride() int { return h.padded()*2 + 8 }

// offset is where a row begins in the file.
func (h header) offset(row int) int64 { return headerSize + int64(row)*int64(h.stride()) }

// encode returns the head's bytes, or why there can't be such a file.
func (h header) encode() ([]byte, error) {
	if h.dimensions < 1 || h.dimensions > maxDimensions {
		return nil, fmt.Errorf("vectors may have 1 to %d dimensions, not %d", maxDimensions, h.dimensions)
	}
	if len(h.space) > headerSize-headerFixed {
		return nil, fmt.Errorf("the ID of the vectors' space is too long: %d bytes", len(h.space))
	}
	b := make([]byte, headerSize)
	copy(b, magic)
	le := binary.LittleEndian
	le.PutUint32(b[8:], version)
	le.PutUint32(b[12:], uint32(h.dimensions))
	le.PutUint32(b[16:], uint32(len(h.space)))
	copy(b[headerFixed:], h.space)
	le.PutUint32(b[headerSum:], crc32.Checksum(b, castagnoli()))
	return b, nil
}

// readHeader reads the head of a file, whatever file it is.
func readHeader(file *os.File) (h header, err error) {
	b := make([]byte, headerSize)
	if _, err := file.ReadAt(b, 0); err != nil {
		if errors.Is(err, io.EOF) {
			return h, fmt.Errorf("%w: it ends within its head", ErrBroken)
		}
		return h, err
	}
	le := binary.LittleEndian
	if string(b[:len(magic)]) != magic {
		return h, fmt.Errorf("%w: it doesn't begin as one", ErrBroken)
	}
	if v := le.Uint32(b[8:]); v != version {
		return h, fmt.Errorf("%w: it is of version %d, and this program knows %d", ErrBroken, v, version)
	}
	if n := le.Uint32(b[16:]); n <= headerSize-headerFixed {
		h = header{dimensions: int(le.Uint32(b[12:])), space: string(b[headerFixed:][:n])}
	}
	// What is told of it in the same words is the same.
	if again, err := h.encode(); err != nil || !bytes.Equal(again, b) {
		return header{}, fmt.Errorf("%w: its head is damaged", ErrBroken)
	}
	return h, nil
}

// row is the bytes of one.
type row []byte

// row finds one in the bytes of a file.
func (h header) row(data []byte, n int) row { return data[h.offset(n):h.offset(n+1)] }

func (h header) encodeRow(b row, n int, v []float32) {
	for i, x := range v {
		binary.LittleEndian.PutUint16(b[i*2:], toHalf(x))
	}
	sum := b.sum(n)
	binary.LittleEndian.PutUint32(b[len(b)-8:], sum)
}

// sum is the checksum that a row has to have in its place.
func (r row) sum(n int) uint32 { return crc32.Update(uint32(n), castagnoli(), r[:len(r)-8]) }

// whole reports whether a row's bytes are as they were written.
func (r row) whole(n int) bool { return r.sum(n) == binary.LittleEndian.Uint32(r[len(r)-8:]) }

// decode puts a row's values, with the zeros, into v.
func (r row) decode(v []float32) []float32 {
	decodeHalves(&r[0], len(v), &v[0])
	return v
}

// castagnoli is the table of the checksums, which is made once.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }
