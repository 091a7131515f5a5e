package images

// thumbnailSide is how long the sides of a thumbnail are at most, in pixels.
const thumbnailSide = 256

// Thumbnail returns a small JPEG of the picture, to recognise it by. A picture that was
// recalled has to be loaded.
func (p *Picture) Thumbnail() ([]byte, error) {
	const quality, room = 80, 1 << 20 // far more than it needs
	w, h := fit(p.Width, p.Height, 0, thumbnailSide)
	data, _, err := encodeJPEG(p.scaled(w, h), quality, room)
	return data, err
}
