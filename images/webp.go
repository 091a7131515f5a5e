package images

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// decodeWebP decodes a WebP, the first frame of an animated one, with the
// colours of libwebp: VP8 is limited-range BT.601, which Go's own conversion
// takes for JPEG's full range.
func decodeWebP(data []byte) (canvas, error) {
	f, err := firstFrame(data)
	if err != nil {
		return canvas{}, err
	}
	m, err := webp.Decode(bytes.NewReader(f.file))
	if err != nil {
		return canvas{}, err
	}
	var c canvas
	switch m := m.(type) {
	case *image.YCbCr:
		c = vp8ToRGB(m)
	case *image.NYCbCrA:
		c = vp8ToRGB(&m.YCbCr)
		c.alpha = make([]byte, 0, c.w*c.h)
		for y := range c.h {
			c.alpha = append(c.alpha, m.A[y*m.AStride:y*m.AStride+c.w]...)
		}
	default: // lossless
		c = flatten(m)
	}
	if f.canvas.X == 0 {
		return c, nil
	}
	return c.placed(f.at, f.canvas)
}

func vp8ToRGB(m *image.YCbCr) canvas {
	c := newChroma(m)
	c.both = libwebpTriangle
	return toRGB(m, c, vp8)
}

// libwebpTriangle is triangle with the rounding of libwebp's
// src/dsp/upsampling.c.
func libwebpTriangle(out, near, far []byte) {
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

// vp8 converts a row of limited-range YCbCr to RGB as libwebp's src/dsp/yuv.h.
func vp8(rgb, y, cb, cr []byte) {
	for i, v := range y {
		l := int32(v) * 19077 >> 8
		u, w := int32(cb[i]), int32(cr[i])
		rgb[3*i] = clamp8((l + w*26149>>8 - 14234) >> 6)
		rgb[3*i+1] = clamp8((l - u*6419>>8 - w*13320>>8 + 8708) >> 6)
		rgb[3*i+2] = clamp8((l + u*33050>>8 - 17685) >> 6)
	}
}

// webpFrame is a still picture taken from an animated one.
type webpFrame struct {
	file   []byte      // a WebP file of its own
	at     image.Point // its place
	canvas image.Point // the size of the whole; zero for a file that is not animated
}

// firstFrame returns a still WebP as it is, and of an animated one the first
// frame (container specification, "Animation").
func firstFrame(data []byte) (webpFrame, error) {
	var f webpFrame
	for c := range riffChunks(data) {
		switch {
		case c.name == "VP8X" && len(c.payload) == 10:
			const animated = 1 << 1
			if c.payload[0]&animated == 0 {
				return webpFrame{file: data}, nil
			}
			f.canvas = image.Pt(1+uint24(c.payload[4:]), 1+uint24(c.payload[7:]))
		case c.name == "ANMF" && f.canvas.X > 0 && len(c.payload) >= 16:
			f.at = image.Pt(2*uint24(c.payload), 2*uint24(c.payload[3:]))
			f.file = stillOf(c.payload[16:], 1+uint24(c.payload[6:]), 1+uint24(c.payload[9:]))
			return f, nil
		}
	}
	if f.canvas.X == 0 {
		return webpFrame{file: data}, nil // plain, or the decoder says what is wrong
	}
	return f, io.ErrUnexpectedEOF
}

// stillOf makes a WebP file of a frame's chunks.
func stillOf(chunks []byte, w, h int) []byte {
	x := make([]byte, 10)
	for c := range riffSubchunks(chunks) {
		if c.name == "ALPH" {
			x[0] = 1 << 4
		}
	}
	x[4], x[5], x[6] = byte(w-1), byte((w-1)>>8), byte((w-1)>>16)
	x[7], x[8], x[9] = byte(h-1), byte((h-1)>>8), byte((h-1)>>16)
	var b bytes.Buffer
	fmt.Fprintf(&b, "RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00%s", x)
	b.Write(chunks)
	out := b.Bytes()
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
