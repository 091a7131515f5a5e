package images

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"testing"
)

// exifTIFF is a TIFF block with an orientation, behind another tag.
func exifTIFF(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	for _, e := range [][4]uint16{{0x010f, 2, 1, 0}, {0x0112, 3, 1, orientation}} {
		b = order.AppendUint16(order.AppendUint16(b, e[0]), e[1])
		b = order.AppendUint32(b, uint32(e[2]))
		b = order.AppendUint16(order.AppendUint16(b, e[3]), 0)
	}
	return order.AppendUint32(b, 0)
}

// withJPEGExif puts an Exif segment behind the start of a JPEG.
func withJPEGExif(jpg, tiff []byte) []byte {
	payload := append([]byte(exifHeader), tiff...)
	out := binary.BigEndian.AppendUint16([]byte{0xff, jpegSOI, 0xff, jpegAPP1}, uint16(len(payload)+2))
	return append(append(out, payload...), jpg[2:]...)
}

// pngChunk is a chunk with its checksum.
func pngChunk(name string, payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
	b = append(append(b, name...), payload...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// withPNGChunk puts a chunk behind a PNG's header.
func withPNGChunk(file []byte, name string, payload []byte) []byte {
	const header = len(pngMagic) + 12 + 13
	return append(append(bytes.Clone(file[:header]), pngChunk(name, payload)...), file[header:]...)
}

// Each orientation is what the TIFF specification says row 0 and column 0 of
// the stored picture are when it is looked at. The letters are the upright
// picture's corners: a top left, b top right, c bottom left, d bottom right.
func TestOrientations(t *testing.T) {
	t.Parallel()
	stored := map[uint16][]string{
		1: {"abx", "cdy"}, 2: {"xba", "ydc"}, 3: {"ydc", "xba"}, 4: {"cdy", "abx"},
		5: {"ac", "bd", "xy"}, 6: {"xy", "bd", "ac"}, 7: {"yx", "db", "ca"}, 8: {"ca", "db", "yx"},
	}
	for o, rows := range stored {
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			t.Run(fmt.Sprint(o, order), func(t *testing.T) {
				t.Parallel()
				m := image.NewGray(image.Rect(0, 0, len(rows[0]), len(rows)))
				for y, row := range rows {
					for x, c := range row {
						m.SetGray(x, y, color.Gray{Y: uint8(c)})
					}
				}
				p, err := Decode("x", withPNGChunk(pngOf(t, m), "eXIf", exifTIFF(order, o)), Limits{})
				if err != nil {
					t.Fatal(err)
				}
				var got []byte
				for i := 0; i < len(p.RGB()); i += 3 {
					got = append(got, p.RGB()[i])
				}
				if p.Width != 3 || p.Height != 2 || string(got) != "abxcdy" {
					t.Errorf("%dx%d %s", p.Width, p.Height, got)
				}
			})
		}
	}
}

func TestOrientationInEveryFormat(t *testing.T) {
	t.Parallel()
	tiff := exifTIFF(binary.LittleEndian, 6)
	webp := mustRead(t, "testdata/lossless.webp")
	chunk := append(binary.LittleEndian.AppendUint32([]byte("EXIF"), uint32(len(tiff))), tiff...)
	webp = append(bytes.Clone(webp), chunk...)
	binary.LittleEndian.PutUint32(webp[4:], uint32(len(webp)-8))
	for name, data := range map[string][]byte{
		"jpeg": withJPEGExif(mustRead(t, "testdata/420-37x21.jpg"), tiff),
		"png":  withPNGChunk(mustRead(t, "testdata/grey.jpg.golden.png"), "eXIf", tiff),
		"webp": webp,
	} {
		p, err := Decode(name, data, Limits{})
		if err != nil || p.Format != name || p.Width != 21 || p.Height != 37 {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
}

func TestOrientationThatMakesNoSense(t *testing.T) {
	t.Parallel()
	good := exifTIFF(binary.BigEndian, 6)
	for name, tiff := range map[string][]byte{
		"empty": {}, "zero": exifTIFF(binary.BigEndian, 0), "nine": exifTIFF(binary.BigEndian, 9),
		"cut": good[:20], "directory outside": append([]byte("MM\x00*\xff\xff\xff\xff"), good[8:]...),
		"no byte order": append([]byte("XX"), good[2:]...),
	} {
		if got := tiffOrientation(tiff); got != 1 {
			t.Errorf("%s: %d", name, got)
		}
	}
	if got := tiffOrientation(good); got != 6 {
		t.Error(got)
	}
}
