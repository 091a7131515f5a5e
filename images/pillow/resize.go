// Package pillow resizes pictures as Python's Pillow does, bit for bit: models were trained
// on its pixels, and the preprocessing of transformers is defined by them.
//
// Pillow weighs all pixels that a filter covers (it has antialias), along the rows and then
// along the columns, with weights in fixed point and bytes in between
// (src/libImaging/Resample.c). Since version 13 the columns are first where that leaves
// less to do; with what came before such a picture differs by what was rounded.
package pillow

import "image"

// Resize returns a part of what Pillow's Image.resize(to, filter) makes of an RGB picture
// of a size: 3 bytes a pixel, rows without padding. Of the rest nothing is computed. Sizes
// have to be positive, and the part to lie within the result.
func Resize(rgb []byte, size, to image.Point, part image.Rectangle, f Filter) []byte {
	if f == Nearest {
		return nearest(rgb, size, to, part)
	}
	if to == size {
		return cut(rgb, size.X, part)
	}
	columns := f.tapsOf(size.X, to.X, part.Min.X, part.Max.X)
	rows := f.tapsOf(size.Y, to.Y, part.Min.Y, part.Max.Y)
	left, right := covered(columns)
	top, bottom := covered(rows)
	switch {
	case size.Y == to.Y:
		return horizontal(rgb, size.X, part.Min.Y, part.Max.Y, columns)
	case size.X == to.X:
		return vertical(cut(rgb, size.X, image.Rect(part.Min.X, top, part.Max.X, bottom)), part.Dx(), top, rows)
	case columnsFirst(size, to):
		lower := vertical(cut(rgb, size.X, image.Rect(left, top, right, bottom)), right-left, top, rows)
		for i := range columns {
			columns[i].first -= left
		}
		return horizontal(lower, right-left, 0, len(rows), columns)
	}
	return vertical(horizontal(rgb, size.X, top, bottom, columns), len(columns), top, rows)
}

// columnsFirst tells whether a picture is first made lower and then narrower: if it loses
// more than twice as many rows as columns.
func columnsFirst(size, to image.Point) bool {
	return to.Y < size.Y && size.Y-to.Y > 2*(size.X-to.X)
}

// covered are the first pixel that taps need and the one after the last.
func covered(all []taps) (first, end int) {
	if len(all) == 0 {
		return 0, 0
	}
	last := all[len(all)-1]
	return all[0].first, last.first + len(last.weights)
}

func cut(rgb []byte, width int, part image.Rectangle) []byte {
	out := make([]byte, 0, 3*part.Dx()*part.Dy())
	for y := part.Min.Y; y < part.Max.Y; y++ {
		out = append(out, rgb[3*(y*width+part.Min.X):3*(y*width+part.Max.X)]...)
	}
	return out
}

// half is what rounds a sum of weighed bytes, for two sums in one number.
const half = 1<<(precision-1) + 1<<(precision-1+32)

// horizontal resizes the rows from first to end of a picture of a width.
func horizontal(rgb []byte, width, first, end int, columns []taps) []byte {
	out := make([]byte, 3*len(columns)*(end-first))
	if accelerated {
		horizontalFast(rgb, width, first, end, columns, out)
	} else {
		horizontalGo(rgb, width, first, end, columns, out)
	}
	return out
}

// horizontalGo is horizontal without a kernel.
//
// A sum needs 32 bits, so a multiplication of 64 makes two: those of red and green, say. Two
// rows have six colours, three numbers a pixel. What a lower sum borrows from the upper one is
// given back when they are parted.
func horizontalGo(rgb []byte, width, first, end int, columns []taps, out []byte) {
	row := 3 * len(columns)
	from, to := covered(columns)
	n := to - from
	buffer := make([]int64, 3*n)
	rg, br, gb := buffer[:n], buffer[n:2*n], buffer[2*n:]
	for y := first; y < end; y += 2 {
		second := min(y+1, end-1) // the last of an odd number goes with itself
		pack(rg, br, gb, rgb[3*(y*width+from):], rgb[3*(second*width+from):])
		a, b := out[row*(y-first):][:row], out[row*(second-first):][:row]
		for x, t := range columns {
			at := t.first - from
			rgs, brs, gbs := rg[at:][:len(t.weights)], br[at:][:len(t.weights)], gb[at:][:len(t.weights)]
			sum0, sum1, sum2 := int64(half), int64(half), int64(half)
			for i, w := range t.weights {
				sum0 += rgs[i] * w
				sum1 += brs[i] * w
				sum2 += gbs[i] * w
			}
			a[3*x], a[3*x+1] = unpack(sum0)
			a[3*x+2], b[3*x] = unpack(sum1)
			b[3*x+1], b[3*x+2] = unpack(sum2)
		}
	}
}

// pack puts the colours of two rows into pairs.
func pack(rg, br, gb []int64, a, b []byte) {
	a, b = a[:3*len(rg)], b[:3*len(rg)]
	br, gb = br[:len(rg)], gb[:len(rg)]
	for x := range rg {
		p, q := a[3*x:3*x+3:3*x+3], b[3*x:3*x+3:3*x+3]
		rg[x] = int64(p[0]) | int64(p[1])<<32
		br[x] = int64(p[2]) | int64(q[0])<<32
		gb[x] = int64(q[1]) | int64(q[2])<<32
	}
}

// unpack takes two sums apart and makes bytes of them.
func unpack(sum int64) (lower, upper byte) {
	low := int32(sum)
	return clip(low), clip(int32((sum - int64(low)) >> 32))
}

// clip makes a byte of a sum.
func clip(sum int32) byte { return byte(min(max(sum>>precision, 0), 255)) }

// vertical resizes the columns of a picture of a width, which begins with the row first.
func vertical(rgb []byte, width, first int, rows []taps) []byte {
	row := 3 * width
	out := make([]byte, row*len(rows))
	done := 0
	if accelerated {
		done = verticalFast(rgb, row, first, rows, out)
	}
	verticalGo(rgb, row, first, rows, out, done)
	return out
}

// verticalGo is vertical without a kernel, for all but the bytes of each row that are done.
func verticalGo(rgb []byte, row, first int, rows []taps, out []byte, done int) {
	sums := make([]int32, row-done)
	for y, t := range rows {
		for i := range sums {
			sums[i] = 1 << (precision - 1)
		}
		for i, w := range t.weights {
			from, w := rgb[row*(t.first-first+i)+done:][:len(sums)], int32(w)
			for x := range sums {
				sums[x] += int32(from[x]) * w
			}
		}
		to := out[row*y+done:][:len(sums)]
		for x, sum := range sums {
			to[x] = clip(sum)
		}
	}
}

// nearest takes for each pixel the one that lies at its middle. Places are added up, as in
// Pillow: multiplied, some would be others.
func nearest(rgb []byte, size, to image.Point, part image.Rectangle) []byte {
	columns := places(size.X, to.X, part.Min.X, part.Max.X)
	out := make([]byte, 0, 3*part.Dx()*part.Dy())
	for _, y := range places(size.Y, to.Y, part.Min.Y, part.Max.Y) {
		for _, x := range columns {
			at := 3 * (y*size.X + x)
			out = append(out, rgb[at:at+3]...)
		}
	}
	return out
}

// places are those of the pixels from to end, in a row that is resized from size to size to.
func places(size, to, from, end int) []int {
	scale := float64(size) / float64(to)
	all := make([]int, 0, end-from)
	at := float64(scale * 0.5)
	for i := range end {
		if i >= from {
			all = append(all, min(int(at), size-1))
		}
		at += scale
	}
	return all
}
