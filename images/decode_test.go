package images

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
)

// huge is the beginning of a PNG that says it is w×h pixels large.
func hugePNG(w, h uint32) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	ihdr = append(ihdr, 8, 2, 0, 0, 0)
	b := append([]byte(pngMagic), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(b, ihdr...), crc32.ChecksumIEEE(ihdr))
}

func TestDecodeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	jpg, whole := mustRead(t, "testdata/420-37x21.jpg"), pngOf(t, image.NewNRGBA(image.Rect(0, 0, 9, 9)))
	still, tiff := mustRead(t, "testdata/formats/interlaced.gif"), mustRead(t, "testdata/formats/plain.tif")
	otherTIFF := tiffOf(0, [][2]uint32{{256, 10}, {257, 10}, {259, 50000}, {262, 1}}...)
	badCRC := bytes.Clone(whole)
	badCRC[len(pngMagic)+8+13] ^= 1
	unpackable := bytes.Clone(whole)
	unpackable[bytes.Index(whole, []byte("IDAT"))+4] = 0xff
	arithmetic := bytes.Clone(jpg)
	arithmetic[bytes.Index(jpg, []byte{0xff, 0xc0})+1] = 0xc9
	cases := []struct {
		name   string
		data   []byte
		reason Reason
		says   string
	}{
		{"nothing", nil, Empty, "0 bytes"},
		{"text", []byte("just a few words, naïve ones\n"), NotPicture, "looks like text"},
		{"html", []byte("<!DOCTYPE html><html>"), NotPicture, "web page"},
		{"gguf", []byte("GGUF\x03\x00\x00\x00"), NotPicture, "GGUF model"},
		{"lfs", []byte("version https://git-lfs.github.com/spec/v1\n"), NotPicture, "git lfs pull"},
		{"zeros", make([]byte, 100), NotPicture, "zero bytes"},
		{"noise", []byte{1, 2, 3, 200, 201}, NotPicture, "no format"},
		{"video", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00isommp42"), NotPicture, "video"},
		{"heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), Truncated, "HEIC"},
		{"avif", []byte("\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf"), Truncated, "AVIF"},
		{"jpeg in heif", []byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1jpeg"), Unsupported, "HEIF"},
		{"tiff", []byte("II*\x00\x08\x00\x00\x00"), Truncated, "TIFF"},
		{"jxl", []byte{0xff, 0x0a, 0, 0}, Unsupported, "JPEG XL"},
		{"cut jpeg", jpg[:len(jpg)/2], Truncated, "cut short"},
		{"cut png", whole[:len(whole)-14], Truncated, "cut short"},
		{"cut gif", still[:len(still)/2], Truncated, "cut short"},
		{"cut tiff", tiff[:len(tiff)-5], Truncated, "cut short"},
		{"raw", append([]byte("II*\x00\x10\x00\x00\x00CR\x02\x00"), make([]byte, 20)...), Unsupported, "raw picture"},
		{"Zstandard in TIFF", otherTIFF, Unsupported, "Zstandard compression"},
		{"only magic", []byte("\xff\xd8\xff"), Truncated, "cut short"},
		{"bad checksum", badCRC, Damaged, "damaged"},
		{"bad compression", unpackable, Damaged, "damaged: what is compressed in it makes no sense"},
		{"arithmetic jpeg", arithmetic, Unsupported, "not supported"},
		{"30000x30000", hugePNG(30000, 30000), TooManyPixels, "30000×30000 is 900 megapixels"},
		{"most pixels", hugePNG(1<<31-1, 1<<31-1), TooManyPixels, "than 178 megapixels"},
		{"1x1", hugePNG(1, 1), TooSmall, "1×1"},
		{"a line", hugePNG(1, 5000), TooSmall, "1×5000"},
		{"no pixels", hugePNG(0, 5), Damaged, "damaged"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := Decode("holiday.png", c.data, Limits{})
			var e *Error
			if p != nil || !errors.As(err, &e) {
				t.Fatalf("got %v, %v", p, err)
			}
			if e.Reason != c.reason || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "holiday.png: ") {
				t.Errorf("%s: %v", e.Reason, err)
			}
		})
	}
}

func TestErrorsStayOnOneLine(t *testing.T) {
	t.Parallel()
	_, err := Decode("a\nb\x1b[2J.png", nil, Limits{})
	if strings.ContainsAny(err.Error(), "\n\x1b") {
		t.Errorf("%q", err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	data := pngOf(t, image.NewGray(image.Rect(0, 0, 10, 10)))
	var e *Error
	if _, err := Decode("x", data, Limits{Bytes: 10}); !errors.As(err, &e) || e.Reason != TooLarge {
		t.Errorf("bytes: %v", err)
	}
	if _, err := Decode("x", data, Limits{Pixels: 99}); !errors.As(err, &e) || e.Reason != TooManyPixels {
		t.Errorf("pixels: %v", err)
	}
	if _, err := Decode("x", data, Limits{Bytes: int64(len(data)), Pixels: 100}); err != nil {
		t.Error(err)
	}
}

// A picture is never half there: every shorter version of a file is refused.
func TestTruncatedAnywhere(t *testing.T) {
	t.Parallel()
	var bitmap bytes.Buffer
	if err := bmp.Encode(&bitmap, image.NewNRGBA(image.Rect(0, 0, 7, 5))); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"png":         mustRead(t, "testdata/grey.jpg.golden.png"),
		"bmp":         bitmap.Bytes(),
		"jpeg":        mustRead(t, "testdata/420-37x21.jpg"),
		"progressive": mustRead(t, "testdata/progressive.jpg"),
		"lossy":       mustRead(t, "testdata/lossy.webp"),
		"lossless":    mustRead(t, "testdata/lossless.webp"),
		"alpha":       mustRead(t, "testdata/alpha.webp"),
	}
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Decode(name, data, Limits{}); err != nil {
				t.Fatal(err)
			}
			for n := range len(data) {
				if _, err := Decode(name, data[:n], Limits{}); err == nil {
					t.Fatalf("%d of %d bytes were taken for a whole picture", n, len(data))
				}
			}
		})
	}
}

func TestOnWhite(t *testing.T) {
	t.Parallel()
	one := image.Rect(0, 0, 2, 2)
	nrgba, deep, grey16 := image.NewNRGBA(one), image.NewNRGBA64(one), image.NewGray16(one)
	nrgba.SetNRGBA(0, 0, color.NRGBA{255, 0, 100, 128})
	deep.SetNRGBA64(0, 0, color.NRGBA64{0xffff, 0, 0x6464, 0x8080})
	grey16.SetGray16(0, 0, color.Gray16{0x7fff})
	palette := image.NewPaletted(one, color.Palette{color.NRGBA{0, 0, 0, 0}})
	cases := []struct {
		name string
		m    image.Image
		want [3]byte
	}{
		{"half", nrgba, [3]byte{255, 127, 177}},
		{"16 bits", deep, [3]byte{255, 127, 177}},
		{"16 bits of grey", grey16, [3]byte{127, 127, 127}},
		{"invisible", palette, [3]byte{255, 255, 255}},
		{"grey", image.NewGray(one), [3]byte{0, 0, 0}},
	}
	for _, c := range cases {
		p, err := Decode(c.name, pngOf(t, c.m), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if [3]byte(p.RGB()[:3]) != c.want {
			t.Errorf("%s: %v, want %v", c.name, p.RGB(), c.want)
		}
	}
}

func TestFirstFrameOfGIF(t *testing.T) {
	t.Parallel()
	colours := color.Palette{color.RGBA{200, 0, 0, 255}, color.RGBA{0, 0, 200, 255}}
	first, second := image.NewPaletted(image.Rect(1, 2, 3, 4), colours), image.NewPaletted(image.Rect(0, 0, 4, 4), colours)
	for i := range second.Pix {
		second.Pix[i] = 1
	}
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{1, 1}, Config: image.Config{Width: 4, Height: 5}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Decode("x", b.Bytes(), Limits{})
	if err != nil || p.Width != 4 || p.Height != 5 {
		t.Fatal(p, err)
	}
	for y := range 5 {
		for x := range 4 {
			want := color.RGBA{255, 255, 255, 255}
			if image.Pt(x, y).In(first.Rect) {
				want = color.RGBA{200, 0, 0, 255}
			}
			if got := p.Image().At(x, y); got != want {
				t.Errorf("%d,%d: %v", x, y, got)
			}
		}
	}
}

// Many writers of 32-bit BMPs leave the fourth byte at zero and mean opaque.
func TestInvisibleBMP(t *testing.T) {
	t.Parallel()
	m := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	m.Pix = []byte{10, 20, 30, 0, 40, 50, 60, 0, 70, 80, 90, 0, 1, 2, 3, 0}
	var b bytes.Buffer
	if err := bmp.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	p, err := Decode("x", b.Bytes(), Limits{})
	if err != nil || !bytes.Equal(p.RGB(), []byte{10, 20, 30, 40, 50, 60, 70, 80, 90, 1, 2, 3}) {
		t.Error(p.RGB(), err)
	}
}
