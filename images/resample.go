package images

import (
	"image"
	"math"
)

// resample fills out with the picture, made smaller by a Catmull-Rom spline as
// golang.org/x/image/draw has it. That one keeps the picture in between, of the new
// width and the old height, 32 bytes a pixel: gigabytes, for what a camera takes.
// Here only the rows are kept that the next row of out is made of.
func (p *Picture) resample(out *image.RGBA) {
	w, h := out.Rect.Dx(), out.Rect.Dy()
	columns, rows := splines(w, p.Width), splines(h, p.Height)
	most := 0
	for _, r := range rows {
		most = max(most, len(r.weights))
	}
	narrowed := make([][]float64, most) // the row y of the picture is at y modulo most
	for i := range narrowed {
		narrowed[i] = make([]float64, 3*w)
	}
	sum, next := make([]float64, 3*w), 0
	for y, r := range rows {
		clear(sum)
		next = max(next, r.first)
		for i, weight := range r.weights {
			row := narrowed[(r.first+i)%most]
			if r.first+i == next {
				p.narrow(row, next, columns)
				next++
			}
			for x, v := range row {
				sum[x] += weight * v
			}
		}
		to := out.Pix[y*out.Stride:]
		for x := range w {
			to[4*x], to[4*x+1], to[4*x+2], to[4*x+3] = whole(sum[3*x]), whole(sum[3*x+1]), whole(sum[3*x+2]), 255
		}
	}
}

// narrow makes a row of out's width of the picture's row y.
func (p *Picture) narrow(row []float64, y int, columns []spline) {
	from := p.rgb[3*p.Width*y : 3*p.Width*(y+1)]
	for x, c := range columns {
		var r, g, b float64
		i := 3 * c.first
		for _, weight := range c.weights {
			r, g, b = r+weight*float64(from[i]), g+weight*float64(from[i+1]), b+weight*float64(from[i+2])
			i += 3
		}
		row[3*x], row[3*x+1], row[3*x+2] = r, g, b
	}
}

// whole rounds a colour value, of which a spline goes beyond the range.
func whole(v float64) byte { return byte(min(max(v, 0), 255) + 0.5) }

// spline is what one column or row of a smaller picture is made of: so many of the
// picture's, from the first one on. The weights add up to 1.
type spline struct {
	first   int
	weights []float64
}

// splines are those that make to columns or rows of from, which are no fewer.
func splines(to, from int) []spline {
	scale := float64(from) / float64(to)
	all := make([]spline, to)
	for i := range all {
		centre := (float64(i)+0.5)*scale - 0.5
		first, end := max(0, int(math.Ceil(centre-2*scale))), min(from, int(centre+2*scale)+1)
		s, total := spline{first, make([]float64, end-first)}, 0.0
		for j := range s.weights {
			s.weights[j] = catmullRom(math.Abs(float64(first+j)-centre) / scale)
			total += s.weights[j]
		}
		for j := range s.weights {
			s.weights[j] /= total
		}
		all[i] = s
	}
	return all
}

// catmullRom is the weight at a distance from the centre (Keys, "Cubic convolution
// interpolation for digital image processing", 1981, with a = -1/2).
func catmullRom(t float64) float64 {
	switch {
	case t < 1:
		return (1.5*t-2.5)*t*t + 1
	case t < 2:
		return ((-0.5*t+2.5)*t-4)*t + 2
	}
	return 0
}
