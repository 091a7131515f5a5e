package llamacpp

import "bytes"

// Bitmap is a picture as Tokenize takes it.
type Bitmap struct {
	ID            string // whatever identifies the picture, such as its hash
	Width, Height int
	RGB           []byte // 3 bytes a pixel; nil to count tokens only, if the projector can
}

// narrow is how many times longer than wide a picture may be to be sure of
// every model's preprocessing. Of narrower ones some make less than a pixel.
const narrow = 64

// padColour is the mean colour of photographs, with which LLaVA's preprocessing
// pads.
var padColour = []byte{122, 116, 104}

// padded returns the picture with borders along its long sides, so that it is
// not narrow; as it is if it isn't.
func (b Bitmap) padded() Bitmap {
	p := b
	p.Width, p.Height = max(b.Width, (b.Height+narrow-1)/narrow), max(b.Height, (b.Width+narrow-1)/narrow)
	if b.RGB == nil || p.Width == b.Width && p.Height == b.Height {
		return p
	}
	p.RGB = bytes.Repeat(padColour, p.Width*p.Height)
	left, top := (p.Width-b.Width)/2, (p.Height-b.Height)/2
	for y := range b.Height {
		copy(p.RGB[((top+y)*p.Width+left)*3:], b.RGB[y*b.Width*3:][:b.Width*3])
	}
	return p
}

// small is a width and height that every model makes a token of.
const small = 64

// enlarged returns the picture with each pixel as often as it takes for it not to
// be small.
func (b Bitmap) enlarged() Bitmap {
	times := (small + min(b.Width, b.Height) - 1) / min(b.Width, b.Height)
	if times == 1 {
		return b
	}
	e := Bitmap{ID: b.ID, Width: times * b.Width, Height: times * b.Height}
	for y := range e.Height {
		row := b.RGB[y/times*b.Width*3:]
		for x := range e.Width {
			e.RGB = append(e.RGB, row[x/times*3:][:3]...)
		}
	}
	return e
}

// fitting returns a picture that the model's preprocessing takes: a narrow one is
// padded if it does not take it as it is. Builds without bounds of a picture's
// tokens know no least size either: they go on with a picture that is no token
// wide, and end the process.
func (p *Projector) fitting(b Bitmap) Bitmap {
	if b.Width < 1 || b.Height < 1 {
		return b
	}
	padded := b.padded()
	if !p.lib.layout.projector.ImageMinTokens.has() {
		return padded.enlarged()
	}
	if padded.Width == b.Width && padded.Height == b.Height {
		return b
	}
	// Only with pixels it fails, and whatever they are.
	blank := Bitmap{Width: b.Width, Height: b.Height, RGB: make([]byte, 3*b.Width*b.Height)}
	c, err := p.tokenize(p.markerText(), false, []Bitmap{blank})
	if err != nil {
		return padded
	}
	c.Close()
	return b
}
