package clipboard

import (
	"encoding/binary"
	"errors"
	"math"
)

// The layout of a bitmap in memory: BITMAPINFOHEADER and its successors
// (https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types).
const (
	fileHeaderBytes = 14
	infoHeaderBytes = 40
	bitFields       = 3 // biCompression: three colour masks stand behind an info header
	alphaBitFields  = 6 // four do
)

var errBitmap = errors.New("its bitmap is damaged")

// bmpFile makes a BMP file of a bitmap as Windows has it in the clipboard, by
// putting before it the header that only files have. It says where the pixels
// begin: behind the header, the masks and the palette.
func bmpFile(dib []byte) ([]byte, error) {
	if len(dib) < infoHeaderBytes {
		return nil, errBitmap
	}
	u32 := func(at int) uint64 { return uint64(binary.LittleEndian.Uint32(dib[at:])) }
	header, bits, compression, used := u32(0), binary.LittleEndian.Uint16(dib[14:]), u32(16), u32(32)
	begin := fileHeaderBytes + header
	if header == infoHeaderBytes && compression == bitFields {
		begin += 12
	}
	if header == infoHeaderBytes && compression == alphaBitFields {
		begin += 16
	}
	if used == 0 && bits <= 8 {
		used = 1 << bits
	}
	begin += 4 * used
	size := uint64(len(dib)) + fileHeaderBytes
	if header < infoHeaderBytes || begin >= size || size > math.MaxUint32 {
		return nil, errBitmap
	}
	file := make([]byte, fileHeaderBytes, size)
	copy(file, "BM")
	binary.LittleEndian.PutUint32(file[2:], uint32(size))
	binary.LittleEndian.PutUint32(file[10:], uint32(begin))
	return append(file, dib...), nil
}
