package images

import "image"

// YCbCr pictures carry colour at half the resolution more often than not, and
// Go's own conversion repeats each colour sample. The decoders that models were
// trained and served with interpolate: libjpeg's "fancy upsampling", a triangle
// filter, which stb_image (llama.cpp's decoder) computes too, with its own
// rounding. Here are stb_image's formulas; libjpeg's differ by one level at
// most. What differs from stb_image on purpose is the last column but one of a
// picture whose colour is halved in width alone, where stb_image weighs the
// two samples the wrong way round.

// chroma describes how far the colour planes are reduced, and computes rows of
// them in full width.
type chroma struct {
	w, h   int // of the colour planes, in samples that count (not padding)
	sx, sy int // full samples per colour sample, across and down
	stride int
	// both interpolates between four samples; it is where codecs differ.
	both func(out, near, far []byte)
}

// newChroma reads the geometry from a picture of w×h pixels.
func newChroma(m *image.YCbCr) chroma {
	c := chroma{sx: 1, sy: 1, stride: m.CStride, both: triangle}
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		c.sx = 2
	case image.YCbCrSubsampleRatio420:
		c.sx, c.sy = 2, 2
	case image.YCbCrSubsampleRatio440:
		c.sy = 2
	case image.YCbCrSubsampleRatio411:
		c.sx = 4
	case image.YCbCrSubsampleRatio410:
		c.sx, c.sy = 4, 2
	}
	c.w = (m.Rect.Dx() + c.sx - 1) / c.sx
	c.h = (m.Rect.Dy() + c.sy - 1) / c.sy
	return c
}

// row writes row y of a plane at full width to out, which has room for sx
// times w samples.
func (c chroma) row(out, plane []byte, y int) {
	line := func(i int) []byte {
		i = min(max(i, 0), c.h-1)
		return plane[i*c.stride : i*c.stride+c.w]
	}
	near := line(y / c.sy)
	if c.sy == 2 && c.sx != 4 {
		far := line(y/2 + 2*(y%2) - 1)
		if c.sx == 2 {
			c.both(out, near, far)
			return
		}
		for i := range near {
			out[i] = byte((3*int(near[i]) + int(far[i]) + 2) >> 2)
		}
		return
	}
	switch c.sx {
	case 1:
		copy(out, near)
	case 2:
		across(out, near)
	default: // as libjpeg and stb_image do it, by repeating
		for i, v := range near {
			for k := range c.sx {
				out[i*c.sx+k] = v
			}
		}
	}
}

// across doubles a row: each new sample is 3/4 of the nearer old one and 1/4 of
// the other.
func across(out, in []byte) {
	last := len(in) - 1
	for i, v := range in {
		n := 3*int(v) + 2
		out[2*i] = byte((n + int(in[max(i-1, 0)])) >> 2)
		out[2*i+1] = byte((n + int(in[min(i+1, last)])) >> 2)
	}
}

// triangle doubles a row in both directions: 9/16, 3/16, 3/16 and 1/16 of the
// four samples around the new one.
func triangle(out, near, far []byte) {
	t := 3*int(near[0]) + int(far[0])
	out[0] = byte((t + 2) >> 2)
	for i := 1; i < len(near); i++ {
		before := t
		t = 3*int(near[i]) + int(far[i])
		out[2*i-1] = byte((3*before + t + 8) >> 4)
		out[2*i] = byte((3*t + before + 8) >> 4)
	}
	out[2*len(near)-1] = byte((t + 2) >> 2)
}

// toRGB converts a picture whose bounds start at its planes' first sample,
// with convert for the pixels of a row.
func toRGB(m *image.YCbCr, c chroma, convert func(rgb, y, cb, cr []byte)) canvas {
	out := canvas{w: m.Rect.Dx(), h: m.Rect.Dy(), photo: true}
	out.rgb = make([]byte, 3*out.w*out.h)
	cb, cr := make([]byte, c.sx*c.w), make([]byte, c.sx*c.w)
	luma := m.Y[m.YOffset(m.Rect.Min.X, m.Rect.Min.Y):]
	first := m.COffset(m.Rect.Min.X, m.Rect.Min.Y)
	for y := range out.h {
		c.row(cb, m.Cb[first:], y)
		c.row(cr, m.Cr[first:], y)
		convert(out.rgb[3*out.w*y:3*out.w*(y+1)], luma[y*m.YStride:y*m.YStride+out.w], cb, cr)
	}
	return out
}

// clamp8 limits to what a byte holds.
func clamp8(v int32) byte {
	if uint32(v) > 255 {
		return byte(^(v >> 31)) // negative: 0, too large: 255
	}
	return byte(v)
}
