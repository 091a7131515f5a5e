package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"

	"github.com/vlmchat/vlmchat/images"
)

// photoSize is what a photo has once a phone or a mail program has made it smaller.
var photoSize = image.Rect(0, 0, 1024, 768)

// jpegQuality is that of most cameras.
const jpegQuality = 90

// photo makes a picture of the size of photos, with shades, shapes and grain, so
// that its file is as large as a photo's.
func (b *bench) photo() *image.NRGBA {
	b.photos++
	noise := rand.New(rand.NewPCG(1, uint64(b.photos)))
	m := image.NewNRGBA(photoSize)
	w, h := photoSize.Dx(), photoSize.Dy()
	for y := range h {
		for x := range w {
			c := [3]int{40 + 160*x/w, 60 + 120*y/h, 200 - 100*(x+y)/(w+h)}
			if dx, dy := x-w/2, y-h/2; dx*dx+dy*dy < h*h/9 {
				c = [3]int{200, 40 + 80*y/h, 30}
			}
			grain := noise.IntN(24)
			m.SetNRGBA(x, y, color.NRGBA{R: uint8(c[0] + grain), G: uint8(c[1] + grain), B: uint8(c[2] + grain), A: 255})
		}
	}
	return m
}

// asJPEG is a photo as most come, which is sent as it is.
func (b *bench) asJPEG() (*images.Picture, error) {
	var data bytes.Buffer
	if err := jpeg.Encode(&data, b.photo(), &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, err
	}
	return images.Decode(fmt.Sprintf("photo-%d.jpg", b.photos), data.Bytes(), images.Limits{})
}

// asTransparentPNG is one that has to be encoded again, on white.
func (b *bench) asTransparentPNG() (*images.Picture, error) {
	m := b.photo()
	for i := range 100 {
		m.SetNRGBA(i, i, color.NRGBA{})
	}
	var data bytes.Buffer
	if err := png.Encode(&data, m); err != nil {
		return nil, err
	}
	return images.Decode(fmt.Sprintf("photo-%d.png", b.photos), data.Bytes(), images.Limits{})
}
