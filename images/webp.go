package images

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"time"

	"golang.org/x/image/webp"
)

// The flags of a WebP's extended header (container specification, "Extended
// File Format").
const (
	webpAnimated = 1 << 1
	webpAlpha    = 1 << 4
	webpICC      = 1 << 5
)

// decodeWebP decodes a WebP, of an animated one a frame, composed with those before
// it.
func decodeWebP(ctx context.Context, data []byte, frame int) (canvas, error) {
	a, err := webpAnimation(data)
	if err != nil {
		return canvas{}, err
	}
	return a.compose(ctx, frame)
}

func webpFrames(data []byte) ([]frame, error) {
	a, err := webpAnimation(data)
	if err != nil {
		return nil, err
	}
	return a.list(), nil
}

func webpSize(data []byte, _ int) (image.Point, error) {
	a, err := webpAnimation(data)
	if err != nil {
		return image.Point{}, err
	}
	return a.size, nil
}

// decodeStill decodes a WebP that is not animated, with the colours of libwebp: VP8
// is limited-range BT.601, which Go's own conversion takes for JPEG's full range.
func decodeStill(ctx context.Context, file []byte) (canvas, error) {
	m, err := webp.Decode(readerUntil(ctx, file))
	if err != nil {
		return canvas{}, err
	}
	switch m := m.(type) {
	case *image.YCbCr:
		return vp8ToRGB(m), nil
	case *image.NYCbCrA:
		c := vp8ToRGB(&m.YCbCr)
		c.alpha = make([]byte, 0, c.w*c.h)
		for y := range c.h {
			c.alpha = append(c.alpha, m.A[y*m.AStride:y*m.AStride+c.w]...)
		}
		return c, nil
	}
	return flatten(m), nil // lossless
}

// webpAnimation reads the chunks of a WebP, without decoding any (container
// specification, "Animation"). A still one is its own only frame, and a file that
// breaks off has the frames before.
func webpAnimation(data []byte) (*animation, error) {
	a := &animation{}
	for c := range riffChunks(data) {
		switch {
		case c.name == "VP8X" && len(c.payload) == 10 && c.payload[0]&webpAnimated != 0:
			a.size = image.Pt(1+uint24(c.payload[4:]), 1+uint24(c.payload[7:]))
		case a.size.X == 0 && (c.name == "VP8X" || c.name == "VP8 " || c.name == "VP8L"):
			return webpStill(data)
		case c.name == "ANMF" && a.size.X > 0 && len(c.payload) >= 16:
			if len(a.frames) == mostFrames {
				return nil, tooManyFrames()
			}
			a.frames = append(a.frames, webpFrame(c.payload))
		}
	}
	if a.size.X == 0 {
		return webpStill(data) // the decoder says what is wrong
	}
	if len(a.frames) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return a, nil
}

func webpStill(data []byte) (*animation, error) {
	config, err := webp.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	size := image.Pt(config.Width, config.Height)
	return &animation{size: size, frames: []animated{{
		place: image.Rectangle{Max: size}, replaces: true,
		decode: func(ctx context.Context) (canvas, error) { return decodeStill(ctx, data) },
	}}}, nil
}

// webpFrame reads what an ANMF chunk says of a frame.
func webpFrame(b []byte) animated {
	const instead, background = 1 << 1, 1 << 0
	w, h := 1+uint24(b[6:]), 1+uint24(b[9:])
	f := animated{
		place:    image.Rectangle{Max: image.Pt(w, h)}.Add(image.Pt(2*uint24(b), 2*uint24(b[3:]))),
		shown:    time.Duration(uint24(b[12:])) * time.Millisecond,
		replaces: b[15]&instead != 0,
		decode:   func(ctx context.Context) (canvas, error) { return decodeStill(ctx, stillOf(b[16:], w, h)) },
	}
	if b[15]&background != 0 {
		f.disposal = clearIt
	}
	return f
}

// stillOf makes a WebP file of a frame's chunks.
func stillOf(chunks []byte, w, h int) []byte {
	x := make([]byte, 10)
	for c := range riffSubchunks(chunks) {
		if c.name == "ALPH" {
			x[0] = webpAlpha
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
