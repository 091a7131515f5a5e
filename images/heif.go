package images

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"iter"
)

// AVIF and HEIC are one kind of file, HEIF (heifboxes.go), around two compressions: AV1,
// a video's of the web, and HEVC, that of telephones.

// isoBrands are what a file says that it can be read as (ISO/IEC 14496-12, 4.3), first
// what it is best read as.
func isoBrands(data []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		for box := range isoBoxes(data) {
			b := box.payload[:min(len(box.payload), 1<<10)]
			if box.name != "ftyp" || len(b) < 4 || !yield(string(b[:4])) {
				return
			}
			for at := 8; at+4 <= len(b); at += 4 { // behind a version
				if !yield(string(b[at : at+4])) {
					return
				}
			}
			return
		}
	}
}

// The kinds of items that are coded pictures.
const (
	av1Item  = "av01"
	hevcItem = "hvc1"
)

// heifCoding tells by which compression a HEIF file's picture is coded: the kind of an
// item, or "" for what is none. Brands that leave it open are HEIF's own.
func heifCoding(data []byte) string {
	open := false
	for brand := range isoBrands(data) {
		switch brand {
		case "avif", "avis":
			return av1Item
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs":
			return hevcItem
		case "mif1", "msf1":
			open = true
		}
	}
	if !open {
		return ""
	}
	f, err := readHEIF(data)
	if err != nil {
		return ""
	}
	item := f.picture()
	if item.kind == "grid" && len(item.tiles) > 0 && f.items[item.tiles[0]] != nil {
		item = f.items[item.tiles[0]]
	}
	if item.kind == av1Item || item.kind == hevcItem {
		return item.kind
	}
	return ""
}

func isAVIF(data []byte) bool { return heifCoding(data) == av1Item }
func isHEIC(data []byte) bool { return heifCoding(data) == hevcItem }

func avifSize(data []byte, _ int) (image.Point, error) { return heifSize(data, av1Item) }
func heicSize(data []byte, _ int) (image.Point, error) { return heifSize(data, hevcItem) }

// heifSize reads a picture's size before it is turned, and holds what a decoder would be
// given against it.
func heifSize(data []byte, coding string) (image.Point, error) {
	f, err := readHEIF(data)
	if err != nil {
		return image.Point{}, err
	}
	item := f.picture()
	size, err := f.checked(item, coding, len(data))
	if err != nil {
		return image.Point{}, err
	}
	for _, id := range item.auxiliary {
		if other := f.items[id]; other != nil && other.isAlpha() {
			opacity, err := f.checked(other, coding, len(data))
			if err != nil {
				return image.Point{}, err
			}
			if opacity.X > size.X || opacity.Y > size.Y {
				return image.Point{}, fmt.Errorf("its opacity is %d×%d pixels large, and it is %d×%d", opacity.X, opacity.Y, size.X, size.Y)
			}
		}
	}
	return item.window(size).Size(), nil
}

// mostSide is larger than any picture that there may be. Larger sizes are taken as it.
const mostSide = 1 << 30

// checked returns an item's size, if what it is coded as is of that size, too, or is
// tiles of which each is.
func (f *heifFile) checked(item *heifItem, coding string, most int) (image.Point, error) {
	w, h := item.size()
	size := image.Pt(int(min(w, mostSide)), int(min(h, mostSide)))
	if item.cut {
		return size, io.ErrUnexpectedEOF
	}
	if size.X == 0 || size.Y == 0 {
		return size, errors.New("it does not say its size")
	}
	b, err := item.bytes(most)
	if err != nil {
		return size, err
	}
	switch item.kind {
	case coding:
		coded, err := item.codedSize(b)
		if err == nil && tooMuch(coded.X*coded.Y, size) {
			err = fmt.Errorf("it says %d×%d pixels and holds %d×%d", size.X, size.Y, coded.X, coded.Y)
		}
		return size, err
	case "grid":
		grid, err := readHEIFGrid(b)
		switch {
		case err != nil:
			return size, err
		case grid.size != size:
			return size, fmt.Errorf("it says %d×%d pixels and holds %d×%d", size.X, size.Y, grid.size.X, grid.size.Y)
		case grid.tiles != len(item.tiles):
			return size, fmt.Errorf("it says %d tiles and holds %d", grid.tiles, len(item.tiles))
		}
	default:
		return size, unsupportedError(fmt.Sprintf("a picture of the kind %q", item.kind))
	}
	all := 0
	for _, id := range item.tiles {
		tile := f.items[id]
		if tile == nil || tile.kind != coding {
			return size, errors.New("one of its tiles is missing")
		}
		one, err := f.checked(tile, coding, most)
		if err != nil {
			return size, err
		}
		if all += one.X * one.Y; tooMuch(all, size) {
			return size, fmt.Errorf("it says %d×%d pixels and holds many more", size.X, size.Y)
		}
	}
	return size, nil
}

// tooMuch tells whether pixels are more than compressions need for a size: they fill
// blocks, and a grid the tiles of its edges.
func tooMuch(pixels int, size image.Point) bool {
	return pixels > 4*(size.X+64)*(size.Y+64)
}

// codedSize is the size that a coded picture has. HEVC's has to be the item's.
func (i *heifItem) codedSize(b []byte) (image.Point, error) {
	if i.kind == av1Item {
		return av1Size(b)
	}
	coded, shown, err := hevcSize(i.property("hvcC"), b)
	if w, h := i.size(); err == nil && (shown.X != int(w) || shown.Y != int(h)) {
		err = fmt.Errorf("it says %d×%d pixels and holds %d×%d", w, h, shown.X, shown.Y)
	}
	return coded, err
}

// heifGrid is how tiles lie (ISO/IEC 23008-12, 6.6.2.3).
type heifGrid struct {
	tiles int
	size  image.Point
}

func readHEIFGrid(b []byte) (heifGrid, error) {
	r := isoReader{b: b}
	r.number(1)
	bytes := 2 + 2*int(r.number(1)&1)
	g := heifGrid{tiles: int(r.number(1) + 1)}
	g.tiles *= int(r.number(1) + 1)
	g.size = image.Pt(int(r.number(bytes)), int(r.number(bytes)))
	if r.short {
		return g, errShortBox
	}
	return g, nil
}

// isAlpha tells whether an item is the opacity of another.
func (i *heifItem) isAlpha() bool {
	kind := i.property("auxC")
	if len(kind) < 4 {
		return false
	}
	name, _, _ := bytes.Cut(kind[4:], []byte{0})
	return string(name) == "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" || string(name) == "urn:mpeg:hevc:2015:auxid:1"
}

// window is the part of the picture that is to be seen (ISO/IEC 14496-12, 12.1.4): all
// of it, where nothing else is said that makes sense.
func (i *heifItem) window(size image.Point) image.Rectangle {
	all := image.Rectangle{Max: size}
	clap := i.property("clap")
	if len(clap) < 32 {
		return all
	}
	number := func(at int) int { return int(binary.BigEndian.Uint32(clap[4*at:])) }
	side := func(at, whole int) (from, to int) {
		length, of := number(at), number(at+1)
		offset, per := int(int32(number(at+4))), number(at+5)
		if of == 0 || per == 0 || length%of != 0 || length/of > whole {
			return 0, 0
		}
		length /= of
		// It is told where the middle lies, from that of the whole.
		twice := 2*offset + per*(whole-length)
		if twice < 0 {
			return 0, 0
		}
		from = twice / (2 * per)
		return from, from + length
	}
	var r image.Rectangle
	r.Min.X, r.Max.X = side(0, size.X)
	r.Min.Y, r.Max.Y = side(2, size.Y)
	if r.Empty() || !r.In(all) {
		return all
	}
	return r
}

// heifOrientation reads how the picture is turned and mirrored, as EXIF's orientation.
// EXIF's own is not asked: what counts in these files are the properties.
func heifOrientation(data []byte) int {
	f, err := readHEIF(data)
	if err != nil {
		return 1
	}
	corners := [4]int{0, 1, 2, 3} // from the upper left one clockwise: which is there
	for _, p := range f.picture().properties {
		if len(p.payload) < 1 {
			continue
		}
		c := corners
		switch p.name {
		case "irot": // quarter turns counterclockwise
			for at := range corners {
				corners[at] = c[(at+int(p.payload[0]&3))%4]
			}
		case "imir":
			corners = [4]int{c[3], c[2], c[1], c[0]} // top to bottom
			if p.payload[0]&1 == 1 {
				corners = [4]int{c[1], c[0], c[3], c[2]} // left to right
			}
		}
	}
	return map[[2]int]int{
		{0, 1}: 1, {1, 0}: 2, {2, 3}: 3, {3, 2}: 4,
		{0, 3}: 5, {3, 0}: 6, {2, 1}: 7, {1, 2}: 8,
	}[[2]int{corners[0], corners[1]}]
}

// heifColours reads a profile, or else the numbers that say what the colours mean.
func heifColours(data []byte, _ int) *colours {
	f, err := readHEIF(data)
	if err != nil {
		return nil
	}
	var numbers *colours
	for _, p := range f.picture().properties {
		if p.name != "colr" || len(p.payload) < 4 {
			continue
		}
		switch b := p.payload[4:]; string(p.payload[:4]) {
		case "prof", "rICC":
			return icc(b)
		case "nclx":
			if len(b) >= 4 {
				numbers = codePoints(int(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint16(b[2:])))
			}
		}
	}
	return numbers
}

// decodeAVIF decodes by libavif, which leaves turning and cutting to its caller.
func decodeAVIF(ctx context.Context, data []byte) (canvas, error) {
	f, err := readHEIF(data)
	if err != nil {
		return canvas{}, err
	}
	c, err := libavif.decode(ctx, data)
	if err != nil {
		return canvas{}, err
	}
	item := f.picture()
	x, y := f.repeated()
	if item.premultiplied { // they were when colours were repeated
		c.eachColour(func(v, a int) int { return (v*a + 127) / 255 })
	}
	c.smoothChroma(x, y, item.lightWeights())
	if item.premultiplied {
		c.eachColour(func(v, a int) int { return min((v*255+a/2)/max(a, 1), 255) })
	}
	c.crop(item.window(image.Pt(c.w, c.h)))
	return c, nil
}

// repeated tells for how many columns and rows an AVIF has one sample of colour (AV1 in
// ISOBMFF, 2.3.3).
func (f *heifFile) repeated() (x, y int) {
	item := f.picture()
	if len(item.tiles) > 0 && f.items[item.tiles[0]] != nil {
		item = f.items[item.tiles[0]]
	}
	const monochrome, halfColumns, halfRows = 0x10, 0x08, 0x04
	x, y = 1, 1
	if b := item.property("av1C"); len(b) > 2 && b[2]&monochrome == 0 {
		if b[2]&halfColumns != 0 {
			x = 2
		}
		if b[2]&halfRows != 0 {
			y = 2
		}
	}
	return x, y
}

// lightWeights are the parts of 65536 that red, green and blue have in light (ITU-T
// H.273, 8.3).
func (i *heifItem) lightWeights() [3]int {
	for _, p := range i.properties {
		if p.name == "colr" && len(p.payload) >= 10 && string(p.payload[:4]) == "nclx" {
			switch binary.BigEndian.Uint16(p.payload[8:]) {
			case 1: // BT.709
				return [3]int{13933, 46871, 4732}
			case 9: // BT.2020
				return [3]int{17216, 44434, 3886}
			}
		}
	}
	return [3]int{19595, 38470, 7471} // BT.601
}

// decodeHEIC decodes by libheif, which turns and cuts.
func decodeHEIC(ctx context.Context, data []byte) (canvas, error) {
	c, err := libheif.decode(ctx, data)
	c.turned = heifOrientation(data)
	return c, err
}

// eachColour changes the colours of what shows through, by its opacity.
func (c *canvas) eachColour(change func(v, alpha int) int) {
	for i, a := range c.alpha {
		px := c.rgb[3*i : 3*i+3]
		for j, v := range px {
			px[j] = byte(change(int(v), int(a)))
		}
	}
}

// crop leaves a part of the picture.
func (c *canvas) crop(r image.Rectangle) {
	if r.Dx() == c.w && r.Dy() == c.h {
		return
	}
	cropped := func(b []byte, bytes int) []byte {
		out := make([]byte, 0, bytes*r.Dx()*r.Dy())
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := b[bytes*c.w*y:]
			out = append(out, row[bytes*r.Min.X:bytes*r.Max.X]...)
		}
		return out
	}
	c.rgb = cropped(c.rgb, 3)
	if c.alpha != nil {
		c.alpha = cropped(c.alpha, 1)
	}
	c.w, c.h = r.Dx(), r.Dy()
}

// ofRGBA makes a canvas of rows of 4 bytes a pixel.
func ofRGBA(rows []byte, w, h, stride int, premultiplied bool) canvas {
	c := canvas{rgb: make([]byte, 3*w*h), w: w, h: h, photo: true}
	for y := range h {
		from, to := rows[y*stride:][:4*w], c.rgb[3*w*y:][:3*w]
		for x := range w {
			px := from[4*x : 4*x+4]
			r, g, b, a := px[0], px[1], px[2], px[3]
			if a != 255 {
				if c.alpha == nil {
					c.alpha = bytes.Repeat([]byte{255}, w*h)
				}
				if premultiplied {
					r, g, b, a = straight(color.RGBA{r, g, b, a})
				}
				c.alpha[w*y+x] = a
			}
			to[3*x], to[3*x+1], to[3*x+2] = r, g, b
		}
	}
	return c
}
