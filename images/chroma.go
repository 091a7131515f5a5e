package images

import "image"

// The AVIF decoder repeats colour where a picture has less of it than of light: by steps
// of two pixels, which models see at every edge. Others, and those that models learnt
// from, go smoothly from one sample to the next. As the steps are plain to see in the
// pixels, what they were made of is found again, and the way between is made here.

// smoothChroma goes smoothly between colours that were repeated, x and y times. By the
// weights light was made of red, green and blue.
func (c *canvas) smoothChroma(x, y int, weights [3]int) {
	if x*y == 1 {
		return
	}
	samples := c.chromaSamples(x, y, weights)
	for row := range c.h {
		// A sample lies in the middle of its pixels, so two are near: one counts three
		// quarters, the other a quarter.
		near, far := nearSamples(row, y, samples.size.Y)
		for column := range c.w {
			px := c.rgb[3*(row*c.w+column):][:3]
			own := samples.at(column/x, row/y)
			light, known := 0, 0
			for i, v := range px {
				if v > 0 && v < 255 {
					light += int(v)<<chromaBits - int(own[i])
					known++
				}
			}
			if known == 0 { // all are at their ends
				for i, v := range px {
					light += int(v)<<chromaBits - int(own[i])
				}
				known = 3
			}
			light /= known
			left, right := nearSamples(column, x, samples.size.X)
			if column == c.w-1 {
				right = left // as libyuv does, where the last pixel of a sample is missing, too
			}
			a, b := samples.at(left, near), samples.at(right, near)
			d, e := samples.at(left, far), samples.at(right, far)
			for i := range px {
				colour := (9*int(a[i]) + 3*int(b[i]) + 3*int(d[i]) + int(e[i])) / 16
				px[i] = byte(min(max((light+colour+1<<(chromaBits-1))>>chromaBits, 0), 255))
			}
		}
	}
}

// nearSamples are the sample of a pixel's own and the other one that is near to it, of
// which there are so many.
func nearSamples(at, step, count int) (own, other int) {
	own = at / step
	if step == 1 {
		return own, own
	}
	return own, min(max(own+2*(at%2)-1, 0), count-1)
}

// chromaBits is by how many bits samples are finer than pixels.
const chromaBits = 6

// chroma is colour: by how much red, green and blue differ from light.
type chroma [3]int16

// chromaPlane has a sample for several pixels each.
type chromaPlane struct {
	size    image.Point
	samples []chroma
}

func (p *chromaPlane) at(x, y int) *chroma { return &p.samples[y*p.size.X+x] }

// chromaSamples finds the samples: the mean of their pixels, without those that were cut
// off at the ends of what a pixel can be, if there are others.
func (c *canvas) chromaSamples(x, y int, weights [3]int) *chromaPlane {
	p := &chromaPlane{size: image.Pt((c.w+x-1)/x, (c.h+y-1)/y)}
	p.samples = make([]chroma, p.size.X*p.size.Y)
	for row := range p.size.Y {
		for column := range p.size.X {
			var all, whole [3]int
			pixels, wholes := 0, 0
			for v := row * y; v < min((row+1)*y, c.h); v++ {
				for u := column * x; u < min((column+1)*x, c.w); u++ {
					px := c.rgb[3*(v*c.w+u):][:3]
					inside := true
					for i, v := range px {
						all[i] += int(v)
						inside = inside && v > 0 && v < 255
					}
					pixels++
					if inside {
						for i, v := range px {
							whole[i] += int(v)
						}
						wholes++
					}
				}
			}
			if wholes > 0 {
				all, pixels = whole, wholes
			}
			light := all[0]*weights[0] + all[1]*weights[1] + all[2]*weights[2] // 1 << 16 in all
			for i, v := range all {
				p.at(column, row)[i] = int16((v<<16 - light) / pixels >> (16 - chromaBits))
			}
		}
	}
	return p
}
