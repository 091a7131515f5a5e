package jpeg

import (
	"context"
	"fmt"
	"runtime"
	"sync"
)

// picture decodes the file.
func (d *decoder) picture(ctx context.Context, orientation int) (*target, error) {
	payload, err := d.nextScan()
	if err != nil {
		return nil, err
	}
	if payload == nil {
		return nil, FormatError("missing SOS marker")
	}
	s, err := d.readScan(payload)
	if err != nil {
		return nil, err
	}
	data, err := d.scanData(s)
	if err != nil {
		return nil, err
	}
	if d.frame.progressive || len(s.comps) < len(d.frame.comps) {
		return d.inScans(ctx, s, data, orientation)
	}
	return d.inBands(ctx, s, data, orientation)
}

// painting makes the picture ready to be painted.
func (d *decoder) painting(orientation int) *painting {
	f := &d.frame
	c := &painting{frame: f, model: d.model(), out: newTarget(f.w, f.h, orientation)}
	for i := range f.comps {
		c.up = append(c.up, f.upsampler(&f.comps[i]))
		if c.up[i].between() && c.seams == nil {
			c.seams = &seams{waiting: map[int]*[4][]byte{}}
		}
	}
	return c
}

// sequence begins a sequential scan.
func (d *decoder) sequence(s scan, data *coded) (*sequence, error) {
	q := &sequence{frame: &d.frame, scan: s, data: data, restart: d.restart}
	for _, c := range s.comps {
		t := d.quant[d.frame.comps[c.index].tq]
		if !t.defined {
			return nil, errNoQuant
		}
		q.quant[c.index] = &t.q
	}
	q.seek(0)
	return q, nil
}

// inBands decodes the one scan of a sequential file, of which no more is in memory
// than the rows of MCUs that are being worked on.
func (d *decoder) inBands(ctx context.Context, s scan, data coded, orientation int) (*target, error) {
	first, err := d.sequence(s, &data)
	if err != nil {
		return nil, err
	}
	c := d.painting(orientation)
	each := d.apart(&data)
	err = inParallel(ctx, d.frame.mcusY, max(each, 1), d.frame.w*d.frame.h, func() worker {
		q := first
		if each > 0 {
			own := *first
			q = &own
		}
		b, p := d.frame.band(), c.painter()
		return worker{
			alone: each == 0,
			fill: func(k int) error {
				if each > 0 && k%each == 0 {
					q.seek(k * d.frame.mcusX / d.restart)
				}
				return q.band(b)
			},
			paint: func(k int) { p.paint(k, b) },
		}
	})
	if err != nil {
		return nil, err
	}
	// A file is whole when its end is there. More scans have nothing to say.
	for payload := []byte{}; payload != nil && err == nil; {
		payload, err = d.nextScan()
	}
	return c.out, err
}

// apart tells how many rows of MCUs can be decoded without those before them, as
// they begin behind a restart marker; 0 if none can.
func (d *decoder) apart(data *coded) int {
	switch {
	case d.restart == 0 || data.ordered*d.restart < d.frame.mcusX*d.frame.mcusY:
		return 0
	case d.restart%d.frame.mcusX == 0:
		return d.restart / d.frame.mcusX
	case d.frame.mcusX%d.restart == 0:
		return 1
	}
	return 0
}

// inScans decodes a file whose blocks are only complete after several scans.
func (d *decoder) inScans(ctx context.Context, s scan, data coded, orientation int) (*target, error) {
	f := &d.frame
	planes := make([]plane, len(f.comps))
	for i, c := range f.comps {
		planes[i] = newPlane(c.blocksX * c.v * f.mcusY)
	}
	var quant [4]*[80]uint16
	for scans := 1; ; scans++ {
		q, err := d.sequence(s, &data)
		if err != nil {
			return nil, err
		}
		if f.progressive {
			for i, t := range q.quant {
				if quant[i] == nil && t != nil {
					first := *t // the table may change later
					quant[i] = &first
				}
			}
			g := &progression{sequence: *q}
			err = g.run(ctx, planes)
		} else {
			err = q.planes(ctx, planes)
		}
		if err != nil {
			return nil, err
		}
		d.scratch = data.bits
		payload, err := d.nextScan()
		if err != nil {
			return nil, err
		}
		if payload == nil {
			break
		}
		if scans == maxScans {
			return nil, FormatError("it has too many scans")
		}
		if s, err = d.readScan(payload); err != nil {
			return nil, err
		}
		if data, err = d.scanData(s); err != nil {
			return nil, err
		}
	}
	d.scratch, data = nil, coded{}
	c := d.painting(orientation)
	c.quant = quant
	err := inParallel(ctx, f.mcusY, 1, f.w*f.h, func() worker {
		b, p := new(band), c.painter()
		return worker{paint: func(k int) {
			b.of(f, planes, k)
			p.paint(k, b)
		}}
	})
	return c.out, err
}

// worker does a part of the work, with buffers of its own.
type worker struct {
	fill  func(k int) error // decodes band k; nil: nothing is to be done
	alone bool              // fill has to be called for one band after the other
	paint func(k int)
}

// smallest is how many pixels are worth a core.
const smallest = 1 << 16

// inParallel has workers work on n bands, as many at a time as there are cores. A
// worker takes the next group of bands, and one whose bands depend on those before
// them decodes them while no other does. That keeps all cores busy without a queue,
// and as many bands in memory as there are workers.
func inParallel(ctx context.Context, n, group, pixels int, newWorker func() worker) error {
	var (
		mu     sync.Mutex
		next   int
		failed error
		wait   sync.WaitGroup
	)
	work := func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("the decoder failed: %v", r)
			}
		}()
		w := newWorker()
		for {
			k, err := func() (int, error) {
				mu.Lock()
				defer mu.Unlock()
				if failed != nil || next >= n {
					return n, nil
				}
				k := next
				next += group
				if w.alone {
					return k, w.fill(k)
				}
				return k, nil
			}()
			if err != nil || k == n {
				return err
			}
			for end := min(k+group, n); k < end; k++ {
				if err := ctx.Err(); err != nil {
					return err
				}
				if w.fill != nil && !w.alone {
					if err := w.fill(k); err != nil {
						return err
					}
				}
				w.paint(k)
			}
		}
	}
	run := func() {
		if err := work(); err != nil {
			mu.Lock()
			if failed == nil {
				failed = err
			}
			mu.Unlock()
		}
	}
	for range min(runtime.GOMAXPROCS(0), 1+pixels/smallest, ceilDiv(n, group)) - 1 {
		wait.Go(run)
	}
	run()
	wait.Wait()
	return failed
}
