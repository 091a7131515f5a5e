package images

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/gif"
	"io"
	"time"
)

// gifAnimation reads the blocks of a GIF (GIF89a, 1990), without decoding any. A
// file that breaks off has the frames before.
func gifAnimation(data []byte) (*animation, error) {
	if len(data) < 13 {
		return nil, io.ErrUnexpectedEOF
	}
	a := &animation{size: image.Pt(int(binary.LittleEndian.Uint16(data[6:])), int(binary.LittleEndian.Uint16(data[8:])))}
	head := 13 + gifColours(data[10])
	if len(data) < head {
		return nil, io.ErrUnexpectedEOF
	}
	var control []byte // the graphic control extension before a frame, whole
	for rest := data[head:]; len(rest) > 1; {
		size, is := 0, rest[0]
		switch is {
		case ';':
			return a, nil
		case '!':
			size = 2
		case ',':
			if len(rest) < 11 {
				return a, nil
			}
			size = 10 + gifColours(rest[9]) + 1
		default:
			return a, nil // as browsers see it: what follows is no GIF any more
		}
		blocks, whole := gifSubBlocks(rest[min(size, len(rest)):])
		block := rest[:min(size+blocks, len(rest))]
		rest = rest[len(block):]
		switch {
		case is == ',':
			if !whole && len(a.frames) > 0 {
				return a, nil
			}
			if len(a.frames) == mostFrames {
				return nil, tooManyFrames()
			}
			a.frames = append(a.frames, gifFrame(data[:head], control, block, whole))
			control = nil
		case block[1] == 0xf9 && len(block) >= 8:
			control = block
		}
	}
	return a, nil
}

// gifColours is the size of the table that a byte of flags announces.
func gifColours(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// gifSubBlocks measures blocks up to the one of no bytes.
func gifSubBlocks(b []byte) (size int, whole bool) {
	for size < len(b) {
		n := int(b[size])
		size += 1 + n
		if n == 0 {
			return size, true
		}
	}
	return len(b), false
}

// gifFrame reads what a frame's blocks say of it. It is decoded as a GIF of its own.
func gifFrame(head, control, block []byte, whole bool) animated {
	x, y := int(binary.LittleEndian.Uint16(block[1:])), int(binary.LittleEndian.Uint16(block[3:]))
	w, h := int(binary.LittleEndian.Uint16(block[5:])), int(binary.LittleEndian.Uint16(block[7:]))
	f := animated{place: image.Rect(x, y, x+w, y+h), replaces: true}
	if control != nil {
		f.replaces = control[3]&1 == 0
		switch control[3] >> 2 & 7 {
		case 2:
			f.disposal = clearIt
		case 3:
			f.disposal = restore
		}
		f.shown = time.Duration(binary.LittleEndian.Uint16(control[4:])) * 10 * time.Millisecond
	}
	if f.shown <= 10*time.Millisecond {
		f.shown = 100 * time.Millisecond // as browsers show what is in no hurry to say
	}
	f.decode = func(ctx context.Context) (canvas, error) {
		// A pixel takes a code of 12 bits at most, and as much again to begin anew.
		if len(block) > 4*w*h+1<<12 {
			return canvas{}, errors.New("a frame has many times more data than pixels")
		}
		m, err := gif.Decode(&cancelReader{ctx, io.MultiReader(bytes.NewReader(head), bytes.NewReader(control), bytes.NewReader(block), bytes.NewReader([]byte{';'}))})
		if err != nil && !whole {
			return canvas{}, io.ErrUnexpectedEOF
		}
		if err != nil {
			return canvas{}, err
		}
		return flatten(m), nil
	}
	return f
}

func gifSize(data []byte, _ int) (image.Point, error) {
	a, err := gifAnimation(data)
	if err != nil {
		return image.Point{}, err
	}
	return a.size, nil
}

func gifFrames(data []byte) ([]frame, error) {
	a, err := gifAnimation(data)
	if err != nil {
		return nil, err
	}
	return a.list(), nil
}

// decodeGIF decodes a frame, composed with those before it.
func decodeGIF(ctx context.Context, data []byte, frame int) (canvas, error) {
	a, err := gifAnimation(data)
	if err != nil {
		return canvas{}, err
	}
	if len(a.frames) == 0 {
		return canvas{}, io.ErrUnexpectedEOF
	}
	return a.compose(ctx, frame)
}
