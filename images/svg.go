package images

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"strings"

	"github.com/vlmchat/vlmchat/images/svg"
)

// A drawing has no pixels of its own. It is drawn with a longer side of as many as it
// says, but within these bounds: an icon of 16 pixels is to be seen, too.
const (
	leastDrawn = 1024
	mostDrawn  = 2048
)

// isSVG recognises a drawing by its first element, behind what may stand before it.
func isSVG(data []byte) bool {
	start := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(string(data[:min(len(data), 4096)]), "\ufeff")))
	if strings.HasPrefix(start, "<svg") {
		return true
	}
	prolog := strings.HasPrefix(start, "<?xml") || strings.HasPrefix(start, "<!--") || strings.HasPrefix(start, "<!doctype svg")
	return prolog && strings.Contains(start, "<svg")
}

func readSVG(data []byte) (*svg.Drawing, error) {
	d, err := svg.Parse(data)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, err
	case err != nil:
		return nil, &Error{Reason: Damaged, Detail: "this drawing can't be drawn: " + err.Error(), Err: err}
	}
	return d, nil
}

func svgSize(data []byte, _ int) (image.Point, error) {
	d, err := readSVG(data)
	if err != nil {
		return image.Point{}, err
	}
	return drawnSize(d), nil
}

func drawnSize(d *svg.Drawing) image.Point {
	w, h := d.Size()
	side := min(max(max(w, h), leastDrawn), mostDrawn)
	f := side / max(w, h)
	return image.Pt(max(minSide, int(math.Round(w*f))), max(minSide, int(math.Round(h*f))))
}

// decodeSVG draws a drawing. What of it could not be drawn is told.
func decodeSVG(_ context.Context, data []byte) (canvas, error) {
	d, err := readSVG(data)
	if err != nil {
		return canvas{}, err
	}
	size := drawnSize(d)
	m, err := d.Draw(size.X, size.Y)
	if err != nil {
		return canvas{}, &Error{Reason: Damaged, Detail: "this drawing can't be drawn: " + err.Error(), Err: err}
	}
	c := flatten(m)
	if left := d.Left(); len(left) > 0 {
		c.note = fmt.Sprintf("drawn without %s", strings.Join(left, ", "))
	}
	return c, nil
}
