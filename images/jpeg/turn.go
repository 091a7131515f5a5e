package jpeg

import "encoding/binary"

// Turn says where the pixels of a picture lie once it is upright and has W columns
// and H rows: that of column x and row y of the file at Start + x*StepX + y*StepY,
// counted in pixels.
type Turn struct{ W, H, Start, StepX, StepY int }

// TurnOf is how a picture of w×h pixels has to be turned by an EXIF orientation (1 to
// 8, TIFF 6.0, tag 0x0112; anything else counts as 1).
func TurnOf(w, h, orientation int) Turn {
	switch orientation {
	case 2: // mirrored left to right
		return Turn{w, h, w - 1, -1, w}
	case 3: // turned by 180°
		return Turn{w, h, w*h - 1, -1, -w}
	case 4: // mirrored top to bottom
		return Turn{w, h, w * (h - 1), 1, -w}
	case 5: // mirrored along the main diagonal
		return Turn{h, w, 0, h, 1}
	case 6: // needs a quarter turn clockwise
		return Turn{h, w, h - 1, h, -1}
	case 7: // mirrored along the other diagonal
		return Turn{h, w, w*h - 1, -h, -1}
	case 8: // needs a quarter turn counterclockwise
		return Turn{h, w, h * (w - 1), -h, 1}
	}
	return Turn{w, h, 0, 1, w}
}

// target is the upright picture.
type target struct {
	Turn
	rgb []byte
}

// newTarget makes room for a picture of w×h pixels that has to be turned.
func newTarget(w, h, orientation int) *target {
	return &target{TurnOf(w, h, orientation), make([]byte, 3*w*h)}
}

// row is the place of row y, or nil if its pixels don't lie one after the other.
func (t *target) row(y int) []byte {
	if t.StepX != 1 {
		return nil
	}
	at := 3 * (t.Start + y*t.StepY)
	return t.rgb[at : at+3*t.W]
}

// put writes n rows of w pixels from row y on, which lie stride bytes apart.
func (t *target) put(rows []byte, stride, w, y, n int) {
	if t.StepX == -1 {
		for i := range n {
			at := 3 * (t.Start + (y+i)*t.StepY)
			from := rows[i*stride:][:3*w]
			to := t.rgb[at+3-3*w : at+3]
			for x := 0; x < len(from); x += 3 {
				copy(to[len(to)-3-x:len(to)-x], from[x:x+3])
			}
		}
		return
	}
	// Columns become runs of the target, so few at a time that the nearest caches
	// hold what is written.
	const columns = 32
	first, step := 0, stride
	at := t.Start + y*t.StepY
	if t.StepY < 0 { // runs are written upwards
		first, step = (n-1)*stride, -stride
		at -= n - 1
	}
	for x := 0; x < w; x += columns {
		end := min(x+columns, w)
		i := 0
		for ; i+4 <= n; i += 4 {
			t.fours(rows[3*x:], first+i*step, step, 3*(at+i+x*t.StepX), end-x)
		}
		for ; i < n; i++ {
			t.ones(rows[3*x:], first+i*step, 3*(at+i+x*t.StepX), end-x)
		}
	}
}

// fours writes n columns of four pixels, which lie step bytes apart, to a place of
// the target and those beside it.
func (t *target) fours(rows []byte, from, step, to, n int) {
	a, b, c, d := rows[from:], rows[from+step:], rows[from+2*step:], rows[from+3*step:]
	for i := 0; i < n; i += 2 {
		p, q, r, s := load64(a, 3*i), load64(b, 3*i), load64(c, 3*i), load64(d, 3*i)
		t.four(to, p, q, r, s)
		to += 3 * t.StepX
		if i+1 < n {
			t.four(to, p>>24, q>>24, r>>24, s>>24)
			to += 3 * t.StepX
		}
	}
}

// four writes four pixels, of which each is the lowest 24 bits of a word.
func (t *target) four(to int, p, q, r, s uint64) {
	const pixel = 1<<24 - 1
	run := t.rgb[to : to+12 : to+12]
	binary.LittleEndian.PutUint64(run, p&pixel|(q&pixel)<<24|r<<48)
	binary.LittleEndian.PutUint32(run[8:], uint32(r&pixel>>16|s<<8))
}

// ones writes n pixels to a place of the target and those beside it.
func (t *target) ones(rows []byte, from, to, n int) {
	for range n {
		run, px := t.rgb[to:to+3:to+3], rows[from:from+3:from+3]
		run[0], run[1], run[2] = px[0], px[1], px[2]
		from += 3
		to += 3 * t.StepX
	}
}

func load64(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
