package pillow

import "math"

// Filter is how pixels are weighed, by Pillow's number for it (Image.Resampling), which
// is also what preprocessor_config.json says under "resample".
type Filter int

// The filters of Pillow.
const (
	Nearest Filter = iota
	Lanczos
	Bilinear
	Bicubic
	Box
	Hamming
)

// Known tells whether a number is a filter's.
func (f Filter) Known() bool { return f >= Nearest && f <= Hamming }

// String is Pillow's name of the filter.
func (f Filter) String() string {
	if !f.Known() {
		return "unknown"
	}
	return [...]string{"nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"}[f]
}

// support is how many pixels on each side a filter weighs, where the size stays.
func (f Filter) support() float64 {
	return [...]float64{Lanczos: 3, Bilinear: 1, Bicubic: 2, Box: 0.5, Hamming: 1}[f]
}

// weight is that of a pixel at a distance. Products are rounded before they are added to
// anything (float64(…)), as processors with fused instructions would have other bits.
func (f Filter) weight(x float64) float64 {
	switch f {
	case Box:
		if x > -0.5 && x <= 0.5 {
			return 1
		}
	case Bilinear:
		if x = math.Abs(x); x < 1 {
			return 1 - x
		}
	case Hamming:
		switch x = math.Abs(x); {
		case x == 0:
			return 1
		case x < 1:
			x *= math.Pi
			return math.Sin(x) / x * (float64(float32(0.54)) + float64(float64(float32(0.46))*math.Cos(x)))
		}
	case Bicubic:
		const a = -0.5
		switch x = math.Abs(x); {
		case x < 1:
			return float64(float64((float64((a+2)*x)-(a+3))*x)*x) + 1
		case x < 2:
			return (float64((float64((x-5)*x)+8)*x) - 4) * a
		}
	case Lanczos:
		if x >= -3 && x < 3 {
			return sinc(x) * sinc(x/3)
		}
	}
	return 0
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}

// precision is the number of bits after the point in weights: 32, less 8 of a pixel, less 2
// for sums that go beyond the range.
const precision = 32 - 8 - 2

// taps are the pixels that one of the result is made of, and their weights.
type taps struct {
	first   int
	weights []int64 // of precision
}

// tapsOf computes the taps of the pixels from to end of a row that is resized from size
// to size to.
func (f Filter) tapsOf(size, to, from, end int) []taps {
	scale := float64(size) / float64(to)
	stretch := max(scale, 1) // a filter covers as much of the result, however large the source is
	support := f.support() * stretch
	all := make([]taps, 0, end-from)
	weights := make([]float64, 0, 2*int(math.Ceil(support))+1)
	for i := from; i < end; i++ {
		center := float64((float64(i) + 0.5) * scale)
		first := max(int(center-support+0.5), 0)
		n := min(int(center+support+0.5), size) - first
		weights = weights[:0]
		sum := 0.0
		for x := range n {
			w := f.weight((float64(x+first) - center + 0.5) * (1 / stretch))
			weights = append(weights, w)
			sum += w
		}
		t := taps{first, make([]int64, n)}
		for x, w := range weights {
			if sum != 0 {
				w /= sum
			}
			w = float64(w * (1 << precision))
			if w < 0 {
				t.weights[x] = int64(w - 0.5)
			} else {
				t.weights[x] = int64(w + 0.5)
			}
		}
		all = append(all, t)
	}
	return all
}
