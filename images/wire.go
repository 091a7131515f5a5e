package images

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"slices"
	"sync"
)

// WireLimits says what a picture may be on its way to a server. What is zero is
// not limited.
type WireLimits struct {
	MaxPixels int      // width times height
	MaxSide   int      // of the longer side, in pixels
	MaxBytes  int      // of the file
	Formats   []string // that the server reads, as in Picture.Format; "jpeg" and "png" if there are none
}

// The qualities of JPEGs that are made here: above where artefacts show, and
// down to where a smaller picture shows more than a worse one.
var wireQualities = []int{92, 85, 75, 65}

// wireMemo keeps what Wire made: a conversation sends its pictures again with
// every question, and one that changes its engine may change back.
type wireMemo struct {
	mu   sync.Mutex
	made []wired
}

// mostWired is for how many limits a picture is kept.
const mostWired = 3

type wired struct {
	limits WireLimits
	data   []byte
	mime   string
}

// Wire returns the picture as it may leave this machine: without metadata
// (where and with what it was taken), and within the limits. A JPEG, PNG or
// still WebP that needs no change keeps its pixels' bytes; whatever is turned
// upright, put on white, made smaller or of another format is encoded again, as
// JPEG if it was lossy and as PNG if not, as far as the formats allow. A file
// that has too many bytes then becomes a JPEG, of lower quality and at last of
// fewer pixels. The same limits give the same bytes. Callers must not change
// data. An error says that no picture can be made within the limits.
func (p *Picture) Wire(lim WireLimits) (data []byte, mime string, err error) {
	if len(lim.Formats) == 0 {
		lim.Formats = []string{"jpeg", "png"}
	}
	m := p.wired
	if m == nil {
		return p.wire(lim)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range m.made {
		if w.limits.equal(lim) {
			return w.data, w.mime, nil
		}
	}
	if data, mime, err = p.wire(lim); err != nil {
		return nil, "", err
	}
	lim.Formats = slices.Clone(lim.Formats)
	if len(m.made) == mostWired {
		m.made = slices.Delete(m.made, 0, 1)
	}
	m.made = append(m.made, wired{lim, data, mime})
	return data, mime, nil
}

func (l WireLimits) equal(o WireLimits) bool {
	return l.MaxPixels == o.MaxPixels && l.MaxSide == o.MaxSide && l.MaxBytes == o.MaxBytes && slices.Equal(l.Formats, o.Formats)
}

// room is how many bytes a file may have.
func (l WireLimits) room() int {
	if l.MaxBytes > 0 {
		return l.MaxBytes
	}
	return int(^uint(0) >> 1)
}

func (p *Picture) wire(lim WireLimits) ([]byte, string, error) {
	w, h := fit(p.Width, p.Height, lim.MaxPixels, lim.MaxSide)
	unchanged := w == p.Width && h == p.Height && p.oriented == 1 && !p.transparent
	if unchanged && slices.Contains(lim.Formats, p.Format) {
		if data, ok := stripped(p.Format, p.Data); ok && len(data) <= lim.room() {
			if bytes.Equal(data, p.Data) {
				data = p.Data // one copy is enough
			}
			return data, "image/" + p.Format, nil
		}
	}
	hasJPEG, hasPNG := slices.Contains(lim.Formats, "jpeg"), slices.Contains(lim.Formats, "png")
	if !hasJPEG && !hasPNG {
		return nil, "", fmt.Errorf("%s: none of the formats %v can be made here", printable(p.Source), lim.Formats)
	}
	m := p.scaled(w, h)
	if hasPNG && (!p.photo || !hasJPEG) {
		data, size, err := encodePNG(m, lim.room())
		if err != nil || data != nil {
			return data, "image/png", err
		}
		if !hasJPEG {
			return p.wireSmaller(lim, "png", w, h, size, encodePNG)
		}
	}
	size := 0
	for _, quality := range wireQualities {
		data, n, err := encodeJPEG(m, quality, lim.room())
		if err != nil || data != nil {
			return data, "image/jpeg", err
		}
		size = n
	}
	worst := wireQualities[len(wireQualities)-1]
	return p.wireSmaller(lim, "jpeg", w, h, size, func(m image.Image, room int) ([]byte, int, error) {
		return encodeJPEG(m, worst, room)
	})
}

// wireSmaller makes a picture smaller than w×h until it fits, beginning with
// what size, the bytes that it had, suggests.
func (p *Picture) wireSmaller(lim WireLimits, format string, w, h, size int, encode func(image.Image, int) ([]byte, int, error)) ([]byte, string, error) {
	for w > minSide || h > minSide {
		// A tenth less than in proportion: the smaller, the more detail a pixel has.
		pixels := float64(w) * float64(h) * min(0.9*float64(lim.room())/float64(size), 0.8)
		w, h = fit(p.Width, p.Height, max(1, int(pixels)), max(w, h)-1)
		data, n, err := encode(p.scaled(w, h), lim.room())
		if err != nil || data != nil {
			return data, "image/" + format, err
		}
		size = n
	}
	return nil, "", fmt.Errorf("%s can't be made small enough: even %d×%d pixels take more than %d bytes", printable(p.Source), w, h, lim.MaxBytes)
}

// encodePNG returns nil and the size where the file is larger than room.
func encodePNG(m image.Image, room int) ([]byte, int, error) {
	b := capped{room: room}
	err := png.Encode(&b, m)
	return b.whole(), b.size, err
}

// encodeJPEG likewise.
func encodeJPEG(m image.Image, quality, room int) ([]byte, int, error) {
	b := capped{room: room}
	err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality})
	return b.whole(), b.size, err
}

// capped keeps what fits, and counts the rest.
type capped struct {
	buf        bytes.Buffer
	room, size int
}

func (c *capped) Write(b []byte) (int, error) {
	if c.size += len(b); c.size <= c.room {
		return c.buf.Write(b)
	}
	c.buf = bytes.Buffer{}
	return len(b), nil
}

// whole is what was written, nil if it was too much.
func (c *capped) whole() []byte {
	if c.size > c.room {
		return nil
	}
	return c.buf.Bytes()
}
