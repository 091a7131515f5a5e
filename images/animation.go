package images

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"
)

// animation is a file of several pictures that are drawn over each other.
type animation struct {
	size   image.Point
	frames []animated
}

// animated is one of them. Nothing of it is decoded yet.
type animated struct {
	place    image.Rectangle
	shown    time.Duration
	disposal disposal
	replaces bool // nothing that was there before shows through
	decode   func(context.Context) (canvas, error)
}

// disposal is what happens to a frame's place when the next one comes.
type disposal int

const (
	keep    disposal = iota
	clearIt          // nothing is left there
	restore          // what was there before comes back
)

// mostComposed bounds the pixels that are decoded for one frame: those before it
// that show through.
const mostComposed = 1 << 30

// list tells when each frame is shown.
func (a *animation) list() []frame {
	all, at := make([]frame, 0, len(a.frames)), time.Duration(0)
	for _, f := range a.frames {
		all = append(all, frame{at: at, shown: f.shown})
		at += f.shown
	}
	return all
}

// compose draws a frame, over those before it that it needs.
func (a *animation) compose(ctx context.Context, n int) (canvas, error) {
	if n >= len(a.frames) {
		return canvas{}, fmt.Errorf("there is no frame %d", n+1)
	}
	first, pixels := n, 0
	for ; ; first-- {
		f := &a.frames[first]
		if !f.place.In(image.Rectangle{Max: a.size}) || f.place.Empty() {
			return canvas{}, errors.New("a frame lies outside the picture")
		}
		if pixels += f.place.Dx() * f.place.Dy(); pixels > mostComposed {
			return canvas{}, &Error{Reason: TooManyPixels, Detail: fmt.Sprintf("too large: for frame %d more than %d megapixels of other frames have to be decoded; choose an earlier one", n+1, mostComposed/1_000_000)}
		}
		whole := f.replaces && f.place.Size() == a.size && (first == n || f.disposal != restore)
		if first == 0 || whole {
			break
		}
	}
	out := canvas{w: a.size.X, h: a.size.Y}
	if first == n && a.frames[n].place.Size() == a.size {
		return a.frames[n].canvas(ctx)
	}
	out.rgb, out.alpha = make([]byte, 3*out.w*out.h), make([]byte, out.w*out.h)
	for i := first; i <= n; i++ {
		if err := ctx.Err(); err != nil {
			return canvas{}, err
		}
		f := &a.frames[i]
		c, err := f.canvas(ctx)
		if err != nil {
			return canvas{}, err
		}
		out.photo = out.photo || c.photo
		var before canvas
		if f.disposal == restore && i < n {
			before = out.part(f.place)
		}
		out.draw(c, f.place.Min, f.replaces)
		if i == n {
			break
		}
		switch f.disposal {
		case clearIt:
			out.draw(canvas{rgb: make([]byte, len(c.rgb)), alpha: make([]byte, c.w*c.h), w: c.w, h: c.h}, f.place.Min, true)
		case restore:
			out.draw(before, f.place.Min, true)
		}
	}
	return out, nil
}

// canvas decodes the frame and holds it against what was said of it.
func (f *animated) canvas(ctx context.Context) (canvas, error) {
	c, err := f.decode(ctx)
	if err == nil && (c.w != f.place.Dx() || c.h != f.place.Dy()) {
		err = errors.New("a frame has another size than it says")
	}
	return c, err
}

// part copies a part of a canvas with opacity.
func (c *canvas) part(r image.Rectangle) canvas {
	var p canvas
	p.w, p.h = r.Dx(), r.Dy()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		i := y*c.w + r.Min.X
		p.rgb = append(p.rgb, c.rgb[3*i:3*(i+p.w)]...)
		p.alpha = append(p.alpha, c.alpha[i:i+p.w]...)
	}
	return p
}

// draw puts pixels on a canvas with opacity, over what is there or instead of it,
// computed as in libwebp's src/demux/anim_decode.c.
func (c *canvas) draw(over canvas, at image.Point, instead bool) {
	for y := range over.h {
		to, from := (at.Y+y)*c.w+at.X, y*over.w
		for range over.w {
			a := 255
			if over.alpha != nil {
				a = int(over.alpha[from])
			}
			switch under := int(c.alpha[to]) * (256 - a) >> 8; {
			case instead, a == 255, under == 0 && a > 0:
				copy(c.rgb[3*to:3*to+3], over.rgb[3*from:3*from+3])
				c.alpha[to] = byte(a)
			case a > 0:
				scale := (1 << 24) / (a + under)
				for k := range 3 {
					c.rgb[3*to+k] = byte((int(over.rgb[3*from+k])*a + int(c.rgb[3*to+k])*under) * scale >> 24)
				}
				c.alpha[to] = byte(a + under)
			}
			to++
			from++
		}
	}
}
