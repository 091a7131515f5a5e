package images

import (
	"math"
	"math/rand/v2"
)

// How much a jitter changes at most.
const (
	jitterLight = 0.2  // brightness, contrast and saturation, of 1
	jitterHue   = 0.05 // of the whole circle
)

// jitter changes brightness, contrast, saturation and hue, in an order that is drawn
// (ColorJitter.get_params).
func (p pixels) jitter(draw *rand.Rand) {
	order := draw.Perm(4)
	around := func(middle, most float64) float64 { return middle + most*(2*draw.Float64()-1) }
	brightness, contrast, saturation, hue := around(1, jitterLight), around(1, jitterLight), around(1, jitterLight), around(0, jitterHue)
	for _, which := range order {
		switch which {
		case 0:
			p.brightness(brightness)
		case 1:
			p.contrast(contrast)
		case 2:
			p.saturation(saturation)
		case 3:
			p.hue(hue)
		}
	}
}

// blend is what Pillow's Image.blend makes of two levels: all of a with 0, of b with 1, and
// beyond with more. It computes in single precision, and cuts off.
func blend(a, b byte, factor float32) byte {
	moved := factor * float32(int(b)-int(a))
	return byte(min(max(float32(a)+float32(moved), 0), 255))
}

// brightness takes the picture away from black (ImageEnhance.Brightness).
func (p pixels) brightness(factor float64) {
	for i, v := range p.rgb {
		p.rgb[i] = blend(0, v, float32(factor))
	}
}

// contrast takes it away from the mean of its grey levels (ImageEnhance.Contrast).
func (p pixels) contrast(factor float64) {
	sum := 0
	for i := 0; i < len(p.rgb); i += 3 {
		sum += int(grey(p.rgb[i : i+3]))
	}
	mean := byte(float64(sum)/float64(len(p.rgb)/3) + 0.5)
	for i, v := range p.rgb {
		p.rgb[i] = blend(mean, v, float32(factor))
	}
}

// saturation takes it away from its own grey levels (ImageEnhance.Color).
func (p pixels) saturation(factor float64) {
	for i := 0; i < len(p.rgb); i += 3 {
		c := p.rgb[i : i+3]
		level := grey(c)
		for k, v := range c {
			c[k] = blend(level, v, float32(factor))
		}
	}
}

// grey is a colour's level in Pillow's mode L: ITU-R 601-2 luma.
func grey(c []byte) byte {
	return byte((19595*uint32(c[0]) + 38470*uint32(c[1]) + 7471*uint32(c[2]) + 0x8000) >> 16)
}

// hue turns all hues by a part of the circle, in Pillow's mode HSV (adjust_hue).
func (p pixels) hue(factor float64) {
	turn := byte(int(factor * 255))
	for i := 0; i < len(p.rgb); i += 3 {
		c := p.rgb[i : i+3]
		h, s, v := toHSV(c)
		fromHSV(c, h+turn, s, v)
	}
}

// toHSV is Pillow's rgb2hsv (src/libImaging/Convert.c): single precision but for the hue's
// place on the circle.
func toHSV(c []byte) (h, s, v byte) {
	r, g, b := c[0], c[1], c[2]
	high, low := max(r, g, b), min(r, g, b)
	if high == low {
		return 0, 0, high
	}
	span := float32(high - low)
	from := func(v byte) float32 { return float32(high-v) / span }
	var at float32
	switch high {
	case r:
		at = from(b) - from(g)
	case g:
		at = float32(2 + float64(from(r)) - float64(from(b)))
	default:
		at = float32(4 + float64(from(g)) - float64(from(r)))
	}
	at = float32(math.Mod(float64(at)/6+1, 1))
	return byte(float64(at) * 255), byte(float64(span/float32(high)) * 255), high
}

// fromHSV is Pillow's hsv2rgb.
func fromHSV(c []byte, h, s, v byte) {
	if s == 0 {
		c[0], c[1], c[2] = v, v, v
		return
	}
	at := float64(h) * 6 / 255
	sector := math.Floor(at)
	rest, saturated := float64(float32(at-sector)), float64(float32(s)/255)
	level := func(less float64) byte { return byte(math.Round(float64(v) * (1 - less))) }
	p, q, t := level(saturated), level(saturated*rest), level(saturated*(1-rest))
	switch int(sector) % 6 {
	case 0:
		c[0], c[1], c[2] = v, t, p
	case 1:
		c[0], c[1], c[2] = q, v, p
	case 2:
		c[0], c[1], c[2] = p, v, t
	case 3:
		c[0], c[1], c[2] = p, q, v
	case 4:
		c[0], c[1], c[2] = t, p, v
	default:
		c[0], c[1], c[2] = v, p, q
	}
}
