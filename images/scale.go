package images

import (
	"image"
	"math"
)

// fit returns the size of a picture of w×h pixels that has at most maxPixels
// pixels and no side longer than maxSide (0: no limit). Proportions are kept as
// far as whole pixels allow, but no side falls below what counts as a picture.
func fit(w, h, maxPixels, maxSide int) (fw, fh int) {
	f := 1.0
	if maxPixels > 0 {
		maxPixels = max(maxPixels, minSide*minSide)
		f = math.Sqrt(float64(maxPixels) / float64(w) / float64(h))
	}
	if maxSide > 0 {
		maxSide = max(maxSide, minSide)
		f = min(f, float64(maxSide)/float64(max(w, h)))
	}
	if f >= 1 {
		return w, h
	}
	const slack = 1e-9 // for what would be whole but for rounding
	fw = max(minSide, int(float64(w)*f+slack))
	fh = max(minSide, int(float64(h)*f+slack))
	if maxPixels > 0 {
		fw = min(fw, maxPixels/minSide)
		fh = min(fh, maxPixels/fw)
	}
	return fw, fh
}

// scaled returns the picture in w×h pixels, which are its own size or less.
func (p *Picture) scaled(w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if w != p.Width || h != p.Height {
		p.resample(out)
		return out
	}
	for i := range w * h {
		out.Pix[4*i], out.Pix[4*i+1], out.Pix[4*i+2], out.Pix[4*i+3] = p.rgb[3*i], p.rgb[3*i+1], p.rgb[3*i+2], 255
	}
	return out
}
