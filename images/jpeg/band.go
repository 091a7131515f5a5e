package jpeg

import "sync"

// band is a row of MCUs: the blocks of each component, as they lie.
type band struct {
	planes [4]plane
}

// band makes room for a row of MCUs.
func (f *frame) band() *band {
	b := new(band)
	for i, c := range f.comps {
		b.planes[i] = newPlane(c.blocksX * c.v)
	}
	return b
}

// of takes row k of MCUs out of whole planes.
func (b *band) of(f *frame, planes []plane, k int) {
	for i, c := range f.comps {
		n := c.blocksX * c.v
		b.planes[i] = plane{planes[i].blocks[k*n : (k+1)*n], planes[i].last[k*n : (k+1)*n]}
	}
}

// painting is what the painters of a picture share.
type painting struct {
	frame *frame
	model model
	up    []upsampler
	quant [4]*[80]uint16 // what blocks have to be multiplied with; nil: nothing
	out   *target
	seams *seams // nil if no row is made of two
}

// painter makes pixels of bands, one after the other.
type painter struct {
	*painting
	samples [4][]byte // of a band, in rows of whole blocks
	full    [4][]byte // rows of full width
	lines   []byte    // pixels that have to be turned
	stride  int       // of lines
}

func (c *painting) painter() *painter {
	p := &painter{painting: c}
	f := c.frame
	for i := range f.comps {
		p.samples[i] = make([]byte, f.comps[i].blocksX*f.comps[i].v*64)
		p.full[i] = make([]byte, f.mcusX*f.hMax*8)
	}
	if c.out.StepX != 1 {
		// An odd number of cache lines: columns would fall into the same few sets.
		p.stride = (3*f.w+63)/64*64 | 64
		p.lines = make([]byte, p.stride*(f.vMax*8+2)+8)
	}
	return p
}

// paint makes the pixels of band k. Where colour is interpolated between rows, the
// last row of a band and the first one of the next need both bands: whoever comes
// to that seam second paints them.
func (p *painter) paint(k int, b *band) {
	f := p.frame
	for i := range f.comps {
		p.transform(i, k, &b.planes[i])
	}
	y, end := k*8*f.vMax, min((k+1)*8*f.vMax, f.h)
	var above, below *[4][]byte // the rows beyond the seams
	if p.seams != nil && k > 0 {
		if above = p.seams.meet(k, p.edge(false)); above != nil {
			y--
		} else {
			y++
		}
	}
	if p.seams != nil && k+1 < f.mcusY {
		if below = p.seams.meet(k+1, p.edge(true)); below != nil {
			end++
		} else {
			end--
		}
	}
	p.lay(y, end, func(i, row int) []byte {
		c := &f.comps[i]
		switch row = min(max(row, 0), c.rows-1) - k*8*c.v; {
		case row < 0:
			return above[i]
		case row >= 8*c.v:
			return below[i]
		}
		return p.samples[i][row*8*c.blocksX:][:c.w]
	})
	p.seams.release(above)
	p.seams.release(below)
}

// edge is the first row of samples of each component, or the last.
func (p *painter) edge(last bool) (rows [4][]byte) {
	for i := range p.frame.comps {
		c := &p.frame.comps[i]
		row := 0
		if last {
			row = 8*c.v - 1
		}
		rows[i] = p.samples[i][row*8*c.blocksX:][:c.w]
	}
	return rows
}

// lay paints rows of pixels. sample gives a component's row by its number in the
// picture, or the nearest there is.
func (p *painter) lay(y, end int, sample func(component, row int) []byte) {
	if y >= end {
		return
	}
	f := p.frame
	for line := y; line < end; line++ {
		var full [4][]byte
		for i := range f.comps {
			u := p.up[i]
			row := line / u.down
			near, far := sample(i, row), []byte(nil)
			below := line%u.down > 0
			if u.between() {
				if below {
					far = sample(i, row+1)
				} else {
					far = sample(i, row-1)
				}
			}
			full[i] = u.row(p.full[i], near, far, below)[:f.w]
		}
		dst := p.out.row(line)
		if dst == nil {
			dst = p.lines[(line-y)*p.stride:][:3*f.w]
		}
		p.model.pixels(dst, &full)
	}
	if p.lines != nil {
		p.out.put(p.lines, p.stride, f.w, y, end-y)
	}
}

// transform makes samples of the blocks of component i that have pixels.
func (p *painter) transform(i, k int, in *plane) {
	c := &p.frame.comps[i]
	stride := 8 * c.blocksX
	for v := range c.v {
		if 8*(k*c.v+v) >= c.rows {
			return
		}
		out := p.samples[i][8*v*stride:]
		for x := range ceilDiv(c.w, 8) {
			at := v*c.blocksX + x
			b, last := &in.blocks[at], in.last[at]
			if q := p.quant[i]; q != nil {
				b = multiplied(b, last, q)
			}
			inverse(b, last, out[8*x:], stride)
		}
	}
}

// multiplied is a block's coefficients times those of the quantisation table.
func multiplied(b *block, last uint8, q *[80]uint16) *block {
	var m block
	for k := range int(last) + 1 {
		at := natural[k] & 63
		m[at] = int16(int32(b[at]) * int32(q[k]))
	}
	return &m
}

// seams keeps the rows on one side of a seam until those on the other side are
// there.
type seams struct {
	mu      sync.Mutex
	waiting map[int]*[4][]byte
	free    []*[4][]byte
}

// meet returns the rows of the other side of a seam, or nil and keeps a copy of
// mine, if the other side is not there.
func (s *seams) meet(k int, mine [4][]byte) *[4][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.waiting[k]; other != nil {
		delete(s.waiting, k)
		return other
	}
	kept := new([4][]byte)
	if n := len(s.free); n > 0 {
		kept, s.free = s.free[n-1], s.free[:n-1]
	}
	for i := range mine {
		kept[i] = append(kept[i][:0], mine[i]...)
	}
	s.waiting[k] = kept
	return nil
}

// release gives back rows that meet returned.
func (s *seams) release(rows *[4][]byte) {
	if rows == nil {
		return
	}
	s.mu.Lock()
	s.free = append(s.free, rows)
	s.mu.Unlock()
}
