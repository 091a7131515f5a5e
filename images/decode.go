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

// framesIn lists the pictures in a file: one if the format knows no more.
func (l *Loader) framesIn(ctx context.Context, source string, data []byte, f *format) ([]frame, error) {
	if f.frames == nil {
		return []frame{{}}, nil
	}
	all, err := framesOf(f, data)
	if err == nil && len(all) == 0 {
		err = errors.New("there is nothing in it")
	}
	if err != nil {
		return nil, f.broken(source, err, l.Limits.filled())
	}
	return all, ctx.Err()
}

// broken says what a decoder's error means. One that knows its reason is left alone.
func (f *format) broken(source string, err error, lim Limits) error {
	fail := func(r Reason, cause error, format string, args ...any) error {
		return &Error{Source: source, Reason: r, Detail: fmt.Sprintf(format, args...), Err: cause}
	}
	name := strings.ToUpper(f.name)
	switch known, is := errors.AsType[*Error](err); {
	case is: // the decoder knows its reason
		known.Source = source
		return known
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fail(Truncated, err, "the %s file is cut short: its end is missing", name)
	case strings.Contains(err.Error(), "dimension overflow"): // the PNG decoder's own limit
		return fail(TooManyPixels, err, "too large: its header tells of more than %d megapixels, the limit", lim.Pixels/1_000_000)
	case unsupported(err):
		return fail(Unsupported, err, "this kind of %s is not supported (%s); convert it to an ordinary JPEG or PNG", name, reasonText(err))
	}
	return fail(Damaged, err, "the %s file is damaged: %s", name, reasonText(err))
}

// decodeFrame decodes one of the pictures in a file, counted from 0. The first one is
// the file; what else there is in it, and the pages of a document, are pictures of
// their own.
func (l *Loader) decodeFrame(ctx context.Context, source string, data []byte, f *format, frame int) (*Picture, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", printable(source), err)
	}
	lim := l.Limits.filled()
	fail := func(r Reason, cause error, format string, args ...any) error {
		return &Error{Source: source, Reason: r, Detail: fmt.Sprintf(format, args...), Err: cause}
	}
	broken := func(err error) error { return f.broken(source, err, lim) }
	size, err := sizeOf(f, data, frame)
	if err != nil {
		return nil, broken(err)
	}
	w, h := size.X, size.Y
	if w <= 0 || h <= 0 {
		return nil, fail(Damaged, nil, "the %s file is damaged: it says that it is %d×%d pixels large", strings.ToUpper(f.name), w, h)
	}
	if w < minSide || h < minSide {
		return nil, fail(TooSmall, nil, "too small: %d×%d pixels, and a model needs at least %d×%d to see anything", w, h, minSide, minSide)
	}
	// Both fit 32 bits in every format, so the product cannot overflow.
	if pixels := int64(w) * int64(h); pixels > lim.Pixels {
		return nil, fail(TooManyPixels, nil, "too large: %d×%d is %d megapixels, and the limit is %d", w, h, (pixels+999_999)/1_000_000, lim.Pixels/1_000_000)
	}
	c, err := pixelsOf(f, data, frame)
	if err != nil {
		return nil, broken(err)
	}
	if c.turned >= 5 {
		w, h = h, w
	}
	if c.w != w || c.h != h {
		return nil, broken(fmt.Errorf("it says %d×%d pixels and holds %d×%d", w, h, c.w, c.h))
	}
	oriented := f.orientation(data)
	if c.turned == 0 {
		c.rgb, c.w, c.h = upright(c.rgb, c.w, c.h, oriented)
	}
	if frame > 0 || f.pages {
		return ofPixels(source, c), nil
	}
	p := &Picture{Source: source, Format: f.name, Data: data, Width: c.w, Height: c.h, rgb: c.rgb, oriented: oriented, transparent: c.transparent, photo: c.photo, wired: &wireMemo{}}
	sum := sha256.Sum256(data)
	p.SHA256 = hex.EncodeToString(sum[:])
	return p, nil
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
	transparent bool // white shows through somewhere
	photo       bool // came from a lossy format
	turned      int  // the EXIF orientation that the decoder has turned it by; 0: it has not
}

// sizeOf reads the size from the header, shielded from a decoder's panic.
func sizeOf(f *format, data []byte, frame int) (size image.Point, err error) {
	defer catch(&err)
	return f.size(data, frame)
}

// pixelsOf decodes to sRGB on white, shielded from a decoder's panic.
func pixelsOf(f *format, data []byte, frame int) (c canvas, err error) {
	defer catch(&err)
	if c, err = f.decode(data, frame); err != nil {
		return canvas{}, err
	}
	f.colours(data, frame).apply(c.rgb)
	c.onWhite()
	return c, nil
}

// framesOf lists the frames, shielded likewise.
func framesOf(f *format, data []byte) (all []frame, err error) {
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
