package vectors

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Pair is two rows, A the lower one, and the cosine of their vectors.
type Pair struct {
	A, B  int
	Score float32
}

const (
	partedRows = 4096 // from so many rows on it is worth finding out what need not be compared
	chunkRows  = 64   // that are compared with others at once: they stay in a core's cache
)

// Pairs finds all pairs of rows, of those that are kept (nil: of all), whose cosine is at
// least a threshold. It calls found with each, one at a time and in no certain order, until
// that returns false. Rows that are damaged are left out and told.
//
// It is exact, and yet compares each row with few others where the threshold is high. Rows
// are parted by the point that they are nearest to. What is at home at another point lies
// behind the plane in the middle between the two, and a row that is farther from the plane
// than two vectors of such a cosine are from each other has no partner there.
func (f *File) Pairs(ctx context.Context, threshold float32, keep *Set, found func(Pair) bool) (damaged []int, err error) {
	err = f.reading(func(rows int, data []byte) error {
		p := pairs{f: f, data: data, threshold: threshold, found: found}
		if damaged, err = p.part(ctx, kept(rows, keep), rows); err != nil {
			return err
		}
		return p.all(ctx)
	})
	if err != nil {
		return nil, err
	}
	return damaged, nil
}

// pairs is a search for pairs.
type pairs struct {
	f         *File
	data      []byte
	threshold float32
	centroids *centroids
	lists     [][]int // rows by where they are at home

	mu    sync.Mutex
	found func(Pair) bool
	ended atomic.Bool // found wants no more
}

// part finds where the rows are at home.
func (p *pairs) part(ctx context.Context, src source, rows int) (damaged []int, err error) {
	count := 1
	if rows >= partedRows {
		// Finding where a row is at home costs as much as comparing it with so many others;
		// the more points there are, the fewer it is compared with.
		count = 4 * listsOf(rows)
	}
	if p.centroids, err = p.f.train(ctx, p.data, src, count, quick); err != nil {
		return nil, err
	}
	home, damaged, err := p.f.homes(ctx, p.data, src, rows, p.centroids)
	if err != nil {
		return nil, err
	}
	p.lists = make([][]int, p.centroids.len())
	for row, h := range home {
		if h >= 0 {
			p.lists[h] = append(p.lists[h], row)
		}
	}
	return damaged, nil
}

// chunk is some rows of a list, from that of an index on.
type chunk struct {
	list, from int
}

// all compares with all cores what has to be compared.
func (p *pairs) all(ctx context.Context) (err error) {
	var chunks []chunk
	for i, rows := range p.lists {
		for from := 0; from < len(rows); from += chunkRows {
			chunks = append(chunks, chunk{i, from})
		}
	}
	slices.Reverse(chunks) // those that are compared with most lists first
	var next atomic.Int64
	var mu sync.Mutex
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(chunks)) {
		all.Go(func() {
			e := guarded(func() error {
				w := p.newComparer()
				for i := next.Add(1) - 1; i < int64(len(chunks)) && !p.ended.Load(); i = next.Add(1) - 1 {
					if err := w.compare(ctx, chunks[i]); err != nil {
						return err
					}
				}
				return nil
			})
			mu.Lock()
			defer mu.Unlock()
			err = errors.Join(err, e)
		})
	}
	all.Wait()
	return err
}

// tell tells of a pair, if its rows are as they were written to the last.
func (p *pairs) tell(a, b int, score float32) {
	if !p.f.head.row(p.data, a).whole(a) || !p.f.head.row(p.data, b).whole(b) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended.Load() && !p.found(Pair{min(a, b), max(a, b), cosine(score)}) {
		p.ended.Store(true)
	}
}

// comparer is a core's workplace.
type comparer struct {
	p       *pairs
	decoded []float32   // the rows of the chunk
	scores  [][]float32 // of each of them with all centroids
	others  []float32   // four rows that they are compared with
	chosen  []int       // those of the chunk that are compared with a list
}

func (p *pairs) newComparer() *comparer {
	n := p.f.head.padded()
	w := &comparer{p: p, decoded: make([]float32, chunkRows*n), others: make([]float32, 4*n)}
	for range chunkRows {
		w.scores = append(w.scores, make([]float32, p.centroids.len()))
	}
	return w
}

// compare compares the rows of a chunk with those before them in their list, and with those
// of the lists before it that can have partners.
func (w *comparer) compare(ctx context.Context, c chunk) error {
	p, n := w.p, w.p.f.head.padded()
	rows := p.lists[c.list][c.from:min(c.from+chunkRows, len(p.lists[c.list]))]
	for i, row := range rows {
		p.f.head.row(p.data, row).decode(w.decoded[i*n:][:n])
	}
	w.chosen = w.chosen[:0]
	for i := range rows {
		w.chosen = append(w.chosen, i)
		if i%2 == 0 && c.list > 0 {
			second := min(i+1, len(rows)-1)
			p.centroids.scoresOfTwo(w.decoded[i*n:], w.decoded[second*n:], w.scores[i], w.scores[second])
		}
	}
	w.against(rows, p.lists[c.list][:c.from+len(rows)], true)

	between := p.centroids.scores(p.centroids.at(c.list))
	for j, others := range p.lists[:c.list] {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.ended.Load() {
			return nil
		}
		reach := p.reach(between[j])
		w.chosen = w.chosen[:0]
		for i := range rows {
			if w.scores[i][c.list]-w.scores[i][j] <= reach {
				w.chosen = append(w.chosen, i)
			}
		}
		w.against(rows, others, false)
	}
	return ctx.Err()
}

// reach is by how much a row a may be nearer to a point p than to another q, measured in dot
// products, and still have a partner b at home there; between is p·q. As b is nearer to q,
// b·(p-q) is not positive, so
//
//	a·(p-q) ≤ (a-b)·(p-q) ≤ |a-b| |p-q|
//
// and each of the two is the root of |x|² + |y|² - 2x·y.
func (p *pairs) reach(between float32) float32 {
	const longest = 1 + Tolerance + 1e-3 // of a vector, rounded
	distance := func(dot float32) float64 { return math.Sqrt(max(0, 2*longest*longest-2*float64(dot))) }
	return float32(distance(p.threshold)*distance(between)) + 1e-4 // of rounding
}

// against compares the chosen rows of a chunk with others. Of the same list those count that
// come before a row.
func (w *comparer) against(rows, others []int, same bool) {
	if len(w.chosen) == 0 {
		return
	}
	n := w.p.f.head.padded()
	var scores [group]float32
	for first := 0; first < len(others); first += 4 {
		four := others[first:min(first+4, len(others))]
		for i, row := range four {
			w.p.f.head.row(w.p.data, row).decode(w.others[i*n:][:n])
		}
		b := [4]*float32{&w.others[0], &w.others[n], &w.others[2*n], &w.others[3*n]}
		for i := 0; i < len(w.chosen); i += 2 {
			pair := [2]int{w.chosen[i], w.chosen[min(i+1, len(w.chosen)-1)]}
			dotFloats(&[2]*float32{&w.decoded[pair[0]*n], &w.decoded[pair[1]*n]}, &b, n, &scores)
			for j, s := range scores {
				if s < w.p.threshold || j%4 >= len(four) || j >= 4 && pair[1] == pair[0] {
					continue
				}
				if other, row := four[j%4], rows[pair[j/4]]; !same || other < row {
					w.p.tell(other, row, s)
				}
			}
		}
	}
}
