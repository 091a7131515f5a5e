package images

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/images/pillow"
)

// How pictures are changed to see whether a model's answers hold: as training changes them,
// by torchvision's operations on Pillow's pictures, in torchvision's words
// RandomResizedCrop(size, scale=(0.8, 1.0)), RandomHorizontalFlip(1) and
// ColorJitter(0.2, 0.2, 0.2, 0.05). The size of a picture stays.

// augmentations are the changes by their names. Each draws what there is to draw.
var augmentations = map[string]func(p pixels, draw *rand.Rand){
	"crop":   func(p pixels, draw *rand.Rand) { copy(p.rgb, p.resizedCrop(cropOf(p.size, draw))) },
	"flip":   func(p pixels, _ *rand.Rand) { p.flip() },
	"jitter": func(p pixels, draw *rand.Rand) { p.jitter(draw) },
}

// Augmentations are the names of the changes that Augment knows.
func Augmentations() []string { return []string{"crop", "flip", "jitter"} }

// Augment returns the picture changed in these ways, one after the other: as a picture of its
// own, with the same source and place, and an identity that follows from its pixels. What is
// drawn, such as the part that a crop shows, follows from the picture's content and the name of
// the change: the same picture is always changed in the same way.
//
// A crop shows 80 to 100% of the picture's area, stretched to its size by at most 4/3. A jitter
// changes brightness, contrast and saturation by up to 20% and hues by up to 18 degrees. A flip
// exchanges left and right, and with them the answers to questions about that.
func (p *Picture) Augment(names ...string) (*Picture, error) {
	changed := pixels{image.Pt(p.Width, p.Height), slices.Clone(p.rgb)}
	for _, name := range names {
		change, ok := augmentations[name]
		if !ok {
			return nil, fmt.Errorf("there is no change of pictures called %q; there are %s", name, strings.Join(Augmentations(), ", "))
		}
		seed := sha256.Sum256([]byte(p.SHA256 + " " + name))
		change(changed, rand.New(rand.NewPCG(binary.BigEndian.Uint64(seed[:]), binary.BigEndian.Uint64(seed[8:]))))
	}
	q := ofPixels(p.Source, canvas{w: p.Width, h: p.Height, rgb: changed.rgb, photo: p.photo})
	q.Place, q.cut = p.Place, p.cut
	return q, nil
}

// pixels are those of a picture that is being changed, 3 bytes each.
type pixels struct {
	size image.Point
	rgb  []byte
}

// cropOf draws a part as RandomResizedCrop.get_params does: of 80 to 100% of the area, its
// sides 3:4 to 4:3; if ten times none fits, the largest such part in the middle.
func cropOf(size image.Point, draw *rand.Rand) image.Rectangle {
	const leastArea, flattest = 0.8, 4.0 / 3
	side := func(square float64) int { return int(math.RoundToEven(math.Sqrt(square))) }
	area := float64(size.X) * float64(size.Y)
	for range 10 {
		part := area * (leastArea + (1-leastArea)*draw.Float64())
		ratio := math.Exp(math.Log(flattest) * (2*draw.Float64() - 1))
		w, h := side(part*ratio), side(part/ratio)
		if 0 < w && w <= size.X && 0 < h && h <= size.Y {
			y, x := draw.IntN(size.Y-h+1), draw.IntN(size.X-w+1)
			return image.Rect(x, y, x+w, y+h)
		}
	}
	w, h := size.X, size.Y
	switch ratio := float64(w) / float64(h); {
	case ratio < 1/flattest:
		h = int(math.RoundToEven(float64(w) * flattest))
	case ratio > flattest:
		w = int(math.RoundToEven(float64(h) * flattest))
	}
	x, y := (size.X-w)/2, (size.Y-h)/2
	return image.Rect(x, y, x+w, y+h)
}

// resizedCrop is a part in the whole's size (resized_crop, bilinear).
func (p pixels) resizedCrop(part image.Rectangle) []byte {
	cropped := pillow.Resize(p.rgb, p.size, p.size, part, pillow.Bilinear) // the same size: cut out
	return pillow.Resize(cropped, part.Size(), p.size, image.Rectangle{Max: p.size}, pillow.Bilinear)
}

// flip exchanges left and right.
func (p pixels) flip() {
	for y := range p.size.Y {
		row := p.rgb[3*y*p.size.X : 3*(y+1)*p.size.X]
		for a, b := 0, len(row)-3; a < b; a, b = a+3, b-3 {
			row[a], row[b] = row[b], row[a]
			row[a+1], row[b+1] = row[b+1], row[a+1]
			row[a+2], row[b+2] = row[b+2], row[a+2]
		}
	}
}
