package images

import (
	"bytes"
	"io"
	"math/bits"

	"golang.org/x/image/ccitt"
)

// faxLines decodes lines one by one (ITU-T T.4, 4.1): x/image does not expect the
// zeros by which fax machines bring the end of a line to the end of a byte. Eleven
// zeros and a one are always the end of a line, whatever stands before it.
func faxLines(packed []byte, reversed bool, width, rows, size int) ([]byte, error) {
	const endOfLine = 11
	stride := (width + 7) / 8
	var out []byte
	line, n := []byte{0, 0x10}, 12 // a line's bits, behind the end of another
	zeros := 0
	flush := func() error {
		if n == 12 || zeros == n-12 {
			return nil // nothing stands before this end: it is the first, or one of those at the end
		}
		r := ccitt.NewReader(bytes.NewReader(line), ccitt.MSB, ccitt.Group3, width, 1, &ccitt.Options{Invert: true})
		row := make([]byte, stride)
		_, err := io.ReadFull(r, row)
		out = append(out, row...)
		return err
	}
	for _, b := range packed {
		if reversed {
			b = bits.Reverse8(b)
		}
		for i := 7; i >= 0; i-- {
			if len(out) >= min(stride*rows, size) {
				return out, nil
			}
			one := b >> i & 1
			if n%8 == 0 {
				line = append(line, 0)
			}
			line[n/8] |= one << (7 - n%8)
			n++
			switch {
			case one == 0:
				zeros++
			case zeros >= endOfLine:
				n--
				if err := flush(); err != nil {
					return nil, err
				}
				line, n, zeros = []byte{0, 0x10}, 12, 0
			default:
				zeros = 0
			}
		}
	}
	if len(out) < min(stride*rows, size) {
		if err := flush(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
