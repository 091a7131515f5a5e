package images

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"
)

// Decode turns the bytes of a picture file into a Picture. It looks at the
// content alone: the size in bytes, the first bytes, the header, and only then
// the pixels. Source is for messages. The error is an *Error. Decode keeps
// data, which must not change afterwards.
func Decode(source string, data []byte, lim Limits) (*Picture, error) {
	lim = lim.filled()
	fail := func(r Reason, cause error, format string, args ...any) error {
		return &Error{Source: source, Reason: r, Detail: fmt.Sprintf(format, args...), Err: cause}
	}
	if len(data) == 0 {
		return nil, fail(Empty, nil, "the file is empty (0 bytes)")
	}
	if int64(len(data)) > lim.Bytes {
		return nil, tooLarge(source, int64(len(data)), lim.Bytes)
	}
	f := recognise(data)
	if f == nil {
		what := describe(data)
		if what.picture {
			return nil, fail(Unsupported, nil, "%s is not supported; convert it to JPEG or PNG", what.name)
		}
		return nil, fail(NotPicture, nil, "not a picture: it looks like %s", what.name)
	}

	broken := func(err error) error {
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
	size, err := sizeOf(f, data, 0)
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
	c, err := pixelsOf(f, data, 0)
	if err != nil {
		return nil, broken(err)
	}
	if c.turned >= 5 {
		w, h = h, w
	}
	if c.w != w || c.h != h {
		return nil, broken(fmt.Errorf("it says %d×%d pixels and holds %d×%d", w, h, c.w, c.h))
	}
	p := &Picture{Source: source, Format: f.name, Data: data, transparent: c.transparent, photo: c.photo, wired: &wireMemo{}}
	p.oriented = f.orientation(data)
	p.rgb, p.Width, p.Height = c.rgb, c.w, c.h
	if c.turned == 0 {
		p.rgb, p.Width, p.Height = upright(c.rgb, c.w, c.h, p.oriented)
	}
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

// catch turns a decoder's panic into an error: decoders meet foreign bytes, and
// one bad picture must not take the conversation down.
func catch(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the decoder failed: %v", r)
	}
}
