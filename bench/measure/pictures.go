package measure

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"

	"github.com/vlmchat/vlmchat/images"
)

// Pictures makes pictures that nobody has seen: what was computed of a picture is
// kept by its content, and a first turn shall find nothing of it.
type Pictures struct {
	samples []*images.Picture
	made    int
}

// Next returns the next picture: one of the samples with a number in the pixels
// of its first row.
func (p *Pictures) Next(ctx context.Context) (*images.Picture, error) {
	if p.samples == nil {
		var err error
		if p.samples, err = SamplePictures(ctx); err != nil {
			return nil, err
		}
	}
	sample := p.samples[p.made%len(p.samples)].Image()
	numbered := image.NewRGBA(sample.Bounds())
	draw.Draw(numbered, numbered.Bounds(), sample, image.Point{}, draw.Src)
	for bit := range 16 {
		numbered.Set(bit, 0, color.Gray{Y: uint8(p.made >> bit & 1 * 255)})
	}
	p.made++
	var data bytes.Buffer
	if err := png.Encode(&data, numbered); err != nil {
		return nil, err
	}
	return images.Decode(fmt.Sprintf("picture-%d.png", p.made), data.Bytes(), images.Limits{})
}

// Several returns the next n pictures.
func (p *Pictures) Several(ctx context.Context, n int) ([]*images.Picture, error) {
	var all []*images.Picture
	for range n {
		one, err := p.Next(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// File writes the next picture into a folder and returns its path.
func (p *Pictures) File(ctx context.Context, dir string) (string, error) {
	one, err := p.Next(ctx)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, one.Source)
	return path, os.WriteFile(path, one.Data, 0o600)
}
