package images

import (
	"bytes"
	"image"

	"golang.org/x/image/bmp"
)

// decodeBMP decodes a BMP. One that says that every pixel is invisible means
// the opposite: many writers leave the fourth byte at zero (stb_image and
// browsers see it so too).
func decodeBMP(data []byte) (canvas, error) {
	m, err := bmp.Decode(bytes.NewReader(data))
	if err != nil {
		return canvas{}, err
	}
	if n, ok := m.(*image.NRGBA); ok && invisible(n) {
		for i := 3; i < len(n.Pix); i += 4 {
			n.Pix[i] = 255
		}
	}
	return flatten(m), nil
}

func invisible(m *image.NRGBA) bool {
	for i := 3; i < len(m.Pix); i += 4 {
		if m.Pix[i] != 0 {
			return false
		}
	}
	return true
}
