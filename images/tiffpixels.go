package images

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
	"slices"
	"strconv"

	"golang.org/x/image/ccitt"
	"golang.org/x/image/tiff/lzw"

	"github.com/vlmchat/vlmchat/images/jpeg"
)

// The compressions that are read.
const (
	tiffPlain      = 1
	tiffG3         = 3
	tiffG4         = 4
	tiffLZW        = 5
	tiffJPEG       = 7
	tiffDeflate    = 8
	tiffPackBits   = 32773
	tiffDeflateOld = 32946
)

// tiffCompressions are the names of others.
var tiffCompressions = map[int]string{
	2: "fax", 6: "old-style JPEG", 9: "JBIG", 10: "JBIG", 34661: "JBIG", 34712: "JPEG 2000", 33003: "JPEG 2000", 33005: "JPEG 2000",
	34887: "LERC", 34892: "lossy JPEG", 34925: "LZMA", 50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
	32809: "ThunderScan", 34676: "SGI", 34677: "SGI", 32766: "NeXT",
}

// tiffMost is how many bytes compressions make of one at most: a run of 128 in two,
// deflate's, a text of 4096 in twelve bits.
var tiffMost = map[int]float64{tiffPlain: 1, tiffPackBits: 64, tiffLZW: 2731, tiffDeflate: mostInflated, tiffDeflateOld: mostInflated}

// decodeTIFF decodes a page and turns it upright.
func decodeTIFF(ctx context.Context, data []byte, frame int) (canvas, error) {
	p, err := tiffPageOf(data, frame)
	if err != nil {
		return canvas{}, err
	}
	l, err := p.layout()
	if err != nil {
		return canvas{}, err
	}
	d := tiffDecoder{tiffPage: p, tiffLayout: l, turn: jpeg.TurnOf(l.w, l.h, p.small(tiffOrientationIs, 1))}
	d.out.w, d.out.h = d.turn.W, d.turn.H
	d.out.rgb = make([]byte, 3*l.w*l.h)
	if l.alpha >= 0 {
		d.out.alpha = make([]byte, l.w*l.h)
	}
	d.out.photo = l.compression == tiffJPEG
	for i := range l.across * l.down {
		if err := ctx.Err(); err != nil {
			return canvas{}, err
		}
		if err := d.decodeBlock(ctx, i); err != nil {
			return canvas{}, err
		}
	}
	return d.out, nil
}

// tiffDecoder makes the pixels of a page.
type tiffDecoder struct {
	*tiffPage
	*tiffLayout
	out      canvas
	turn     jpeg.Turn
	inflater io.ReadCloser
}

// decodeBlock decodes a strip or tile: of all planes, if there are several.
func (d *tiffDecoder) decodeBlock(ctx context.Context, i int) error {
	x, y := i%d.across*d.block.X, i/d.across*d.block.Y
	w, h := min(d.block.X, d.w-x), min(d.block.Y, d.h-y) // what is seen of it
	rows := d.block.Y
	if d.offsets == tiffStripOffsets {
		rows = h
	}
	each := d.samples / d.planes // samples of a pixel in a plane
	planes := make([][]byte, d.planes)
	for plane := range planes {
		n := plane*d.across*d.down + i
		at, size := d.value(d.offsets, n, 0), d.value(d.counts, n, 0)
		packed := d.data[at : at+size]
		if d.compression == tiffJPEG {
			c, err := d.jpeg(ctx, packed)
			if err != nil {
				return err
			}
			if c.w < w || c.h < h {
				return errShort
			}
			d.placeRGB(c, x, y, w, h)
			return nil
		}
		stride := (d.block.X*each*d.bits + 7) / 8
		b, err := d.unpack(packed, stride*rows, rows)
		if err != nil {
			return err
		}
		if len(b) < stride*h {
			return errShort
		}
		d.predict(b, stride, each)
		planes[plane] = b
	}
	d.place(planes, each, x, y, w, h)
	return nil
}

// unpack undoes the compression, up to so many bytes.
func (d *tiffDecoder) unpack(packed []byte, size, rows int) ([]byte, error) {
	fax := d.compression == tiffG3 || d.compression == tiffG4
	if d.reversed && !fax {
		packed = slices.Clone(packed)
		for i, b := range packed {
			packed[i] = bits.Reverse8(b)
		}
	}
	var r io.Reader = bytes.NewReader(packed)
	switch d.compression {
	case tiffPlain:
		return slices.Clone(packed[:min(size, len(packed))]), nil
	case tiffPackBits:
		return unpackBits(packed, size)
	case tiffLZW:
		r = lzw.NewReader(r, lzw.MSB, 8)
	case tiffDeflate, tiffDeflateOld:
		if err := d.inflate(r); err != nil {
			return nil, err
		}
		r = d.inflater
	case tiffG3:
		return faxLines(packed, d.reversed, d.block.X, rows, size)
	case tiffG4:
		order := ccitt.MSB
		if d.reversed {
			order = ccitt.LSB
		}
		// White runs are zeros, whatever zero means, as libtiff has it.
		r = ccitt.NewReader(r, order, ccitt.Group4, d.block.X, rows, &ccitt.Options{Invert: true})
	default:
		return nil, unsupportedError("compression of kind " + strconv.Itoa(d.compression))
	}
	// As it comes: what a piece says of its size is no reason to take the memory.
	b, err := io.ReadAll(io.LimitReader(r, int64(size)))
	if err == io.ErrUnexpectedEOF && len(b) == size {
		err = nil // all that counts is there
	}
	return b, err
}

// inflate begins with another piece. What inflates is used again: it is larger than
// many pieces.
func (d *tiffDecoder) inflate(r io.Reader) (err error) {
	if z, ok := d.inflater.(zlib.Resetter); ok {
		return z.Reset(r, nil)
	}
	d.inflater, err = zlib.NewReader(r)
	return err
}

// unpackBits undoes runs and literals (TIFF 6.0, section 9).
func unpackBits(packed []byte, size int) ([]byte, error) {
	var out []byte
	for len(packed) > 0 && len(out) < size {
		n := int(int8(packed[0]))
		packed = packed[1:]
		switch {
		case n >= 0:
			if len(packed) < n+1 {
				return nil, io.ErrUnexpectedEOF
			}
			out, packed = append(out, packed[:n+1]...), packed[n+1:]
		case n > -128:
			if len(packed) < 1 {
				return nil, io.ErrUnexpectedEOF
			}
			out, packed = append(out, bytes.Repeat(packed[:1], 1-n)...), packed[1:]
		}
	}
	return out[:min(size, len(out))], nil
}

// predict undoes differences to the pixel before (TIFF 6.0, section 14).
func (d *tiffDecoder) predict(b []byte, stride, each int) {
	if !d.predictor {
		return
	}
	for ; len(b) >= stride; b = b[stride:] {
		row := b[:stride]
		switch d.bits {
		case 8:
			for i := each; i < len(row); i++ {
				row[i] += row[i-each]
			}
		case 16:
			for i := 2 * each; i+1 < len(row); i += 2 {
				d.order.PutUint16(row[i:], d.order.Uint16(row[i:])+d.order.Uint16(row[i-2*each:]))
			}
		case 32:
			for i := 4 * each; i+3 < len(row); i += 4 {
				d.order.PutUint32(row[i:], d.order.Uint32(row[i:])+d.order.Uint32(row[i-4*each:]))
			}
		}
	}
}

// place writes a block's pixels.
func (d *tiffDecoder) place(planes [][]byte, each, x, y, w, h int) {
	stride := (d.block.X*each*d.bits + 7) / 8
	rows := make([][]byte, len(planes)) // a row of each plane, a byte a sample
	for i := range rows {
		rows[i] = make([]byte, w*each)
	}
	palette := d.palette()
	px := make([]byte, d.samples)
	for line := range h {
		for i, plane := range planes {
			d.bytes(rows[i], plane[line*stride:(line+1)*stride])
		}
		to := d.turn.Start + x*d.turn.StepX + (y+line)*d.turn.StepY
		for i := range w {
			if d.planes == 1 {
				px = rows[0][i*each : (i+1)*each]
			} else {
				for s := range px {
					px[s] = rows[s][i]
				}
			}
			d.colour(d.out.rgb[3*to:3*to+3], px, palette)
			if d.alpha >= 0 {
				a := px[d.alpha]
				d.out.alpha[to] = a
				if d.premultiplied && a != 0 {
					for k, v := range d.out.rgb[3*to : 3*to+3] {
						d.out.rgb[3*to+k] = byte(min(255, (int(v)*255+int(a)/2)/int(a)))
					}
				}
			}
			to += d.turn.StepX
		}
	}
}

// bytes makes a byte of each sample of a row: the upper one of those that have more,
// and all of the range of those that have less, but for a palette's numbers.
func (d *tiffDecoder) bytes(out, row []byte) {
	switch d.bits {
	case 8:
		copy(out, row)
	case 16, 32:
		size, upper := d.bits/8, 0
		if d.order == binary.LittleEndian {
			upper = size - 1
		}
		for i := range out {
			out[i] = row[i*size+upper]
		}
	default:
		most := byte(1<<d.bits - 1)
		scale := 255 / most
		if d.photometric == photometricPalette {
			scale = 1
		}
		for i := range out {
			at := i * d.bits
			out[i] = row[at/8] >> (8 - d.bits - at%8) & most * scale
		}
	}
}

// colour makes a pixel of its samples.
func (d *tiffDecoder) colour(rgb, px []byte, palette []byte) {
	switch d.photometric {
	case photometricWhiteIsZero:
		v := 255 - px[0]
		rgb[0], rgb[1], rgb[2] = v, v, v
	case photometricBlackIsZero:
		rgb[0], rgb[1], rgb[2] = px[0], px[0], px[0]
	case photometricPalette:
		if i := 3 * int(px[0]); i < len(palette) {
			copy(rgb, palette[i:i+3])
		}
	case photometricCMYK:
		k := 255 - int(px[3])
		for i := range rgb {
			rgb[i] = byte(((255-int(px[i]))*k + 127) / 255)
		}
	default:
		copy(rgb, px)
	}
}

// palette returns a page's colours, 3 bytes each. They have 16 bits, but some
// writers use only the lower 8.
func (d *tiffDecoder) palette() []byte {
	if d.photometric != photometricPalette {
		return nil
	}
	n := min(d.count(tiffColourMap)/3, 256)
	palette, upper := make([]byte, 3*n), false
	for shift := range 2 {
		for i := range palette {
			v := d.value(tiffColourMap, i%3*n+i/3, 0)
			upper = upper || v > 255
			palette[i] = byte(v >> (8 * (1 - shift)))
		}
		if upper {
			break
		}
	}
	return palette
}

// jpeg decodes a piece that is a JPEG, whose tables may lie in the page ("TIFF
// Technical Note #2", 1995).
func (d *tiffDecoder) jpeg(ctx context.Context, packed []byte) (canvas, error) {
	if d.planes != 1 || d.bits != 8 || len(packed) < 4 {
		return canvas{}, unsupportedError("JPEGs of this kind within")
	}
	file := []byte{0xff, jpegSOI}
	if d.photometric == photometricRGB {
		// Adobe's marker says that the colours are not transformed.
		file = append(file, "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"...)
	}
	if tables := d.tags[tiffJPEGTables].values; len(tables) > 4 {
		file = append(file, tables[2:len(tables)-2]...)
	}
	file = append(file, packed[2:]...)
	size, err := jpegSize(file, 0)
	if err != nil {
		return canvas{}, err
	}
	if size.X > d.block.X || size.Y > d.block.Y {
		return canvas{}, errors.New("a JPEG in it is larger than its place")
	}
	return jpegPixels(ctx, file, 1)
}

// placeRGB writes the pixels of a block that are ready.
func (d *tiffDecoder) placeRGB(c canvas, x, y, w, h int) {
	for line := range h {
		to := d.turn.Start + x*d.turn.StepX + (y+line)*d.turn.StepY
		for i := range w {
			copy(d.out.rgb[3*to:3*to+3], c.rgb[3*(line*c.w+i):])
			if d.out.alpha != nil {
				d.out.alpha[to] = 255
			}
			to += d.turn.StepX
		}
	}
}
