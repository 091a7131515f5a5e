package clip

import (
	"image"

	"github.com/vlmchat/vlmchat/images"
)

// ImageSize is the size of the pictures that the model takes, in pixels.
func (c *Checkpoint) ImageSize() (width, height int) {
	return int(c.Config.Vision.Size), int(c.Config.Vision.Size)
}

// Pixels makes a picture ready for Model.Pictures: of ImageSize, 3 bytes a pixel, as the
// checkpoint's image processor does it, before bytes become numbers. The picture's pixels
// have to be there.
func (c *Checkpoint) Pixels(p *images.Picture) []byte {
	return c.preprocessing.pixels(p.RGB(), image.Pt(p.Width, p.Height))
}
