package images

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"os"
	"strings"
	"testing"
)

const secret = "GPS 48.8584 N 2.2945 E"

// private adds to a JPEG every place where something personal may stand.
func privateJPEG(t testing.TB) []byte {
	jpg := mustRead(t, "testdata/420-37x21.jpg")
	segment := func(marker byte, payload string) []byte {
		b := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(payload)+2))
		return append(b, payload...)
	}
	out := bytes.Clone(jpg[:2])
	for _, s := range [][]byte{
		segment(jpegAPP0, "JFXX\x00\x10"+secret), segment(jpegAPP1, exifHeader+secret),
		segment(jpegAPP1, "http://ns.adobe.com/xap/1.0/\x00"+secret), segment(jpegAPP2, "MPF\x00"+secret),
		segment(jpegAPP2, "ICC_PROFILE\x00\x01\x01profile"), segment(0xed, "Photoshop 3.0\x00"+secret),
		segment(0xeb, "JP\x00\x01\x00\x00\x00\x01jumb c2pa"+secret), // content credentials
		segment(jpegCOM, secret),
	} {
		out = append(out, s...)
	}
	return append(append(out, jpg[2:]...), secret...)
}

func TestWireTakesMetadataOut(t *testing.T) {
	t.Parallel()
	file := pngOf(t, image.NewGray(image.Rect(0, 0, 5, 4)))
	for _, name := range []string{"tEXt", "iTXt", "zTXt", "tIME", "eXIf", "caBX", "prVt"} {
		file = withPNGChunk(file, name, []byte("Comment\x00"+secret))
	}
	file = append(withPNGChunk(file, "gAMA", []byte{0, 0, 0xb1, 0x8f}), secret...)
	for format, data := range map[string][]byte{"jpeg": privateJPEG(t), "png": file} {
		p, err := Decode("x", data, Limits{})
		if err != nil {
			t.Fatal(format, err)
		}
		sent, mime, err := p.Wire(WireLimits{})
		if err != nil || mime != "image/"+format {
			t.Fatal(format, mime, err)
		}
		if bytes.Contains(sent, []byte(secret)) {
			t.Errorf("%s: metadata left the machine", format)
		}
		if !bytes.Contains(sent, []byte("ICC_PROFILE")) && !bytes.Contains(sent, []byte("gAMA")) {
			t.Errorf("%s: what the colours mean was lost", format)
		}
		again, err := Decode("x", sent, Limits{})
		if err != nil || !bytes.Equal(again.RGB(), p.RGB()) {
			t.Errorf("%s: the pixels changed: %v", format, err)
		}
	}
}

func TestWireKeepsACleanFile(t *testing.T) {
	t.Parallel()
	data := mustRead(t, "testdata/420-37x21.jpg")
	p, _ := Decode("x", data, Limits{})
	if sent, _, err := p.Wire(WireLimits{MaxPixels: 37 * 21}); err != nil || !bytes.Equal(sent, data) {
		t.Error("a file that needs no change was changed", err)
	}
}

func TestWireEncodesAgainWhereItMust(t *testing.T) {
	t.Parallel()
	seeThrough := image.NewNRGBA(image.Rect(0, 0, 6, 4))
	cases := []struct {
		name    string
		data    []byte
		pixels  int
		formats []string
		mime    string
		w, h    int
	}{
		{"turned", withJPEGExif(mustRead(t, "testdata/444-48x32.jpg"), exifTIFF(binary.BigEndian, 6)), 0, nil, "image/jpeg", 32, 48},
		{"smaller jpeg", mustRead(t, "testdata/444-48x32.jpg"), 24 * 16, nil, "image/jpeg", 24, 16},
		{"transparent", pngOf(t, seeThrough), 0, nil, "image/png", 6, 4},
		{"cmyk", mustRead(t, "testdata/cmyk.jpg"), 0, nil, "image/jpeg", 37, 21},
		{"lossy webp", mustRead(t, "testdata/lossy.webp"), 0, nil, "image/jpeg", 37, 21},
		{"lossless webp", mustRead(t, "testdata/lossless.webp"), 0, nil, "image/png", 37, 21},
		{"png alone", mustRead(t, "testdata/420-37x21.jpg"), 0, []string{"png"}, "image/png", 37, 21},
		{"jpeg alone", mustRead(t, "testdata/lossless.webp"), 0, []string{"jpeg"}, "image/jpeg", 37, 21},
		{"as small as can be", mustRead(t, "testdata/444-48x32.jpg"), 1, nil, "image/jpeg", 2, 2},
		{"a line", pngOf(t, image.NewGray(image.Rect(0, 0, 2, 1000))), 10, nil, "image/png", 2, 5},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := Decode(c.name, c.data, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			sent, mime, err := p.Wire(WireLimits{MaxPixels: c.pixels, Formats: c.formats})
			if err != nil || mime != c.mime {
				t.Fatal(mime, err)
			}
			got, err := Decode(c.name, sent, Limits{})
			if err != nil || got.Width != c.w || got.Height != c.h || got.oriented != 1 || got.transparent {
				t.Fatalf("%+v, %v", got, err)
			}
			if mime == "image/png" && c.pixels == 0 && !bytes.Equal(got.RGB(), p.RGB()) {
				t.Error("the pixels changed")
			}
			again, _, _ := p.Wire(WireLimits{MaxPixels: c.pixels, Formats: c.formats})
			if &again[0] != &sent[0] {
				t.Error("made again for the next question")
			}
		})
	}
	p, _ := Decode("x", mustRead(t, "testdata/cmyk.jpg"), Limits{})
	if _, _, err := p.Wire(WireLimits{Formats: []string{"tiff"}}); err == nil || !strings.Contains(err.Error(), "tiff") {
		t.Error(err)
	}
}

func TestImage(t *testing.T) {
	t.Parallel()
	p := &Picture{Width: 2, Height: 1, rgb: []byte{1, 2, 3, 4, 5, 6}}
	m := p.Image()
	if m.Bounds() != image.Rect(0, 0, 2, 1) || m.At(1, 0) != (color.RGBA{4, 5, 6, 255}) || m.At(2, 0) != (color.RGBA{}) {
		t.Error(m.Bounds(), m.At(1, 0), m.At(2, 0))
	}
	if sent, mime, err := p.Wire(WireLimits{}); err != nil || mime != "image/png" || len(sent) == 0 {
		t.Error(mime, err)
	}
}

// The demo's own pictures go through unchanged.
func TestWireOfTheSamples(t *testing.T) {
	t.Parallel()
	const dir = "../testdata/tinyvlm/samples/"
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".jsonl") {
			continue
		}
		p := mustLoad(t, dir+e.Name())
		if sent, _, err := p.Wire(WireLimits{}); err != nil || len(sent) > len(p.Data) {
			t.Error(e.Name(), len(sent), len(p.Data), err)
		}
	}
}
