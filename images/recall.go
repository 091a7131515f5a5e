package images

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/png"
)

// Kept is what is kept of a picture beside its bytes, so that it can be had again.
type Kept struct {
	Source string `json:"source"`
	Format string `json:"format,omitempty"` // as in Picture
	SHA256 string `json:"sha256"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Place  string `json:"place,omitempty"`
	// Pixels says that there was no file: what is kept is a PNG of the pixels.
	Pixels bool     `json:"pixels,omitempty"`
	Photo  bool     `json:"photo,omitempty"` // those came from a lossy source
	Cut    *KeptCut `json:"cut,omitempty"`   // of a region
}

// KeptCut is where a region was cut from.
type KeptCut struct {
	Name   string `json:"name"`   // of the whole picture, to a model
	Source string `json:"source"` // of the whole picture
	Width  int    `json:"width"`  // of the whole picture
	Height int    `json:"height"`
	X      int    `json:"x"`
	Y      int    `json:"y"`
	Where  string `json:"where"` // in a few words
}

// Keep returns what is to be kept of the picture. Of one that was recalled that is what was
// kept already: it may be loading just now.
func (p *Picture) Keep() Kept {
	if p.late != nil {
		return p.late.kept
	}
	k := Kept{Source: p.Source, Format: p.Format, SHA256: p.SHA256, Width: p.Width, Height: p.Height, Place: p.Place,
		Pixels: p.Format == "", Photo: p.photo}
	if c := p.cut; c != nil {
		k.Cut = &KeptCut{Name: c.name, Source: c.source, Width: c.size.X, Height: c.size.Y, X: c.at.X, Y: c.at.Y, Where: c.where}
	}
	return k
}

// Bytes returns the picture's file, or a PNG of its pixels if there was none. A picture
// that was recalled has to be loaded.
func (p *Picture) Bytes() ([]byte, error) {
	if p.Format != "" {
		return p.Data, nil
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p.Image()); err != nil {
		return nil, fmt.Errorf("%s: %w", printable(p.Source), err)
	}
	return b.Bytes(), nil
}

// late is what a recalled picture is loaded by.
type late struct {
	turn   chan struct{} // whose turn it is to load
	loader *Loader
	kept   Kept
	read   func() ([]byte, error)
	done   bool
}

// Recall returns a picture of which something was kept, as yet without its bytes and its
// pixels: Load brings them, from what read returns.
func (l *Loader) Recall(k Kept, read func() ([]byte, error)) *Picture {
	p := &Picture{
		Source: k.Source, Format: k.Format, SHA256: k.SHA256, Width: k.Width, Height: k.Height, Place: k.Place,
		oriented: 1, photo: k.Photo, wired: &wireMemo{},
		late: &late{turn: make(chan struct{}, 1), loader: l, kept: k, read: read},
	}
	if c := k.Cut; c != nil {
		p.cut = &origin{name: c.Name, source: c.Source, size: image.Pt(c.Width, c.Height), at: image.Pt(c.X, c.Y), where: c.Where}
	}
	return p
}

// Load brings the bytes and the pixels of a picture that was recalled; any other has
// them. Until it has returned without an error nobody may use them. Several goroutines
// may load a picture at once: it is decoded once, and after an error tried again. The
// error is an *Error, or wraps ctx's.
func (p *Picture) Load(ctx context.Context) error {
	if p.late == nil {
		return nil
	}
	select {
	case p.late.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", printable(p.Source), ctx.Err())
	}
	defer func() { <-p.late.turn }()
	if p.late.done {
		return nil
	}
	if err := p.load(ctx); err != nil {
		return err
	}
	p.late.done = true
	return nil
}

func (p *Picture) load(ctx context.Context) error {
	k := p.late.kept
	data, err := p.late.read()
	if err != nil {
		return &Error{Source: p.Source, Reason: Missing, Detail: "what was kept of this picture is lost: " + err.Error(), Err: err}
	}
	if sum := sha256.Sum256(data); !k.Pixels && hex.EncodeToString(sum[:]) != k.SHA256 {
		return &Error{Source: p.Source, Reason: Damaged, Detail: "what was kept of this picture is not what it was"}
	}
	q, err := p.late.loader.Decode(ctx, p.Source, data)
	if err != nil {
		return err
	}
	if k.Pixels {
		same := ofPixels(p.Source, canvas{rgb: q.rgb, w: q.Width, h: q.Height, photo: k.Photo})
		if same.SHA256 != k.SHA256 {
			return &Error{Source: p.Source, Reason: Damaged, Detail: "what was kept of this picture is not what it was"}
		}
		q = same
	}
	if q.Width != p.Width || q.Height != p.Height {
		return &Error{Source: p.Source, Reason: Damaged, Detail: fmt.Sprintf("what was kept of this picture is %d×%d pixels, and it was %d×%d", q.Width, q.Height, p.Width, p.Height)}
	}
	p.Data, p.rgb, p.oriented, p.transparent, p.photo = q.Data, q.rgb, q.oriented, q.transparent, q.photo
	return nil
}
