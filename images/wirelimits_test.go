package images

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// What a camera tells of a photo stays here: whether the file goes as it is, is
// made again, or becomes another format.
func TestWireOfACamerasPhoto(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"camera.jpg", "camera.webp"} {
		data := mustRead(t, "testdata/"+name)
		if !bytes.Contains(data, []byte("SECRET")) || !bytes.Contains(data, []byte("2026:11:24")) {
			t.Fatal(name + " has no secrets")
		}
		for _, lim := range []WireLimits{
			{Formats: []string{"jpeg", "png", "webp"}}, {MaxPixels: 300, Formats: []string{"jpeg", "png", "webp"}},
			{Formats: []string{"png"}}, {MaxBytes: 900}, {MaxSide: 20},
		} {
			p := mustLoad(t, "testdata/"+name)
			sent, mime, err := p.Wire(lim)
			if err != nil {
				t.Fatal(name, lim, err)
			}
			for _, secret := range []string{"SECRET", "2026:11", "Exif", "GPS", "adobe", "xmpmeta", "EXIF", "XMP"} {
				if bytes.Contains(sent, []byte(secret)) {
					t.Errorf("%s, %+v: %s left the machine in %s", name, lim, secret, mime)
				}
			}
			// A thumbnail would be a second picture in the file.
			if mime == "image/jpeg" && bytes.Count(sent, []byte{0xff, jpegSOI, 0xff}) != 1 {
				t.Errorf("%s, %+v: a thumbnail left the machine", name, lim)
			}
			again, err := Decode("sent", sent, Limits{})
			if err != nil {
				t.Fatal(name, lim, err)
			}
			if as := strings.TrimPrefix(mime, "image/"); as == p.Format && len(lim.Formats) == 3 && lim.MaxPixels == 0 && !bytes.Equal(again.RGB(), p.RGB()) {
				t.Errorf("%s: the pixels changed", name)
			}
		}
	}
}

// A WebP goes as it is to servers that read it, and still only if it can.
func TestWireOfWebP(t *testing.T) {
	t.Parallel()
	read := []string{"jpeg", "png", "webp"}
	for name, want := range map[string]string{
		"lossy.webp": "image/webp", "lossless.webp": "image/webp", "camera.webp": "image/webp",
		"alpha.webp": "image/jpeg", "animated.webp": "image/jpeg",
	} {
		p := mustLoad(t, "testdata/"+name)
		sent, mime, err := p.Wire(WireLimits{Formats: read})
		if err != nil || mime != want {
			t.Errorf("%s: %s, %v", name, mime, err)
		}
		again, err := Decode("sent", sent, Limits{})
		if err != nil || mime == "image/webp" && !bytes.Equal(again.RGB(), p.RGB()) {
			t.Errorf("%s: the pixels changed: %v", name, err)
		}
	}
}

// noisy makes a picture that hardly compresses.
func noisy(r *rand.Rand, w, h int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	return m
}

// Whatever the picture and the limits: what is sent keeps to them, upright, in
// its proportions, or it is an error that says so.
func TestWireKeepsToLimits(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 6))
			w, h := 2+r.IntN(150), 2+r.IntN(150)
			data := pngOf(t, noisy(r, w, h))
			if r.IntN(2) == 0 {
				var b bytes.Buffer
				if err := jpeg.Encode(&b, noisy(r, w, h), nil); err != nil {
					t.Fatal(err)
				}
				data = withJPEGExif(b.Bytes(), exifTIFF(binary.BigEndian, uint16(1+r.IntN(8))))
			}
			p, err := Decode("noise", data, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			lim := WireLimits{MaxPixels: r.IntN(2) * r.IntN(20000), MaxSide: r.IntN(2) * r.IntN(160), MaxBytes: r.IntN(2) * (400 + r.IntN(20000))}
			if format := []string{"", "jpeg", "png"}[r.IntN(3)]; format != "" {
				lim.Formats = []string{format}
			}
			sent, mime, err := p.Wire(lim)
			if err != nil {
				if lim.MaxBytes == 0 || lim.MaxBytes > 1000 {
					t.Fatalf("%dx%d, %+v: %v", w, h, lim, err)
				}
				return
			}
			got, err := Decode("sent", sent, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if lim.MaxPixels > 0 && got.Width*got.Height > max(4, lim.MaxPixels) || lim.MaxSide > 0 && max(got.Width, got.Height) > max(2, lim.MaxSide) ||
				lim.MaxBytes > 0 && len(sent) > lim.MaxBytes || got.oriented != 1 || got.transparent {
				t.Errorf("%dx%d became %dx%d in %d bytes of %s; %+v", p.Width, p.Height, got.Width, got.Height, len(sent), mime, lim)
			}
			if len(lim.Formats) == 1 && mime != "image/"+lim.Formats[0] {
				t.Error(mime, lim.Formats)
			}
			// Within a pixel, unless a side is as short as can be.
			if f := float64(p.Width) / float64(p.Height); min(got.Width, got.Height) > minSide &&
				math.Abs(float64(got.Width)-f*float64(got.Height)) > 1+f && math.Abs(float64(got.Height)-float64(got.Width)/f) > 1+1/f {
				t.Errorf("%dx%d became %dx%d", p.Width, p.Height, got.Width, got.Height)
			}
			other, _ := Decode("noise", data, Limits{})
			if again, _, err := other.Wire(lim); err != nil || !bytes.Equal(again, sent) {
				t.Error("the same picture came out otherwise", err)
			}
		})
	}
}

// A PNG stays one as long as it fits, then it loses quality, and pixels last.
func TestWireByBytes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	p, err := Decode("noise", pngOf(t, noisy(r, 100, 80)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	last := len(p.Data) + 1
	for _, c := range []struct {
		bytes  int
		mime   string
		shrunk bool
	}{{len(p.Data), "image/png", false}, {len(p.Data) - 1, "image/jpeg", false}, {8000, "image/jpeg", false}, {2000, "image/jpeg", true}} {
		sent, mime, err := p.Wire(WireLimits{MaxBytes: c.bytes})
		if err != nil || mime != c.mime || len(sent) >= last {
			t.Fatalf("%d bytes: %s in %d, %v", c.bytes, mime, len(sent), err)
		}
		last = len(sent)
		got, _ := Decode("sent", sent, Limits{})
		if (got.Width < 100) != c.shrunk {
			t.Errorf("%d bytes: %dx%d", c.bytes, got.Width, got.Height)
		}
		// No more is given away than has to be.
		if c.shrunk && len(sent) < c.bytes/2 {
			t.Errorf("%d bytes of %d", len(sent), c.bytes)
		}
	}
	for _, formats := range [][]string{nil, {"png"}} {
		if _, _, err := p.Wire(WireLimits{MaxBytes: 10, Formats: formats}); err == nil || !strings.Contains(err.Error(), "noise can't be made small enough") {
			t.Error(err)
		}
	}
}

// A few limits are remembered, and no more.
func TestWireRemembers(t *testing.T) {
	t.Parallel()
	m := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	m.Set(1, 1, color.NRGBA{A: 255})
	p, err := Decode("x", pngOf(t, m), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	first := func(pixels int) *byte {
		b, _, err := p.Wire(WireLimits{MaxPixels: pixels})
		if err != nil {
			t.Fatal(err)
		}
		return &b[0]
	}
	a, b, c := first(100), first(200), first(300)
	if first(100) != a || first(200) != b || first(300) != c {
		t.Error("made again for a limit that was met before")
	}
	first(400)
	if n := len(p.wired.made); n != mostWired {
		t.Errorf("%d are kept", n)
	}
}

// Several questions may be on their way with the same picture.
func TestWireAtOnce(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, "testdata/444-48x32.jpg")
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			lim := WireLimits{MaxPixels: 100 * (1 + i%5)}
			sent, _, err := p.Wire(lim)
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := Decode("sent", sent, Limits{}); err != nil || got.Width*got.Height > lim.MaxPixels {
				t.Error(got, err)
			}
		})
	}
	all.Wait()
}
