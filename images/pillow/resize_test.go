package pillow

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"math/rand/v2"
	"os"
	"testing"
)

// noise is the picture that testdata/clip/make_resized.py resized.
func noise(width, height int) []byte {
	rgb := make([]byte, 3*width*height)
	for i := range rgb {
		v := uint32(i) * 2654435761
		v ^= v >> 15
		v *= 2246822519
		v ^= v >> 13
		if i/4096%2 == 1 {
			v = v & 1 * 255
		}
		rgb[i] = byte(v)
	}
	return rgb
}

// TestLikePillow holds pictures of many sizes against those that Pillow made, by all filters.
func TestLikePillow(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../testdata/clip/resized.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Size, To [2]int
		Filter   Filter
		SHA256   string
	}
	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 300 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		size, to := image.Pt(c.Size[0], c.Size[1]), image.Pt(c.To[0], c.To[1])
		sum := sha256.Sum256(Resize(noise(size.X, size.Y), size, to, image.Rectangle{Max: to}, c.Filter))
		if have := hex.EncodeToString(sum[:8]); have != c.SHA256 {
			t.Errorf("%v to %v by %s differs from Pillow's", size, to, c.Filter)
		}
	}
}

// TestParts: a part is the same as that part of the whole.
func TestParts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		size := image.Pt(1+r.IntN(200), 1+r.IntN(200))
		to := image.Pt(1+r.IntN(100), 1+r.IntN(100))
		if r.IntN(4) == 0 {
			to.X = size.X
		}
		if r.IntN(4) == 0 {
			to.Y = size.Y
		}
		x, y := r.IntN(to.X), r.IntN(to.Y)
		part := image.Rect(x, y, x+1+r.IntN(to.X-x), y+1+r.IntN(to.Y-y))
		f := Filter(r.IntN(6))
		rgb := noise(size.X, size.Y)
		whole := Resize(rgb, size, to, image.Rectangle{Max: to}, f)
		if !bytes.Equal(Resize(rgb, size, to, part, f), cut(whole, to.X, part)) {
			t.Errorf("the part %v of %v to %v by %s differs from that of the whole", part, size, to, f)
		}
	}
}

// TestKernels: the kernels compute what the code in Go does, also beyond black and white.
func TestKernels(t *testing.T) {
	t.Parallel()
	if !accelerated {
		t.Skip("this processor has no kernels")
	}
	r := rand.New(rand.NewPCG(2, 2))
	for range 300 {
		size, to := image.Pt(1+r.IntN(300), 1+r.IntN(300)), 1+r.IntN(100)
		rgb, f := noise(size.X, size.Y), Filter(1+r.IntN(5))
		columns := f.tapsOf(size.X, to, 0, to)
		fast, slow := make([]byte, 3*to*size.Y), make([]byte, 3*to*size.Y)
		horizontalFast(rgb, size.X, 0, size.Y, columns, fast)
		horizontalGo(rgb, size.X, 0, size.Y, columns, slow)
		if !bytes.Equal(fast, slow) {
			t.Errorf("%v to a width of %d by %s differs", size, to, f)
		}
		rows := f.tapsOf(size.Y, to, 0, to)
		slow = make([]byte, 3*size.X*to)
		verticalGo(rgb, 3*size.X, 0, rows, slow, 0)
		if !bytes.Equal(vertical(rgb, size.X, 0, rows), slow) {
			t.Errorf("%v to a height of %d by %s differs", size, to, f)
		}
	}
}

// FuzzResize: no size ends the process, and flat pictures stay flat.
func FuzzResize(f *testing.F) {
	f.Add(uint16(4000), uint16(3), uint16(1), uint16(1), uint8(3), uint8(255))
	f.Add(uint16(1), uint16(1), uint16(65535), uint16(2), uint8(1), uint8(7))
	f.Fuzz(func(t *testing.T, w, h, tow, toh uint16, filter, value uint8) {
		if w == 0 || h == 0 || tow == 0 || toh == 0 || int(w)*int(h) > 1<<20 || int(tow)*int(toh) > 1<<20 || int(tow)*int(h) > 1<<20 {
			return
		}
		size, to := image.Pt(int(w), int(h)), image.Pt(int(tow), int(toh))
		out := Resize(bytes.Repeat([]byte{value}, 3*size.X*size.Y), size, to, image.Rectangle{Max: to}, Filter(filter%6))
		if len(out) != 3*to.X*to.Y {
			t.Fatalf("%d bytes", len(out))
		}
		for _, b := range out {
			if b != value {
				t.Fatalf("%d became %d", value, b)
			}
		}
	})
}

func BenchmarkResize(b *testing.B) {
	for name, c := range map[string]struct{ size, to image.Point }{
		"768x512": {image.Pt(768, 512), image.Pt(336, 224)},
		"12MP":    {image.Pt(4000, 3000), image.Pt(298, 224)},
	} {
		rgb := noise(c.size.X, c.size.Y)
		left := (c.to.X - 224) / 2
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Resize(rgb, c.size, c.to, image.Rect(left, 0, left+224, 224), Bicubic)
			}
		})
	}
}
