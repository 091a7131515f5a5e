package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/vlmchat/vlmchat/bench/measure"
)

// The photos have 12 megapixels, as a phone's.
const (
	photoWidth  = 4000
	photoHeight = 3000
	photoBytes  = 3 * photoWidth * photoHeight
)

// photo is a JPEG of a photo, that has to be turned by an EXIF orientation.
type photo struct {
	name        string
	options     string // of Pillow's encoder, in JSON
	orientation int
	path        string
}

// photos makes the files: as a phone has them, as a camera and as the web.
func (b *bench) photos(ctx context.Context) ([]photo, error) {
	all := []photo{
		{name: "baseline 4:2:0, upright", options: `{"quality": 88, "subsampling": 2}`, orientation: 1},
		{name: "baseline 4:2:0, a quarter turn", options: `{"quality": 88, "subsampling": 2}`, orientation: 6},
		{name: "baseline 4:2:2 with restart markers, a quarter turn", options: `{"quality": 92, "subsampling": 1, "restart_marker_rows": 1}`, orientation: 6},
		{name: "progressive 4:2:0, a quarter turn", options: `{"quality": 88, "subsampling": 2, "progressive": true}`, orientation: 6},
		{name: "progressive 4:4:4, upright", options: `{"quality": 88, "subsampling": 0, "progressive": true}`, orientation: 1},
	}
	raw := filepath.Join(b.Dir, "photo.rgb")
	if err := os.WriteFile(raw, pixels(), 0o600); err != nil {
		return nil, err
	}
	defer os.Remove(raw)
	for i := range all {
		all[i].path = filepath.Join(b.Dir, fmt.Sprintf("photo-%d.jpg", i))
		cmd := exec.CommandContext(ctx, measure.Python(), "bench/pictures/peers/photo.py", raw, fmt.Sprint(photoWidth), fmt.Sprint(photoHeight),
			all[i].path, fmt.Sprint(all[i].orientation), all[i].options)
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("no photos: Pillow can't make them: %w\n%s", err, out)
		}
	}
	return all, nil
}

// pixels makes a picture with what photos have: smooth shades, fine texture in
// places, edges, and the grain of a sensor.
func pixels() []byte {
	grain := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, 0, photoBytes)
	for y := range photoHeight {
		for x := range photoWidth {
			fx, fy := float64(x), float64(y)
			texture := 0.0
			if math.Sin(fx/97)+math.Sin(fy/131) > 0 {
				texture = 18*math.Sin((fx+fy)/2.9) + 20*math.Sin(fx/7.3)*math.Sin(fy/9.1)
			}
			edge := 0.0
			if dx, dy := x%500-250, y%600-300; dx*dx+dy*dy < 150*150 {
				edge = 60
			}
			noise := 4 * grain.NormFloat64()
			for c := range 3 {
				shade := 120 + 60*math.Sin(fx/(331+90*float64(c))+fy/517+float64(c)) + texture + edge*float64(c-1) + noise
				out = append(out, byte(min(max(shade+grain.Float64(), 0), 255)))
			}
		}
	}
	return out
}
