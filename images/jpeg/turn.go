package jpeg

// target is the upright picture. Pixels of column x and row y of the file belong
// to start + x*stepX + y*stepY, counted in pixels.
type target struct {
	rgb                 []byte
	w, h                int
	start, stepX, stepY int
}

// newTarget makes room for a picture of w×h pixels that has to be turned by an
// EXIF orientation (TIFF 6.0, tag 0x0112).
func newTarget(w, h, orientation int) *target {
	t := &target{rgb: make([]byte, 3*w*h), w: w, h: h}
	if orientation >= 5 && orientation <= 8 {
		t.w, t.h = h, w
	}
	switch orientation {
	case 2: // mirrored left to right
		t.start, t.stepX, t.stepY = w-1, -1, w
	case 3: // turned by 180°
		t.start, t.stepX, t.stepY = w*h-1, -1, -w
	case 4: // mirrored top to bottom
		t.start, t.stepX, t.stepY = w*(h-1), 1, -w
	case 5: // mirrored along the main diagonal
		t.start, t.stepX, t.stepY = 0, h, 1
	case 6: // needs a quarter turn clockwise
		t.start, t.stepX, t.stepY = h-1, h, -1
	case 7: // mirrored along the other diagonal
		t.start, t.stepX, t.stepY = w*h-1, -h, -1
	case 8: // needs a quarter turn counterclockwise
		t.start, t.stepX, t.stepY = h*(w-1), -h, 1
	default:
		t.start, t.stepX, t.stepY = 0, 1, w
	}
	return t
}

// row is the place of row y, or nil if its pixels don't lie one after the other.
func (t *target) row(y int) []byte {
	if t.stepX != 1 {
		return nil
	}
	at := 3 * (t.start + y*t.stepY)
	return t.rgb[at : at+3*t.w]
}

// put writes n rows of w pixels from row y on, which lie stride bytes apart.
func (t *target) put(rows []byte, stride, w, y, n int) {
	if t.stepX == -1 {
		for i := range n {
			at := 3 * (t.start + (y+i)*t.stepY)
			from := rows[i*stride:][:3*w]
			to := t.rgb[at+3-3*w : at+3]
			for x := 0; x < len(from); x += 3 {
				copy(to[len(to)-3-x:len(to)-x], from[x:x+3])
			}
		}
		return
	}
	// A column becomes a run of the target. It is written upwards, four bytes at a
	// time, of which the fourth is the next pixel's.
	first, step := 0, stride
	at := t.start + y*t.stepY
	if t.stepY < 0 {
		first, step = (n-1)*stride, -stride
		at -= n - 1
	}
	for x := range w {
		to := t.rgb[3*(at+x*t.stepX):][:3*n]
		from := first + 3*x
		for len(to) > 3 {
			*(*[4]byte)(to) = *(*[4]byte)(rows[from:])
			to = to[3:]
			from += step
		}
		copy(to, rows[from:from+3])
	}
}
