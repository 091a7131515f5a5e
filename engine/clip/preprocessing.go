package clip

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/images/pillow"
)

// preprocessing is what becomes of a picture before the tower sees it, as the image
// processors of transformers do it: resized, cut to its middle, and its bytes made numbers.
type preprocessing struct {
	resize    bool
	shortest  int         // pixels of the shorter side, the other one in proportion; 0: exactly to
	to        image.Point // width and height
	filter    pillow.Filter
	crop      image.Point // width and height; zero: nothing is cut
	rescale   bool
	factor    float64 // of a byte
	normalise bool
	mean      [3]float64
	deviation [3]float64
}

// processors are the image processors that are known, by the names that files give them
// without what tells old and fast forms apart, and what they do where a file says nothing.
var processors = map[string]preprocessing{
	"CLIP": {
		resize: true, shortest: 224, filter: pillow.Bicubic, crop: image.Pt(224, 224), rescale: true, factor: 1. / 255, normalise: true,
		mean: [3]float64{0.48145466, 0.4578275, 0.40821073}, deviation: [3]float64{0.26862954, 0.26130258, 0.27577711},
	},
	"Siglip": {
		resize: true, to: image.Pt(224, 224), filter: pillow.Bicubic, rescale: true, factor: 1. / 255, normalise: true,
		mean: [3]float64{0.5, 0.5, 0.5}, deviation: [3]float64{0.5, 0.5, 0.5},
	},
	"ViT": {
		resize: true, to: image.Pt(224, 224), filter: pillow.Bilinear, rescale: true, factor: 1. / 255, normalise: true,
		mean: [3]float64{0.5, 0.5, 0.5}, deviation: [3]float64{0.5, 0.5, 0.5},
	},
}

// processorFile is a preprocessor_config.json.
type processorFile struct {
	Type      string    `json:"image_processor_type"`
	OldType   string    `json:"feature_extractor_type"`
	Resize    *bool     `json:"do_resize"`
	Size      *sides    `json:"size"`
	Resample  *int      `json:"resample"`
	Crop      *bool     `json:"do_center_crop"`
	CropSize  *sides    `json:"crop_size"`
	Rescale   *bool     `json:"do_rescale"`
	Factor    *float64  `json:"rescale_factor"`
	Normalise *bool     `json:"do_normalize"`
	Mean      []float64 `json:"image_mean"`
	Deviation []float64 `json:"image_std"`
}

// sides are a size as a file writes it: one number, height and width, or the shorter side.
type sides struct {
	one, shortest, height, width int
}

func (s *sides) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '{':
		var f struct {
			Shortest  int  `json:"shortest_edge"`
			Longest   *int `json:"longest_edge"`
			MaxHeight *int `json:"max_height"`
			Height    int  `json:"height"`
			Width     int  `json:"width"`
		}
		if err := json.Unmarshal(raw, &f); err != nil {
			return err
		}
		if f.Longest != nil || f.MaxHeight != nil {
			return fmt.Errorf("the size %s bounds the longer side, which is not supported", raw)
		}
		s.shortest, s.height, s.width = f.Shortest, f.Height, f.Width
		return nil
	case '[':
		var both []int
		if err := json.Unmarshal(raw, &both); err != nil {
			return err
		}
		if len(both) != 2 {
			return fmt.Errorf("the size %s is not a height and a width", raw)
		}
		s.height, s.width = both[0], both[1]
		return nil
	}
	return json.Unmarshal(raw, &s.one)
}

// processorFiles are the files that may say how pictures are prepared; the first that is
// there does. In the second it lies under image_processor, as transformers writes it since
// version 5.
var processorFiles = []string{"preprocessor_config.json", "processor_config.json"}

// readPreprocessing reads how the pictures for a checkpoint are prepared, whose tower takes
// those of size by size pixels.
func readPreprocessing(dir, family string, size int) (preprocessing, error) {
	for i, name := range processorFiles {
		content, err := readFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return preprocessing{}, err
		}
		if i == 1 {
			var outer struct {
				Inner json.RawMessage `json:"image_processor"`
			}
			if err := json.Unmarshal(content, &outer); err != nil {
				return preprocessing{}, fmt.Errorf("%s: %w", name, err)
			}
			if content = outer.Inner; len(content) == 0 {
				continue
			}
		}
		p, err := parsePreprocessing(content, family)
		if err == nil {
			err = p.fits(size)
		}
		if err != nil {
			return preprocessing{}, fmt.Errorf("%s: %w", name, err)
		}
		return p, nil
	}
	p := usualProcessor(family)
	if p.shortest > 0 {
		p.shortest, p.crop = size, image.Pt(size, size)
	} else {
		p.to = image.Pt(size, size)
	}
	return p, p.fits(size)
}

// usualProcessor is that of a family of models.
func usualProcessor(family string) preprocessing {
	if family == "siglip" {
		return processors["Siglip"]
	}
	return processors["CLIP"]
}

func parsePreprocessing(content []byte, family string) (preprocessing, error) {
	var f processorFile
	if err := json.Unmarshal(content, &f); err != nil {
		return preprocessing{}, err
	}
	p := usualProcessor(family)
	if f.Type == "" {
		f.Type = f.OldType
	}
	if f.Type != "" {
		name := f.Type
		for _, form := range []string{"Fast", "Pil", "ImageProcessor", "FeatureExtractor"} {
			name = strings.TrimSuffix(name, form)
		}
		var ok bool
		if p, ok = processors[name]; !ok {
			return p, fmt.Errorf("pictures are prepared by %q; those of CLIP, SigLIP and ViT are supported", f.Type)
		}
	}
	square := p.shortest == 0 // what one number means
	for flag, said := range map[*bool]*bool{&p.resize: f.Resize, &p.rescale: f.Rescale, &p.normalise: f.Normalise} {
		if said != nil {
			*flag = *said
		}
	}
	if s := f.Size; s != nil {
		p.shortest, p.to = s.shortest, image.Pt(s.width, s.height)
		switch {
		case s.one != 0 && square:
			p.to = image.Pt(s.one, s.one)
		case s.one != 0:
			p.shortest = s.one
		}
	}
	if f.Resample != nil {
		p.filter = pillow.Filter(*f.Resample)
	}
	if s := f.CropSize; s != nil && p.crop != (image.Point{}) {
		p.crop = image.Pt(s.width, s.height)
		if side := max(s.one, s.shortest); side != 0 {
			p.crop = image.Pt(side, side)
		}
	}
	if f.Crop != nil && !*f.Crop {
		p.crop = image.Point{}
	}
	if f.Factor != nil {
		p.factor = *f.Factor
	}
	for _, c := range []struct {
		said []float64
		to   *[3]float64
		name string
	}{{f.Mean, &p.mean, "image_mean"}, {f.Deviation, &p.deviation, "image_std"}} {
		switch len(c.said) {
		case 0:
		case 3:
			*c.to = [3]float64(c.said)
		default:
			return p, fmt.Errorf("%s has %d numbers, not one for each of red, green and blue", c.name, len(c.said))
		}
	}
	return p, nil
}

// fits makes sure that pictures come out as the tower takes them.
func (p preprocessing) fits(size int) error {
	const most = 1 << 13
	if p.resize {
		if !p.filter.Known() {
			return fmt.Errorf("pictures are resized by the filter %d, which Pillow has none of", p.filter)
		}
		if p.shortest < 0 || p.shortest > most || p.shortest == 0 && (p.to.X < 1 || p.to.Y < 1 || p.to.X > most || p.to.Y > most) {
			return fmt.Errorf("pictures are resized to no size between 1 and %d", most)
		}
	}
	out := p.crop
	if out == (image.Point{}) && p.resize && p.shortest == 0 {
		out = p.to
	}
	if out == (image.Point{}) {
		return errors.New("pictures come out in all sizes, as they are neither resized to one nor cut to one")
	}
	if out != image.Pt(size, size) {
		return fmt.Errorf("pictures come out as %d × %d pixels, and config.json says that the model takes %d × %d (vision_config.image_size)", out.X, out.Y, size, size)
	}
	for _, d := range p.deviation {
		if p.normalise && d == 0 {
			return errors.New("image_std has a zero, by which nothing can be divided")
		}
	}
	return nil
}

// pixels prepares an RGB picture of a size: 3 bytes a pixel, of the size that the tower takes.
// Where the picture is smaller than what is cut out, black is around it.
func (p preprocessing) pixels(rgb []byte, size image.Point) []byte {
	to := size
	switch {
	case p.resize && p.shortest > 0:
		to = inProportion(size, p.shortest)
	case p.resize:
		to = p.to
	}
	if p.crop == (image.Point{}) {
		return pillow.Resize(rgb, size, to, image.Rectangle{Max: to}, p.filter)
	}
	left, x, width := middle(to.X, p.crop.X)
	top, y, height := middle(to.Y, p.crop.Y)
	part := pillow.Resize(rgb, size, to, image.Rect(left, top, left+width, top+height), p.filter)
	if width == p.crop.X && height == p.crop.Y {
		return part
	}
	out := make([]byte, 3*p.crop.X*p.crop.Y)
	for row := range height {
		copy(out[3*((y+row)*p.crop.X+x):], part[3*row*width:3*(row+1)*width])
	}
	return out
}

// inProportion is a size whose shorter side has as many pixels; what is left over of the
// other one is dropped.
func inProportion(size image.Point, shortest int) image.Point {
	short, long := min(size.X, size.Y), max(size.X, size.Y)
	to := int(float64(shortest*long) / float64(short))
	if size.X <= size.Y {
		return image.Pt(shortest, to)
	}
	return image.Pt(to, shortest)
}

// middle finds the middle n pixels of a side: from where, to where in those n, and how many
// they are.
func middle(side, n int) (from, to, count int) {
	if side >= n {
		return (side - n) / 2, 0, n
	}
	return 0, (n - side + 1) / 2, side
}

// levels are what the values of a byte become, for red, green and blue.
func (p preprocessing) levels() (levels [3][256]float32) {
	for channel := range levels {
		for value := range levels[channel] {
			v := float32(value)
			if p.rescale {
				v = float32(float64(value) * p.factor)
			}
			if p.normalise {
				v = (v - float32(p.mean[channel])) / float32(p.deviation[channel])
			}
			levels[channel][value] = v
		}
	}
	return levels
}
