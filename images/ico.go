package images

import (
	"context"
	"encoding/binary"
	"image"
	"image/png"
	"io"
)

// An icon or cursor of Windows holds the same picture in several sizes, as PNGs or
// as bitmaps with a mask behind them. The largest is the one to look at.

// isICO knows icons and cursors by their few fixed bytes.
func isICO(data []byte) bool {
	return (matches(data, "\x00\x00\x01\x00?\x00") || matches(data, "\x00\x00\x02\x00?\x00")) && len(data) > 9 && data[4] > 0 && data[9] == 0
}

// largestIcon returns the bytes of the picture to look at.
func largestIcon(data []byte) ([]byte, error) {
	var best []byte
	most := 0
	for entries, n := data[6:], int(data[4]); n > 0; n-- {
		if len(entries) < 16 {
			return nil, io.ErrUnexpectedEOF
		}
		e := entries[:16]
		entries = entries[16:]
		// A side of 256 is written as 0. Of the same size more bits are better.
		worth := (int(e[0]-1)+1)*(int(e[1]-1)+1)<<8 + int(min(binary.LittleEndian.Uint16(e[6:]), 255))
		size, at := uint64(binary.LittleEndian.Uint32(e[8:])), uint64(binary.LittleEndian.Uint32(e[12:]))
		if at+size > uint64(len(data)) {
			return nil, io.ErrUnexpectedEOF
		}
		if worth > most {
			best, most = data[at:at+size], worth
		}
	}
	return best, nil
}

// iconBitmap reads a bitmap whose height counts the mask as well.
func iconBitmap(b []byte) (*dib, error) {
	d, err := readDIB(b, 0)
	if err != nil {
		return nil, err
	}
	d.h /= 2
	if d.bits == 32 {
		d.masks[3] = 0xff000000
	}
	return d, nil
}

func icoSize(data []byte, _ int) (image.Point, error) {
	b, err := largestIcon(data)
	if err != nil {
		return image.Point{}, err
	}
	if matches(b, pngMagic) {
		return sizeBy(png.DecodeConfig)(b, 0)
	}
	d, err := iconBitmap(b)
	if err != nil {
		return image.Point{}, err
	}
	return image.Pt(d.w, d.h), nil
}

// decodeICO decodes the largest picture.
func decodeICO(ctx context.Context, data []byte, _ int) (canvas, error) {
	b, err := largestIcon(data)
	if err != nil {
		return canvas{}, err
	}
	if matches(b, pngMagic) {
		return decodePNG(ctx, b)
	}
	d, err := iconBitmap(b)
	if err != nil {
		return canvas{}, err
	}
	c, err := d.decode(ctx)
	if err != nil || c.alpha != nil {
		return c, err
	}
	mask := dib{w: d.w, h: d.h, bits: 1}
	if d.compression == dibPlain && len(d.pixels) >= d.h*(d.stride()+mask.stride()) {
		mask.pixels = d.pixels[d.h*d.stride():]
		c.alpha = make([]byte, d.w*d.h)
		for y := range d.h {
			for x := range d.w {
				hidden := mask.pixels[(d.h-1-y)*mask.stride()+x/8] >> (7 - x%8) & 1
				c.alpha[y*d.w+x] = 255 * (1 - hidden)
			}
		}
	}
	return c, nil
}
