package images

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
)

// Decode turns the bytes of a picture file into a Picture, as a Loader with these
// limits does, in this process. The error is an *Error.
func Decode(source string, data []byte, lim Limits) (*Picture, error) {
	l := Loader{Limits: lim}
	return l.Decode(context.Background(), source, data)
}

// Decode turns the bytes of a picture file into a Picture, the first one of
// several. It looks at the content alone: the size in bytes, the first bytes, the
// header, and only then the pixels. Source is for messages. The error is an *Error,
// or wraps ctx's when ctx ends first. Decode keeps data, which must not change
// afterwards.
func (l *Loader) Decode(ctx context.Context, source string, data []byte) (*Picture, error) {
	f, err := formatIn(source, data, l.Limits.filled())
	if err != nil {
		return nil, err
	}
	return l.decodeFrame(ctx, source, data, f, 0)
}

// formatIn recognises what a file is, or says why it is nothing to decode.
func formatIn(source string, data []byte, lim Limits) (*format, error) {
	if len(data) == 0 {
		return nil, &Error{Source: source, Reason: Empty, Detail: "the file is empty (0 bytes)"}
	}
	if int64(len(data)) > lim.Bytes {
		return nil, tooLarge(source, int64(len(data)), lim.Bytes)
	}
	if f := recognise(data); f != nil {
		return f, nil
	}
	what := describe(data)
	if what.picture {
		return nil, &Error{Source: source, Reason: Unsupported, Detail: what.name + " is not supported; convert it to JPEG or PNG"}
	}
	return nil, &Error{Source: source, Reason: NotPicture, Detail: "not a picture: it looks like " + what.name}
}

// decodeFrame decodes one of the pictures in a file, counted from 0, within the
// limits of size, time and memory. The first one is the file; what else there is in
// it, and the pages of a document, are pictures of their own.
func (l *Loader) decodeFrame(ctx context.Context, source string, data []byte, f *format, frame int) (*Picture, error) {
	lim := l.Limits.filled()
	var c canvas
	var err error
	if f.apart && len(l.Decoder) > 0 {
		c, err = l.decoder.render(ctx, l.Decoder, f, data, frame, lim)
	} else {
		c, err = inTime(ctx, lim, f, func(ctx context.Context) (canvas, error) { return render(ctx, f, data, frame, lim) })
	}
	if err != nil {
		return nil, named(source, err)
	}
	if c.note != "" {
		note(ctx, "%s: %s", printable(source), c.note)
	}
	oriented := f.orientation(data)
	if c.turned == 0 {
		c.rgb, c.w, c.h = upright(c.rgb, c.w, c.h, oriented)
	}
	if frame > 0 || f.pages {
		return ofPixels(source, c), nil
	}
	sum := sha256.Sum256(data)
	return &Picture{
		Source: source, Format: f.name, Data: data, SHA256: hex.EncodeToString(sum[:]), Width: c.w, Height: c.h,
		rgb: c.rgb, oriented: oriented, transparent: c.transparent, photo: c.photo, wired: &wireMemo{},
	}, nil
}

// framesIn lists the pictures in a file, within the limits of time and memory: one
// if the format knows no more.
func (l *Loader) framesIn(ctx context.Context, source string, data []byte, f *format) ([]frame, error) {
	if f.frames == nil {
		return []frame{{}}, nil
	}
	lim := l.Limits.filled()
	var all []frame
	var err error
	if f.apart && len(l.Decoder) > 0 {
		all, err = l.decoder.frames(ctx, l.Decoder, f, data, lim)
	} else {
		all, err = inTime(ctx, lim, f, func(context.Context) ([]frame, error) { return list(f, data, lim) })
	}
	return all, named(source, err)
}

// named puts the source's name to an error.
func named(source string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		sourced := *e
		sourced.Source = source
		return &sourced
	}
	return fmt.Errorf("%s: %w", printable(source), err)
}

// inTime does something that reads a picture until it is done, ctx ends or it has
// taken too long. What does not end by then is left alone, and what comes of it is
// dropped.
func inTime[T any](ctx context.Context, lim Limits, f *format, do func(context.Context) (T, error)) (T, error) {
	limited, cancel := context.WithTimeout(ctx, lim.Time)
	defer cancel()
	type result struct {
		made T
		err  error
	}
	done := make(chan result, 1)
	go func() {
		made, err := do(limited)
		done <- result{made, err}
	}()
	select {
	case r := <-done:
		if r.err == nil || limited.Err() == nil {
			return r.made, r.err
		}
	case <-limited.Done():
	}
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	return none, tooSlow(f, lim)
}

// tooSlow is the error of a picture that takes more time than it may.
func tooSlow(f *format, lim Limits) *Error {
	return &Error{Reason: TooSlow, Detail: fmt.Sprintf("decoding this %s was given up after %v; if it opens elsewhere, convert it to JPEG or PNG", f.title(), lim.Time)}
}

// list returns the frames that a file says it has.
func list(f *format, data []byte, lim Limits) (all []frame, err error) {
	if all, err = listOf(f, data); err != nil {
		return nil, f.broken(err, lim)
	}
	if len(all) == 0 {
		return nil, f.broken(errors.New("there is nothing in it"), lim)
	}
	return all, nil
}

// render makes the pixels of a frame, if the header tells of no more of them than
// there may be. The error is an *Error without a source.
func render(ctx context.Context, f *format, data []byte, frame int, lim Limits) (canvas, error) {
	size, err := sizeOf(f, data, frame)
	if err != nil {
		return canvas{}, f.broken(err, lim)
	}
	w, h := size.X, size.Y
	if w <= 0 || h <= 0 {
		return canvas{}, f.broken(fmt.Errorf("it says that it is %d×%d pixels large", w, h), lim)
	}
	if w < minSide || h < minSide {
		return canvas{}, &Error{Reason: TooSmall, Detail: fmt.Sprintf("too small: %d×%d pixels, and a model needs at least %d×%d to see anything", w, h, minSide, minSide)}
	}
	// Both fit 32 bits in every format, so the product cannot overflow.
	if pixels := int64(w) * int64(h); pixels > lim.Pixels {
		return canvas{}, &Error{Reason: TooManyPixels, Detail: fmt.Sprintf("too large: %d×%d is %d megapixels, and the limit is %d", w, h, (pixels+999_999)/1_000_000, lim.Pixels/1_000_000)}
	}
	c, err := pixelsOf(ctx, f, data, frame)
	if err != nil {
		return canvas{}, f.broken(err, lim)
	}
	if c.turned >= 5 {
		w, h = h, w
	}
	if c.w != w || c.h != h {
		return canvas{}, f.broken(fmt.Errorf("it says %d×%d pixels and holds %d×%d", w, h, c.w, c.h), lim)
	}
	return c, nil
}

// title is what people call the format.
func (f *format) title() string { return strings.ToUpper(f.name) }

// broken says what a decoder's error means. One that knows its reason is left alone.
func (f *format) broken(err error, lim Limits) *Error {
	e := &Error{Reason: Damaged, Detail: fmt.Sprintf("the %s file is damaged: %s", f.title(), reasonText(err)), Err: err}
	switch known, is := errors.AsType[*Error](err); {
	case is:
		return known
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Reason, e.Detail = Truncated, fmt.Sprintf("the %s file is cut short: its end is missing", f.title())
	case strings.Contains(err.Error(), "dimension overflow"): // the PNG decoder's own limit
		e.Reason, e.Detail = TooManyPixels, fmt.Sprintf("too large: its header tells of more than %d megapixels, the limit", lim.Pixels/1_000_000)
	case unsupported(err):
		e.Reason, e.Detail = Unsupported, fmt.Sprintf("this kind of %s is not supported (%s); convert it to an ordinary JPEG or PNG", f.title(), reasonText(err))
	}
	return e
}

// tooLarge is the error of a file with too many bytes. A size of 0 stands for
// one that is not known but over the limit.
func tooLarge(source string, size, limit int64) error {
	detail := fmt.Sprintf("the file is larger than the limit of %s", megabytes(limit))
	if size > 0 {
		detail = fmt.Sprintf("the file is too large: %s, and the limit is %s", megabytes(size), megabytes(limit))
	}
	return &Error{Source: source, Reason: TooLarge, Detail: detail}
}

// megabytes writes a size for people.
func megabytes(n int64) string {
	if n < 1_000_000 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// canvas is a decoded picture as its file has it, not yet turned upright unless
// it says so.
type canvas struct {
	rgb         []byte // 3 bytes a pixel
	alpha       []byte // the opacity of each pixel until it is on white; nil: there is none
	w, h        int
	transparent bool   // white shows through somewhere
	photo       bool   // came from a lossy format
	turned      int    // the EXIF orientation that the decoder has turned it by; 0: it has not
	note        string // what of it could not be made out, for people
}

// sizeOf reads the size from the header, shielded from a decoder's panic.
func sizeOf(f *format, data []byte, frame int) (size image.Point, err error) {
	defer catch(&err)
	return f.size(data, frame)
}

// pixelsOf decodes to sRGB on white, shielded from a decoder's panic.
func pixelsOf(ctx context.Context, f *format, data []byte, frame int) (c canvas, err error) {
	defer catch(&err)
	if c, err = f.decode(ctx, data, frame); err != nil {
		return canvas{}, err
	}
	f.colours(data, frame).apply(c.rgb)
	c.onWhite()
	return c, nil
}

// listOf lists the frames, shielded likewise.
func listOf(f *format, data []byte) (all []frame, err error) {
	defer catch(&err)
	return f.frames(data)
}

// catch turns a decoder's panic into an error: decoders meet foreign bytes, and
// one bad picture must not take the conversation down.
func catch(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the decoder failed: %v", r)
	}
}
