package images

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"

	"github.com/vlmchat/vlmchat/images/jpeg"
)

// A TIFF (TIFF 6.0, 1992; BigTIFF for offsets of 64 bits) is a chain of directories,
// one for each page, of tags with values, of which some say where the pixels lie.
// It is read here in full, before anything is decoded, and nothing in it is believed
// before it was held against the file's size: of all formats it makes it easiest to
// ask for everything. golang.org/x/image/tiff reads only the first page, and neither
// CMYK, palettes of 16 colours, planes nor JPEGs within.

// The tags that matter here.
const (
	tiffSubfile       = 254
	tiffWidth         = 256
	tiffHeight        = 257
	tiffBits          = 258
	tiffCompression   = 259
	tiffPhotometric   = 262
	tiffFillOrder     = 266
	tiffStripOffsets  = 273
	tiffOrientationIs = 274
	tiffSamples       = 277
	tiffRowsPerStrip  = 278
	tiffStripCounts   = 279
	tiffPlanes        = 284
	tiffT4Options     = 292
	tiffPredictor     = 317
	tiffColourMap     = 320
	tiffTileWidth     = 322
	tiffTileHeight    = 323
	tiffTileOffsets   = 324
	tiffTileCounts    = 325
	tiffExtraSamples  = 338
	tiffSampleFormat  = 339
	tiffJPEGTables    = 347
	tiffProfile       = 34675
	tiffDNGVersion    = 50706
)

// The bits of tiffSubfile.
const (
	smallerVersion = 1 << 0
	maskOfAnother  = 1 << 2
)

// tiffTag is one entry of a directory.
type tiffTag struct {
	kind   uint16
	values []byte // as many as are there
}

// tiffKinds are the sizes of the kinds of values, in bytes.
var tiffKinds = [...]int{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}

// tiffPage is a directory.
type tiffPage struct {
	data  []byte // the file
	order binary.ByteOrder
	tags  map[uint16]tiffTag

	entries int // in the directory, whatever their tags
}

// count is how many values a tag has, 0 if it isn't there.
func (p *tiffPage) count(tag uint16) int {
	t := p.tags[tag]
	if len(t.values) == 0 {
		return 0
	}
	return len(t.values) / tiffKinds[t.kind]
}

// value returns a tag's value of a place, or what holds where there is none.
func (p *tiffPage) value(tag uint16, i int, otherwise uint64) uint64 {
	if i >= p.count(tag) {
		return otherwise
	}
	t := p.tags[tag]
	b := t.values[i*tiffKinds[t.kind]:]
	switch t.kind {
	case 1, 7:
		return uint64(b[0])
	case 3:
		return uint64(p.order.Uint16(b))
	case 4, 13:
		return uint64(p.order.Uint32(b))
	case 16, 18:
		return p.order.Uint64(b)
	}
	return otherwise
}

// small is a value for which there are only a few choices.
func (p *tiffPage) small(tag uint16, otherwise int) int {
	return int(min(p.value(tag, 0, uint64(otherwise)), 1<<31-1))
}

// isTIFF knows both sizes of offsets in both orders of bytes.
func isTIFF(data []byte) bool {
	return matches(data, "II*\x00") || matches(data, "MM\x00*") || matches(data, "II+\x00\x08\x00\x00\x00") || matches(data, "MM\x00+\x00\x08\x00\x00")
}

// tiffPages reads the directories up to the one that is asked for, or all of them
// if it is negative. Smaller versions and masks of other pages don't count.
func tiffPages(data []byte, until int) ([]*tiffPage, error) {
	if len(data) < 16 {
		return nil, io.ErrUnexpectedEOF
	}
	var order binary.ByteOrder = binary.LittleEndian
	if data[0] == 'M' {
		order = binary.BigEndian
	}
	big := order.Uint16(data[2:]) == 43
	at := uint64(order.Uint32(data[4:]))
	if big {
		at = order.Uint64(data[8:])
	}
	if !big && string(data[8:10]) == "CR" {
		return nil, errRaw
	}
	var pages, others []*tiffPage
	seen, entries := map[uint64]bool{}, 0
	for at != 0 {
		if seen[at] {
			return nil, errors.New("its list of pages leads back to itself")
		}
		if len(seen) == mostFrames {
			return nil, tooManyFrames()
		}
		seen[at] = true
		page, next, err := tiffDirectory(data, order, big, at)
		if err != nil {
			return nil, err
		}
		if entries += page.entries; 12*entries > len(data) {
			return nil, errors.New("its pages lie over each other") // to read them would take for ever
		}
		if page.small(tiffSubfile, 0)&(smallerVersion|maskOfAnother) != 0 {
			others = append(others, page)
		} else if pages = append(pages, page); len(pages) == until+1 {
			return pages, nil
		}
		at = next
	}
	if len(pages) == 0 {
		pages = others
	}
	if len(pages) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return pages, nil
}

// errRaw refuses what cameras write before they make a picture of it.
var errRaw = unsupportedError("a camera's raw picture")

// tiffDirectory reads one directory and the place of the next one.
func tiffDirectory(data []byte, order binary.ByteOrder, big bool, at uint64) (*tiffPage, uint64, error) {
	count, entry, inline := 2, 12, 4
	if big {
		count, entry, inline = 8, 20, 8
	}
	number := func(b []byte) uint64 {
		if big {
			return order.Uint64(b)
		}
		return uint64(order.Uint32(b))
	}
	size := uint64(len(data))
	if at > size || size-at < uint64(count) {
		return nil, 0, io.ErrUnexpectedEOF
	}
	b := data[at:]
	n := uint64(order.Uint16(b))
	if big {
		n = order.Uint64(b)
	}
	b = b[count:]
	if n > 1<<16 || uint64(len(b)) < n*uint64(entry) {
		return nil, 0, io.ErrUnexpectedEOF
	}
	p := &tiffPage{data: data, order: order, tags: map[uint16]tiffTag{}, entries: int(n)}
	for ; n > 0; n-- {
		e := b[:entry]
		b = b[entry:]
		kind := order.Uint16(e[2:])
		if int(kind) >= len(tiffKinds) || tiffKinds[kind] == 0 {
			continue
		}
		bytes := number(e[4:])
		if bytes > size {
			return nil, 0, io.ErrUnexpectedEOF
		}
		bytes *= uint64(tiffKinds[kind])
		values := e[len(e)-inline:]
		if bytes > uint64(inline) {
			start := number(values)
			if start > size || size-start < bytes {
				return nil, 0, io.ErrUnexpectedEOF
			}
			values = data[start:]
		}
		p.tags[order.Uint16(e)] = tiffTag{kind, values[:bytes]}
	}
	if len(b) < inline {
		return p, 0, nil // a last directory that says nothing of a next one
	}
	return p, number(b), nil
}

// tiffFrames lists the pages.
func tiffFrames(data []byte) ([]frame, error) {
	pages, err := tiffPages(data, -1)
	return make([]frame, len(pages)), err
}

// tiffPageOf returns the page of a number.
func tiffPageOf(data []byte, frame int) (*tiffPage, error) {
	pages, err := tiffPages(data, frame)
	if err != nil {
		return nil, err
	}
	if frame >= len(pages) {
		return nil, fmt.Errorf("there is no page %d", frame+1)
	}
	return pages[frame], nil
}

// tiffSize reads a page's size, turned upright.
func tiffSize(data []byte, frame int) (image.Point, error) {
	p, err := tiffPageOf(data, frame)
	if err != nil {
		return image.Point{}, err
	}
	w, h := p.value(tiffWidth, 0, 0), p.value(tiffHeight, 0, 0)
	if w > 1<<31-1 || h > 1<<31-1 {
		return image.Point{}, fmt.Errorf("it says that it is %d×%d pixels large", w, h)
	}
	turn := jpeg.TurnOf(int(w), int(h), p.small(tiffOrientationIs, 1))
	return image.Pt(turn.W, turn.H), nil
}

// tiffColours reads a page's profile.
func tiffColours(data []byte, frame int) *colours {
	p, err := tiffPageOf(data, frame)
	if err != nil || p.small(tiffPhotometric, 0) > 2 && p.small(tiffPhotometric, 0) != photometricPalette {
		return nil
	}
	return icc(p.tags[tiffProfile].values)
}

// tiffLayout says how a page's pixels lie in the file, checked.
type tiffLayout struct {
	w, h          int
	samples, bits int // of a pixel, of a sample
	photometric   int
	planes        int // 1, or as many as samples
	compression   int
	predictor     bool
	reversed      bool // the first pixel is in a byte's lowest bit
	block         image.Point
	across, down  int // blocks
	offsets       uint16
	counts        uint16
	alpha         int // which sample; -1: none
	premultiplied bool
}

// The meanings of samples.
const (
	photometricWhiteIsZero = 0
	photometricBlackIsZero = 1
	photometricRGB         = 2
	photometricPalette     = 3
	photometricCMYK        = 5
	photometricYCbCr       = 6
	photometricCFA         = 32803 // what a sensor saw through its filters
	photometricLinearRaw   = 34892
)

// photometrics are those that are read, with their samples without opacity.
var photometrics = map[int]int{
	photometricWhiteIsZero: 1, photometricBlackIsZero: 1, photometricRGB: 3,
	photometricPalette: 1, photometricCMYK: 4, photometricYCbCr: 3,
}

// layout checks what a page says of its pixels.
func (p *tiffPage) layout() (*tiffLayout, error) {
	l := &tiffLayout{
		w: p.small(tiffWidth, 0), h: p.small(tiffHeight, 0),
		samples: p.small(tiffSamples, 1), bits: p.small(tiffBits, 1),
		planes: 1, compression: p.small(tiffCompression, 1),
		predictor: p.small(tiffPredictor, 1) == 2, reversed: p.small(tiffFillOrder, 1) == 2, alpha: -1,
	}
	if p.count(tiffPhotometric) > 0 {
		l.photometric = p.small(tiffPhotometric, 0)
	} else if l.photometric = photometricBlackIsZero; l.samples >= 3 { // some writers leave it to the reader
		l.photometric = photometricRGB
	}
	colour, known := photometrics[l.photometric]
	switch name := tiffCompressions[l.compression]; {
	case p.count(tiffDNGVersion) > 0, l.photometric == photometricCFA, l.photometric == photometricLinearRaw:
		return nil, errRaw
	case !known:
		return nil, unsupportedError(fmt.Sprintf("colours of kind %d", l.photometric))
	case name != "":
		return nil, unsupportedError(name + " compression")
	case l.photometric == photometricYCbCr && l.compression != tiffJPEG:
		return nil, unsupportedError("YCbCr colours without JPEG")
	case p.small(tiffSampleFormat, 1) != 1 && p.small(tiffSampleFormat, 1) != 4:
		return nil, unsupportedError("samples that are no positive whole numbers")
	case p.small(tiffPredictor, 1) > 2:
		return nil, unsupportedError("predictor of floating-point numbers")
	case l.compression == tiffG3 && p.small(tiffT4Options, 0)&1 != 0:
		return nil, unsupportedError("fax compression in two dimensions")
	case !slices.Contains([]int{1, 2, 4, 8, 16, 32}, l.bits), l.bits > 8 && l.photometric == photometricPalette:
		return nil, unsupportedError(fmt.Sprintf("%d bits a sample", l.bits))
	case l.samples < colour || l.samples > 16:
		return nil, fmt.Errorf("it has %d samples a pixel", l.samples)
	}
	for i := range p.count(tiffBits) {
		if int(p.value(tiffBits, i, 0)) != l.bits {
			return nil, unsupportedError("samples of different sizes")
		}
	}
	if l.samples > colour {
		if kind := p.value(tiffExtraSamples, 0, 0); kind == 1 || kind == 2 {
			l.alpha, l.premultiplied = colour, kind == 1
		}
	}
	if p.small(tiffPlanes, 1) == 2 && l.samples > 1 {
		l.planes = l.samples
	}
	return l, l.blocks(p)
}

// blocks checks where the strips or tiles lie.
func (l *tiffLayout) blocks(p *tiffPage) error {
	if p.count(tiffTileWidth) > 0 {
		l.block = image.Pt(p.small(tiffTileWidth, 0), p.small(tiffTileHeight, 0))
		l.offsets, l.counts = tiffTileOffsets, tiffTileCounts
	} else {
		l.block = image.Pt(l.w, min(p.small(tiffRowsPerStrip, l.h), l.h))
		l.offsets, l.counts = tiffStripOffsets, tiffStripCounts
	}
	if l.w <= 0 || l.h <= 0 || l.block.X <= 0 || l.block.Y <= 0 {
		return fmt.Errorf("its pixels are %d×%d in pieces of %d×%d", l.w, l.h, l.block.X, l.block.Y)
	}
	l.across, l.down = (l.w-1)/l.block.X+1, (l.h-1)/l.block.Y+1
	// Tiles go beyond the picture's edges, but not by many times the picture: each
	// of their pixels costs time.
	if area := float64(l.across) * float64(l.block.X) * float64(l.down) * float64(l.block.Y); area > 4*float64(l.w)*float64(l.h)+1<<20 {
		return errors.New("its tiles are many times larger than the picture")
	}
	n := l.across * l.down * l.planes
	if p.count(l.offsets) < n || p.count(l.counts) < n {
		return fmt.Errorf("it says where %d of its %d pieces are", min(p.count(l.offsets), p.count(l.counts)), n)
	}
	packed := 0.0
	for i := range n {
		at, size := p.value(l.offsets, i, 0), p.value(l.counts, i, 0)
		if whole := uint64(len(p.data)); at > whole || whole-at < size {
			return io.ErrUnexpectedEOF
		}
		packed += float64(size)
	}
	if most, known := tiffMost[l.compression]; known && packed*most < float64(l.w)*float64(l.h)*float64(l.samples*l.bits)/8 {
		return io.ErrUnexpectedEOF // before the memory is taken for what can't be there
	}
	return nil
}

// errShort is the end of a piece before its last pixel.
var errShort = errors.New("a piece of it has too few pixels")
