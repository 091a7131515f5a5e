package images

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"math/bits"
)

// A BMP is a header of 14 bytes before a device-independent bitmap, which icons
// have too. Paint, screenshots, the clipboard, scanners and old programs each write
// their own kind, most of which golang.org/x/image/bmp refuses: runs, 16 bits, masks,
// OS/2's headers. Microsoft's "Bitmap Storage" describes them.

// dib is a device-independent bitmap, read up to its pixels.
type dib struct {
	w, h        int
	topDown     bool
	bits        int
	compression int
	masks       [4]uint32 // of red, green, blue and opacity in a pixel of 16 or 32 bits
	palette     []byte    // 3 bytes a colour
	pixels      []byte
	profile     []byte
}

// The compressions of bitmaps.
const (
	dibPlain     = 0
	dibRuns8     = 1
	dibRuns4     = 2
	dibMasks     = 3
	dibAllMasks  = 6 // with one for opacity
	dibCore      = 12
	dibInfo      = 40
	dibWithMasks = 52
	dibWithAlpha = 56
	dibV5        = 124
)

// bmpBitmap reads a BMP's headers.
func bmpBitmap(data []byte) (*dib, error) {
	const head = 14
	if len(data) < head {
		return nil, io.ErrUnexpectedEOF
	}
	return readDIB(data[head:], int64(binary.LittleEndian.Uint32(data[10:]))-head)
}

// readDIB reads a bitmap's header, masks and colours. Its pixels begin at the given
// place, if that makes sense, and behind them otherwise.
func readDIB(b []byte, at int64) (*dib, error) {
	if len(b) < 4 {
		return nil, io.ErrUnexpectedEOF
	}
	le := binary.LittleEndian
	size := int64(le.Uint32(b))
	if size != dibCore && size < 16 || size > 1<<10 {
		return nil, unsupportedError(fmt.Sprintf("a header of %d bytes", size))
	}
	if size > int64(len(b)) {
		return nil, io.ErrUnexpectedEOF
	}
	var head [dibV5]byte
	copy(head[:], b[:size])
	d := &dib{}
	colour, used := 4, 0
	if size == dibCore {
		d.w, d.h, d.bits, colour = int(le.Uint16(head[4:])), int(le.Uint16(head[6:])), int(le.Uint16(head[10:])), 3
	} else {
		d.w, d.h, d.bits = int(int32(le.Uint32(head[4:]))), int(int32(le.Uint32(head[8:]))), int(le.Uint16(head[14:]))
		d.compression, used = int(le.Uint32(head[16:])), int(le.Uint32(head[32:]))
	}
	if d.h < 0 {
		d.h, d.topDown = -d.h, true
	}
	if d.w < 0 {
		return nil, fmt.Errorf("it says that it is %d×%d pixels large", d.w, d.h)
	}
	end := size
	switch {
	case d.compression == dibRuns8 && d.bits == 8, d.compression == dibRuns4 && d.bits == 4:
	case d.compression == dibPlain:
		d.masks = map[int][4]uint32{16: {0x7c00, 0x3e0, 0x1f}, 32: {0xff0000, 0xff00, 0xff}}[d.bits]
		if size >= dibWithAlpha && d.bits == 32 {
			d.masks[3] = le.Uint32(head[52:])
		}
	case (d.compression == dibMasks || d.compression == dibAllMasks) && size != 64 && (d.bits == 16 || d.bits == 32):
		masks, n := head[dibInfo:], 3
		if size >= dibWithAlpha || d.compression == dibAllMasks {
			n = 4
		}
		if size < dibWithMasks { // they follow the header
			end += int64(4 * n)
			if end > int64(len(b)) {
				return nil, io.ErrUnexpectedEOF
			}
			masks = b[size:]
		}
		for i := range n {
			d.masks[i] = le.Uint32(masks[4*i:])
		}
	default:
		return nil, unsupportedError(fmt.Sprintf("%d bits with compression %d", d.bits, d.compression))
	}
	switch d.bits {
	case 1, 2, 4, 8:
		most := 1 << d.bits
		if used == 0 || used > most {
			used = most
		}
		for i := range used {
			from := end + int64(i*colour)
			if from+int64(colour) > int64(len(b)) || at > end && from >= at {
				break
			}
			d.palette = append(d.palette, b[from+2], b[from+1], b[from])
		}
		end += int64(len(d.palette) / 3 * colour)
	case 16, 24, 32:
	default:
		return nil, unsupportedError(fmt.Sprintf("%d bits a pixel", d.bits))
	}
	if at < end {
		at = end
	}
	if at > int64(len(b)) {
		return nil, io.ErrUnexpectedEOF
	}
	d.pixels = b[at:]
	if size >= dibV5 && string(head[56:60]) == "DEBM" {
		from, n := int64(le.Uint32(head[112:])), int64(le.Uint32(head[116:]))
		if from+n <= int64(len(b)) {
			d.profile = b[from : from+n]
		}
	}
	return d, nil
}

func bmpSize(data []byte, _ int) (image.Point, error) {
	d, err := bmpBitmap(data)
	if err != nil {
		return image.Point{}, err
	}
	return image.Pt(d.w, d.h), nil
}

// bmpColours reads the profile that a header of the fifth version may name.
func bmpColours(data []byte, _ int) *colours {
	d, err := bmpBitmap(data)
	if err != nil {
		return nil
	}
	return icc(d.profile)
}

// decodeBMP decodes a BMP.
func decodeBMP(ctx context.Context, data []byte, _ int) (canvas, error) {
	d, err := bmpBitmap(data)
	if err != nil {
		return canvas{}, err
	}
	return d.decode(ctx)
}

// stride is the length of a row in bytes.
func (d *dib) stride() int { return (d.w*d.bits + 31) / 32 * 4 }

// decode makes the pixels. Where every pixel says that it is invisible, the opposite
// is meant: many writers leave the fourth byte at zero (stb_image and browsers see
// it so too).
func (d *dib) decode(ctx context.Context) (canvas, error) {
	pixels, stride := d.pixels, d.stride()
	if d.compression == dibRuns8 || d.compression == dibRuns4 {
		var err error
		if pixels, err = d.runs(ctx); err != nil {
			return canvas{}, err
		}
		stride = d.w
	} else if len(pixels) < (d.h-1)*stride+(d.w*d.bits+7)/8 { // the last row may lack what fills it up
		return canvas{}, io.ErrUnexpectedEOF
	}
	c := canvas{w: d.w, h: d.h, rgb: make([]byte, 3*d.w*d.h)}
	if d.masks[3] != 0 {
		c.alpha = make([]byte, d.w*d.h)
	}
	seen := false
	for y := range d.h {
		if err := ctx.Err(); err != nil {
			return canvas{}, err
		}
		row := pixels[y*stride:]
		to := d.h - 1 - y
		if d.topDown {
			to = y
		}
		d.row(c.rgb[3*d.w*to:3*d.w*(to+1)], row)
		if c.alpha != nil {
			for x, a := range d.channel(row, 3, c.alpha[d.w*to:d.w*(to+1)]) {
				c.alpha[d.w*to+x] = a
				seen = seen || a != 0
			}
		}
	}
	if !seen {
		c.alpha = nil
	}
	return c, nil
}

// row makes a row of colours.
func (d *dib) row(rgb, row []byte) {
	if len(d.palette) > 0 || d.bits <= 8 {
		size := d.bits
		if d.compression != dibPlain {
			size = 8 // what runs were made to
		}
		most := byte(1<<size - 1)
		for x := range d.w {
			at := x * size
			// A number without a colour is black, as browsers have it.
			if i := 3 * int(row[at/8]>>(8-size-at%8)&most); i < len(d.palette) {
				copy(rgb[3*x:3*x+3], d.palette[i:])
			}
		}
		return
	}
	if d.bits == 24 || d.masks == [4]uint32{0xff0000, 0xff00, 0xff, d.masks[3]} && d.bits == 32 {
		size := d.bits / 8
		for x := range d.w {
			rgb[3*x], rgb[3*x+1], rgb[3*x+2] = row[size*x+2], row[size*x+1], row[size*x]
		}
		return
	}
	values := make([]byte, d.w)
	for k := range 3 {
		for x, v := range d.channel(row, k, values) {
			rgb[3*x+k] = v
		}
	}
}

// channel makes a byte of what a mask takes from each pixel of a row.
func (d *dib) channel(row []byte, k int, values []byte) []byte {
	mask := d.masks[k]
	shift := bits.TrailingZeros32(mask)
	most := uint64(mask >> shift)
	for x := range d.w {
		v := uint32(0)
		if d.bits == 16 {
			v = uint32(binary.LittleEndian.Uint16(row[2*x:]))
		} else {
			v = binary.LittleEndian.Uint32(row[4*x:])
		}
		values[x] = 0
		if most != 0 {
			values[x] = byte((uint64(v&mask>>shift)*255 + most/2) / most)
		}
	}
	return values
}

// runs undoes run-length encoding to a byte a pixel, in the order of the file. What
// is passed over has the first colour.
func (d *dib) runs(ctx context.Context) ([]byte, error) {
	if len(d.pixels)*255 < d.w*d.h { // more than runs can mean
		return nil, io.ErrUnexpectedEOF
	}
	out := make([]byte, d.w*d.h)
	x, y, b := 0, 0, d.pixels
	put := func(v byte) {
		if x < d.w && y < d.h {
			out[y*d.w+x] = v
		}
		x++
	}
	for steps := 0; ; steps++ {
		if steps&0xffff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if len(b) < 2 {
			if y >= d.h || y == d.h-1 && x >= d.w {
				return out, nil // all is there but the word that says so
			}
			return nil, io.ErrUnexpectedEOF
		}
		n, v := int(b[0]), b[1]
		b = b[2:]
		if n > 0 {
			for i := range n {
				put(d.nibble(v, i))
			}
			continue
		}
		switch v {
		case 0:
			x, y = 0, y+1
		case 1:
			return out, nil
		case 2:
			if len(b) < 2 {
				return nil, io.ErrUnexpectedEOF
			}
			x, y, b = x+int(b[0]), y+int(b[1]), b[2:]
		default: // so many pixels as they are, filled up to 16 bits
			size := (int(v)*d.bits + 7) / 8
			if len(b) < size {
				return nil, io.ErrUnexpectedEOF
			}
			for i := range int(v) {
				put(d.nibble(b[i*d.bits/8], i))
			}
			b = b[min(size+size%2, len(b)):]
		}
		if y > d.h {
			return nil, errors.New("its runs lead out of the picture")
		}
	}
}

// nibble is the half of a byte that counts for a pixel, or the whole of it.
func (d *dib) nibble(v byte, i int) byte {
	switch {
	case d.bits == 8:
		return v
	case i%2 == 0:
		return v >> 4
	}
	return v & 15
}
