package images

import "image"

// VP8, which lossy WebPs are coded with, has a quarter of the colour samples that it
// has of brightness. Go's own conversion repeats them, and takes the values' limited
// range for JPEG's full one; here are the formulas of libwebp.

// vp8ToRGB converts a picture whose bounds start at its planes' first sample.
func vp8ToRGB(m *image.YCbCr) canvas {
	out := canvas{w: m.Rect.Dx(), h: m.Rect.Dy(), photo: true}
	out.rgb = make([]byte, 3*out.w*out.h)
	cw, ch := (out.w+1)/2, (out.h+1)/2
	cb, cr := make([]byte, 2*cw), make([]byte, 2*cw)
	for y := range out.h {
		near := y / 2 * m.CStride
		far := min(max(y/2+2*(y%2)-1, 0), ch-1) * m.CStride
		vp8Triangle(cb, m.Cb[near:near+cw], m.Cb[far:far+cw])
		vp8Triangle(cr, m.Cr[near:near+cw], m.Cr[far:far+cw])
		vp8Row(out.rgb[3*out.w*y:3*out.w*(y+1)], m.Y[y*m.YStride:y*m.YStride+out.w], cb, cr)
	}
	return out
}

// vp8Triangle doubles a row of colour in both directions: 9/16, 3/16, 3/16 and 1/16
// of the four samples around the new one, with the rounding of libwebp's
// src/dsp/upsampling.c.
func vp8Triangle(out, near, far []byte) {
	last := len(near) - 1
	out[0] = byte((3*int(near[0]) + int(far[0]) + 2) >> 2)
	for i := range last {
		n0, n1, f0, f1 := int(near[i]), int(near[i+1]), int(far[i]), int(far[i+1])
		sum := n0 + n1 + f0 + f1 + 8
		out[2*i+1] = byte(((sum+2*(n1+f0))>>3 + n0) >> 1)
		out[2*i+2] = byte(((sum+2*(n0+f1))>>3 + n1) >> 1)
	}
	out[2*last+1] = byte((3*int(near[last]) + int(far[last]) + 2) >> 2)
}

// vp8Row converts a row of limited-range YCbCr to RGB as libwebp's src/dsp/yuv.h.
func vp8Row(rgb, y, cb, cr []byte) {
	for i, v := range y {
		l := int32(v) * 19077 >> 8
		u, w := int32(cb[i]), int32(cr[i])
		rgb[3*i] = clamp8((l + w*26149>>8 - 14234) >> 6)
		rgb[3*i+1] = clamp8((l - u*6419>>8 - w*13320>>8 + 8708) >> 6)
		rgb[3*i+2] = clamp8((l + u*33050>>8 - 17685) >> 6)
	}
}

// clamp8 limits to what a byte holds.
func clamp8(v int32) byte {
	if uint32(v) > 255 {
		return byte(^(v >> 31)) // negative: 0, too large: 255
	}
	return byte(v)
}
