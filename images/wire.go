package images

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"slices"
	"sync"

	xdraw "golang.org/x/image/draw"
)

// wireQuality is that of a JPEG made again: above where artefacts show.
const wireQuality = 92

// wireMemo keeps what Wire made last: a conversation sends its pictures again
// with every question.
type wireMemo struct {
	mu        sync.Mutex
	maxPixels int
	formats   []string
	data      []byte
	mime      string
}

// Wire returns the picture as it may leave this machine: without metadata
// (where and with what it was taken), at most maxPixels large (0: no limit), in
// one of the formats given, in order of no preference ("jpeg" and "png" if none
// are). A JPEG or PNG that needs no change keeps its pixels' bytes; whatever is
// turned upright, put on white, made smaller or of another format is encoded
// again, as JPEG if it was lossy and as PNG if not, as far as the formats
// allow. Callers must not change data.
func (p *Picture) Wire(maxPixels int, formats ...string) (data []byte, mime string, err error) {
	if len(formats) == 0 {
		formats = []string{"jpeg", "png"}
	}
	m := p.wired
	if m == nil {
		return p.wire(maxPixels, formats)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.data != nil && m.maxPixels == maxPixels && slices.Equal(m.formats, formats) {
		return m.data, m.mime, nil
	}
	if data, mime, err = p.wire(maxPixels, formats); err != nil {
		return nil, "", err
	}
	m.maxPixels, m.formats, m.data, m.mime = maxPixels, slices.Clone(formats), data, mime
	return data, mime, nil
}

func (p *Picture) wire(maxPixels int, formats []string) ([]byte, string, error) {
	fits := maxPixels <= 0 || p.Width*p.Height <= maxPixels
	if fits && p.oriented == 1 && !p.transparent && slices.Contains(formats, p.Format) {
		if data, ok := stripped(p.Format, p.Data); ok {
			return data, "image/" + p.Format, nil
		}
	}
	m := p.Image()
	if !fits {
		m = smaller(m, maxPixels)
	}
	format := "png"
	if p.photo {
		format = "jpeg"
	}
	if !slices.Contains(formats, format) {
		format = map[string]string{"png": "jpeg", "jpeg": "png"}[format]
	}
	var b bytes.Buffer
	var err error
	switch {
	case !slices.Contains(formats, format):
		err = fmt.Errorf("%s: none of the formats %v can be made here", printable(p.Source), formats)
	case format == "jpeg":
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: wireQuality})
	default:
		err = png.Encode(&b, rgba(m)) // which has a fast path for it
	}
	return b.Bytes(), "image/" + format, err
}

// smaller returns m with at most maxPixels pixels, its proportions kept as far
// as whole pixels allow, but no side below what counts as a picture.
func smaller(m image.Image, maxPixels int) image.Image {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	maxPixels = max(maxPixels, minSide*minSide)
	f := math.Sqrt(float64(maxPixels) / float64(w) / float64(h))
	sw := min(max(minSide, int(float64(w)*f)), maxPixels/minSide)
	sh := min(max(minSide, int(float64(h)*f)), maxPixels/sw)
	out := image.NewRGBA(image.Rect(0, 0, sw, sh))
	xdraw.CatmullRom.Scale(out, out.Bounds(), m, m.Bounds(), xdraw.Src, nil)
	return out
}

// rgba returns m as an image.RGBA.
func rgba(m image.Image) *image.RGBA {
	if r, ok := m.(*image.RGBA); ok {
		return r
	}
	r := image.NewRGBA(m.Bounds())
	draw.Draw(r, r.Bounds(), m, m.Bounds().Min, draw.Src)
	return r
}
