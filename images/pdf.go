package images

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"

	pdferrors "github.com/klippa-app/go-pdfium/errors"
)

// How large a page becomes, as pages are measured in inches: so that a model can
// read its small print, and no larger than a good scan of it.
const (
	pageSide       = 2000 // pixels, the longer side at most
	pointsPerInch  = 72
	pageResolution = 300 // pixels an inch at most
)

// isPDF recognises a PDF by its first line, before which there may be others in
// the first kilobyte, as readers have always allowed (ISO 32000-1, annex H.3,
// note 13).
func isPDF(data []byte) bool {
	return bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-"))
}

// endOfPDF is how far from the end of a file its last line may be: some carry
// what a mail server or a disk put behind it.
const endOfPDF = 64 << 10

// wholePDF refuses a document without its last line. PDFium would show what it
// finds of one, and what is missing would be missing without a word.
func wholePDF(data []byte) error {
	if !bytes.Contains(data[max(0, len(data)-endOfPDF):], []byte("%%EOF")) {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// pdfPages lists the pages of a document.
func pdfPages(data []byte) ([]frame, error) {
	if err := wholePDF(data); err != nil {
		return nil, err
	}
	var frames []frame
	err := pdfium.with(data, func(d *document) error {
		frames = make([]frame, d.pages)
		return nil
	})
	return frames, err
}

// pdfSize is the size at which a page is drawn.
func pdfSize(data []byte, page int) (size image.Point, err error) {
	if err := wholePDF(data); err != nil {
		return size, err
	}
	err = pdfium.with(data, func(d *document) error {
		w, h, err := d.size(page)
		if err != nil {
			return pageError(page, err)
		}
		size = pageSize(w, h)
		return nil
	})
	return size, err
}

// decodePDF draws a page as it would be printed, on white paper.
func decodePDF(_ context.Context, data []byte, page int) (c canvas, err error) {
	err = pdfium.with(data, func(d *document) error {
		w, h, err := d.size(page)
		if err == nil {
			c, err = d.draw(page, pageSize(w, h))
		}
		if err != nil {
			return pageError(page, err)
		}
		return nil
	})
	return c, err
}

// pageSize turns a page's size in points into pixels. What a document says of it
// can be anything.
func pageSize(w, h float64) image.Point {
	longer := max(w, h)
	if !(min(w, h) > 0) || math.IsInf(longer, 1) {
		return image.Point{}
	}
	scale := min(pageSide/longer, float64(pageResolution)/pointsPerInch)
	side := func(points float64) int { return max(minSide, int(math.Round(points*scale))) }
	return image.Pt(side(w), side(h))
}

// pageError says why a page can't be drawn. Pages are counted from 1 by people.
func pageError(page int, err error) error {
	return fmt.Errorf("page %d can't be drawn: %w", page+1, err)
}

// documentError says why a document can't be opened.
func documentError(err error) error {
	switch {
	case errors.Is(err, pdferrors.ErrPassword):
		return &Error{Reason: Locked, Err: err, Detail: "this PDF is locked with a password; save a copy without one (in a viewer, print it to a PDF), and use that"}
	case errors.Is(err, pdferrors.ErrSecurity):
		return &Error{Reason: Unsupported, Err: err, Detail: "this PDF is encrypted in a way that is not supported; save a copy without encryption (in a viewer, print it to a PDF), and use that"}
	case errors.Is(err, pdferrors.ErrFormat), errors.Is(err, pdferrors.ErrUnknown), errors.Is(err, pdferrors.ErrFile):
		return errors.New("there is no document in it that can be read")
	}
	return err
}
