package images

import (
	"bytes"
	"image"
	"image/jpeg"
)

// decodeJPEG decodes a JPEG with the colours of libjpeg and stb_image.
func decodeJPEG(data []byte) (canvas, error) {
	m, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return canvas{}, err
	}
	if ycc, ok := m.(*image.YCbCr); ok {
		return toRGB(ycc, newChroma(ycc), jfif), nil
	}
	c := flatten(m) // grey, RGB or CMYK
	c.photo = true
	return c, nil
}

// The constants of JFIF's colour conversion (JFIF 1.02, page 3) with 20 bits
// after the point, of which stb_image keeps 12.
const (
	jfifR  = 5743 << 8 // 1.402
	jfifGr = 2925 << 8 // 0.71414
	jfifGb = 1410 << 8 // 0.34414
	jfifB  = 7258 << 8 // 1.772
)

// jfif converts a row of full-range YCbCr to RGB, rounded as stb_image does.
func jfif(rgb, y, cb, cr []byte) {
	for i, v := range y {
		l := int32(v)<<20 + 1<<19
		b, r := int32(cb[i])-128, int32(cr[i])-128
		px := rgb[3*i : 3*i+3 : 3*i+3]
		px[0] = clamp8((l + r*jfifR) >> 20)
		px[1] = clamp8((l - r*jfifGr + (-b*jfifGb)&^0xffff) >> 20)
		px[2] = clamp8((l + b*jfifB) >> 20)
	}
}
