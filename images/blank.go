package images

import "bytes"

// blankGrey is what a blank picture has everywhere: the middle of all values, which
// is near what encoders are normalised to, so that it says as little as it can.
const blankGrey = 127

// Blank returns a picture of the same size and place on which there is nothing: what
// a model says with it in place of p, it does not say because of p.
func (p *Picture) Blank() *Picture {
	q := ofPixels(p.Source, canvas{w: p.Width, h: p.Height, rgb: bytes.Repeat([]byte{blankGrey}, 3*p.Width*p.Height)})
	q.Place, q.cut = p.Place, p.cut
	return q
}
