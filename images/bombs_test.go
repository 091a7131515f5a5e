package images

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"image"
	"runtime"
	"strings"
	"testing"
)

// zeros compresses more zero bytes than a bomb may cost.
func zeros(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	for range 150 {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tiffOf writes a TIFF of one page: tags with a LONG each, in ascending order, which
// lead to a next page at next.
func tiffOf(next uint32, tags ...[2]uint32) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00")
	b = binary.LittleEndian.AppendUint16(b, uint16(len(tags)))
	for _, tag := range tags {
		b = binary.LittleEndian.AppendUint16(b, uint16(tag[0]))
		b = append(b, 4, 0, 1, 0, 0, 0)
		b = binary.LittleEndian.AppendUint32(b, tag[1])
	}
	return binary.LittleEndian.AppendUint32(b, next)
}

// bmpOf is a BMP's headers.
func bmpOf(w, h int32, bits uint16, compression uint32) []byte {
	b := append([]byte("BM"), make([]byte, 8)...)
	for _, v := range []uint32{54, 40, uint32(w), uint32(h)} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = binary.LittleEndian.AppendUint16(append(b, 1, 0), bits)
	b = binary.LittleEndian.AppendUint32(b, compression)
	return append(b, make([]byte, 20)...)
}

// manyFrames is a file of so many frames behind a head.
func manyFrames(head, frame string, n int) []byte {
	return append([]byte(head), bytes.Repeat([]byte(frame), n)...)
}

const (
	gifHead       = "GIF89a\x02\x00\x02\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
	smallGIFFrame = ",\x00\x00\x00\x00\x02\x00\x02\x00\x00\x02\x03\x84\x11\x05\x00"
	webpHead      = "RIFF\x00\x00\x00\x7fWEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x0f\x00\x00\x0f\x00\x00"
	vp8l          = "VP8L\x08\x00\x00\x00\x2f\x07\xc0\x01\x00\x00\x00\x00"
)

// What asks for more than it is gets an error of its own, before the memory that it
// asks for is taken. All that is allocated on the way counts here, what is freed
// again too.
func TestBombs(t *testing.T) { // not parallel: others allocate as well
	packed := zeros(t)
	anmf := "ANMF\x20\x00\x00\x00" + string(make([]byte, 16)) + vp8l
	webp := func(w, h int) []byte {
		n := uint32(w-1) | uint32(h-1)<<14
		b := binary.LittleEndian.AppendUint32([]byte("RIFF\x14\x00\x00\x00WEBPVP8L\x08\x00\x00\x00\x2f"), n)
		return append(b, 0, 0, 0)
	}
	small := pngOf(t, image.NewGray(image.Rect(0, 0, 16, 16)))
	bomb := append(bytes.Clone(small[:33]), pngChunk("IDAT", packed)...)
	jpeg := bytes.Clone(mustRead(t, "testdata/420-37x21.jpg"))
	sof := bytes.Index(jpeg, []byte{0xff, 0xc0})
	copy(jpeg[sof+5:], "\xff\xff\xff\xff")
	square := [][2]uint32{{256, 1000}, {257, 1000}, {258, 8}, {259, 1}, {262, 1}, {273, 8}, {278, 1000}, {279, 1000000}}
	tiff := func(change ...[2]uint32) []byte {
		tags := append([][2]uint32(nil), square...)
		for _, c := range change {
			for i := range tags {
				if tags[i][0] == c[0] {
					tags[i][1] = c[1]
				}
			}
		}
		return tiffOf(0, tags...)
	}
	for _, c := range []struct {
		name   string
		data   []byte
		reason Reason
		says   string
	}{
		{"PNG of 50000×50000", hugePNG(50000, 50000), TooManyPixels, "2500 megapixels"},
		{"PNG of 13000×13000 in a few bytes", append(hugePNG(13000, 13000), pngChunk("IDAT", small[41:60])...), Truncated, "cut short"},
		{"PNG with more pixels than it says", bomb, Damaged, "too much pixel data"},
		{"ICO of a huge PNG", append([]byte("\x00\x00\x01\x00\x01\x00\x10\x10\x00\x00\x01\x00\x20\x00\x21\x00\x00\x00\x16\x00\x00\x00"), hugePNG(50000, 50000)...), TooManyPixels, "2500 megapixels"},
		{"GIF of 65535×65535", []byte("GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff" + smallGIFFrame), TooManyPixels, "4295 megapixels"},
		{"GIF of 100,000 frames", manyFrames(gifHead, smallGIFFrame, 100_000), TooManyFrames, "more than 10000"},
		{"GIF that says nothing for ever", append([]byte(gifHead+",\x00\x00\x00\x00\x02\x00\x02\x00\x00\x02"), bytes.Repeat([]byte("\xff"+strings.Repeat("$I\x92", 85)), 40_000)...), Damaged, "more data than pixels"},
		{"GIF with a frame outside", []byte(gifHead + ",\xff\x00\xff\x00\xff\xff\xff\xff\x00\x02\x03\x84\x11\x05\x00"), Damaged, "outside"},
		{"WebP of 16383×16383 in a few bytes", webp(16383, 16383), TooManyPixels, "269 megapixels"},
		{"WebP of 100,000 frames", manyFrames(webpHead, anmf, 100_000), TooManyFrames, "more than 10000"},
		{"WebP with a large picture in a small one", []byte(webpHead + "ANMF\x20\x00\x00\x00" + string(make([]byte, 16)) + string(webp(16000, 11000)[12:])), Damaged, "damaged"},
		{"JPEG of 65535×65535", jpeg, TooManyPixels, "4295 megapixels"},
		{"BMP of 2147483647×-2147483648", bmpOf(1<<31-1, -1<<31, 24, 0), TooManyPixels, "megapixels"},
		{"BMP of negative width", bmpOf(-5, 5, 24, 0), Damaged, "-5×5"},
		{"BMP of 13000×13000 in a few bytes", bmpOf(13000, 13000, 24, 0), Truncated, "cut short"},
		{"BMP of 13000×13000 in one run", append(bmpOf(13000, 13000, 8, 1), 255, 1, 0, 1), Truncated, "cut short"},
		{"TIFF of 4 billion pixels a side", tiff([2]uint32{256, 1<<32 - 1}, [2]uint32{257, 1<<32 - 1}), Damaged, "4294967295"},
		{"TIFF of 60000×60000", tiff([2]uint32{256, 60000}, [2]uint32{257, 60000}), TooManyPixels, "3600 megapixels"},
		{"TIFF with a strip of 4 GB", tiff([2]uint32{279, 1<<32 - 1}), Truncated, "cut short"},
		{"TIFF with more strips than it says", tiff([2]uint32{278, 1}), Damaged, "1 of its 1000 pieces"},
		{"TIFF of 13000×13000 in a few bytes", tiff([2]uint32{256, 13000}, [2]uint32{257, 13000}, [2]uint32{259, 8}, [2]uint32{278, 13000}, [2]uint32{279, 90}), Truncated, "cut short"},
		{"TIFF with tiles of 4 billion pixels", tiffOf(0, [][2]uint32{{256, 8}, {257, 8}, {258, 8}, {259, 1}, {262, 1}, {322, 1 << 31}, {323, 1 << 31}, {324, 8}, {325, 8}}...), Damaged, "many times larger"},
		{"TIFF of nothing but a size", tiffOf(0, [][2]uint32{{256, 16}, {257, 16}}...), Damaged, "0 of its 1 pieces"},
		{"TIFF with a tag of 4 billion values", append([]byte("II*\x00\x08\x00\x00\x00\x01\x00"), "\x11\x01\x05\x00\xff\xff\xff\xff\x08\x00\x00\x00\x00\x00\x00\x00"...), Truncated, "cut short"},
	} {
		_, err := Decode(c.name, c.data, Limits{}) // the first time tables are made that stay
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, again := Decode(c.name, c.data, Limits{})
		runtime.ReadMemStats(&after)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Reason != c.reason || !strings.Contains(err.Error(), c.says) || again == nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb >= 100 {
			t.Errorf("%s: %d MB", c.name, mb)
		}
	}
}

// What lies beside the pixels is inflated as far as it counts, and the picture is
// shown.
func TestBombsBesideThePixels(t *testing.T) {
	packed := zeros(t)
	small := pngOf(t, image.NewGray(image.Rect(0, 0, 16, 16)))
	strip := tiffOf(0, [][2]uint32{{256, 16}, {257, 16}, {258, 8}, {259, 8}, {262, 1}, {273, 8 + 2 + 8*12 + 4}, {278, 16}, {279, uint32(len(packed))}}...)
	for name, data := range map[string][]byte{
		"a profile in a PNG":     withPNGChunk(small, "iCCP", append([]byte("x\x00\x00"), packed...)),
		"a text in a PNG":        withPNGChunk(small, "zTXt", append([]byte("x\x00\x00"), packed...)),
		"a strip without an end": append(strip, packed...),
	} {
		if _, err := Decode(name, data, Limits{}); err != nil {
			t.Error(name, err)
		}
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = Decode(name, data, Limits{})
		runtime.ReadMemStats(&after)
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb >= 100 {
			t.Errorf("%s: %d MB", name, mb)
		}
	}
}

// Directories that lie over each other would take for ever to read.
func TestPagesOverEachOther(t *testing.T) {
	t.Parallel()
	const pages, entries = 2000, 1000
	data := append([]byte("II*\x00\x08\x00\x00\x00"), make([]byte, 12*entries+6*pages)...)
	for i := range pages {
		at := 8 + 6*i
		binary.LittleEndian.PutUint16(data[at:], entries)
		binary.LittleEndian.PutUint32(data[at+2+12*entries:], uint32(at+6))
	}
	if _, err := tiffFrames(data); err == nil || !strings.Contains(err.Error(), "over each other") {
		t.Error(err)
	}
}

// A chain of pages that leads back to itself has no last one.
func TestPagesInACircle(t *testing.T) {
	t.Parallel()
	data := tiffOf(8, [][2]uint32{{256, 5}, {257, 5}}...)
	if _, err := tiffFrames(data); err == nil || !strings.Contains(err.Error(), "back to itself") {
		t.Error(err)
	}
	if _, err := tiffPageOf(data, 5); err == nil {
		t.Error("a page that is not there")
	}
}
