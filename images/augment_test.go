package images

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// noise is the picture that testdata/make_augmented.py changed.
func noise(width, height int) pixels {
	rgb := make([]byte, 3*width*height)
	for i := range rgb {
		v := uint32(i) * 2654435761
		v ^= v >> 15
		v *= 2246822519
		v ^= v >> 13
		if i/4096%2 == 1 {
			v = (v & 1) * 255
		}
		rgb[i] = byte(v)
	}
	return pixels{image.Pt(width, height), rgb}
}

// TestLikeTorchvision holds what is made of pictures against what torchvision made.
func TestLikeTorchvision(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/augmented.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Size      [2]int
		Operation string
		Factor    float64
		Part      [4]int
		SHA256    string
	}
	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 100 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		p := noise(c.Size[0], c.Size[1])
		switch c.Operation {
		case "brightness":
			p.brightness(c.Factor)
		case "contrast":
			p.contrast(c.Factor)
		case "saturation":
			p.saturation(c.Factor)
		case "hue":
			p.hue(c.Factor)
		case "flip":
			p.flip()
		case "crop":
			p.rgb = p.resizedCrop(image.Rect(c.Part[0], c.Part[1], c.Part[0]+c.Part[2], c.Part[1]+c.Part[3]))
		}
		if sum := sha256.Sum256(p.rgb); hex.EncodeToString(sum[:]) != c.SHA256 {
			t.Errorf("%s of %v by %g, %v differs from torchvision's", c.Operation, c.Size, c.Factor, c.Part)
		}
	}
}

func TestAugment(t *testing.T) {
	t.Parallel()
	n := noise(60, 40)
	p := ofPixels("noise.png", canvas{w: 60, h: 40, rgb: n.rgb})
	kept := bytes.Clone(p.rgb)
	digests := []string{p.SHA256}
	for _, names := range [][]string{{"crop"}, {"flip"}, {"jitter"}, {"crop", "flip", "jitter"}} {
		q, err := p.Augment(names...)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := p.Augment(names...)
		if q.SHA256 != again.SHA256 {
			t.Errorf("%v differs from one time to the next", names)
		}
		if q.Width != 60 || q.Height != 40 || len(q.rgb) != len(kept) || q.Source != "noise.png" {
			t.Errorf("%v: %+v", names, q)
		}
		if slices.Contains(digests, q.SHA256) {
			t.Errorf("%v is no other picture", names)
		}
		digests = append(digests, q.SHA256)
	}
	if !bytes.Equal(p.rgb, kept) {
		t.Error("the picture itself was changed")
	}
	if _, err := p.Augment("mirror"); err == nil || err.Error() != `there is no change of pictures called "mirror"; there are crop, flip, jitter` {
		t.Errorf("%v", err)
	}
}

// TestCropOf: parts lie within the picture, and have the area and the sides that they should;
// of a picture that is too flat for these it is the middle.
func TestCropOf(t *testing.T) {
	t.Parallel()
	draw := rand.New(rand.NewPCG(1, 1))
	for _, size := range []image.Point{{640, 480}, {300, 300}, {97, 113}} {
		for range 500 {
			part := cropOf(size, draw)
			area, ratio := float64(part.Dx()*part.Dy())/float64(size.X*size.Y), float64(part.Dx())/float64(part.Dy())
			if !part.In(image.Rectangle{Max: size}) || area < 0.78 || ratio < 0.73 || ratio > 1.36 {
				t.Fatalf("%v of %v", part, size)
			}
		}
	}
	for size, want := range map[image.Point]image.Rectangle{
		{300, 30}: image.Rect(130, 0, 170, 30),
		{30, 300}: image.Rect(0, 130, 30, 170),
	} {
		if part := cropOf(size, draw); part != want {
			t.Errorf("%v of %v, want %v", part, size, want)
		}
	}
}
