package vectors

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// training is how much is done to find centroids.
type training struct {
	rows   int // for each
	rounds int
}

var (
	thorough = training{64, 8} // more of either finds hardly better ones
	quick    = training{16, 3} // where it is not worth more
)

// centroids are points of unit length near which rows lie. A row is at home with the
// nearest: the first of those with the largest dot product.
type centroids struct {
	n      int // of a centroid's values, with the zeros that rows have
	values []float32
}

func (c *centroids) len() int               { return len(c.values) / c.n }
func (c *centroids) at(i int) []float32     { return c.values[i*c.n:][:c.n] }
func (c *centroids) pointer(i int) *float32 { return &c.values[min(i, c.len()-1)*c.n] }

// train finds so many centroids of rows, by spherical k-means on a sample of them: rows go
// to the nearest centroid, and centroids to the middle of their rows, some times over. It
// finds the same again in the same rows.
func (f *File) train(ctx context.Context, data []byte, rows source, count int, effort training) (*centroids, error) {
	sample, err := f.sample(ctx, data, rows, count*effort.rows)
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(1, 1))
	n := f.head.padded()
	c := &centroids{n: n}
	r.Shuffle(len(sample), func(i, j int) { sample[i], sample[j] = sample[j], sample[i] })
	for _, row := range sample[:min(count, len(sample))] {
		c.values = append(c.values, f.head.row(data, row).decode(make([]float32, n))...)
	}
	slices.Sort(sample)
	for range effort.rounds {
		sums, err := f.sums(ctx, data, sample, c)
		if err != nil {
			return nil, err
		}
		for i := range c.len() {
			if !setNormalised(c.at(i), sums[i*n:][:n]) { // nobody is at home there
				f.head.row(data, sample[r.IntN(len(sample))]).decode(c.at(i))
			}
		}
	}
	return c, nil
}

// sample is some of the rows of a source, evenly, that are whole.
func (f *File) sample(ctx context.Context, data []byte, rows source, count int) (sample []int, err error) {
	var all []int
	buffer := make([]int, 0, blockRows)
	for i := range rows.blocks {
		all = append(all, rows.block(i, buffer)...)
	}
	step := max(1, len(all)/max(1, count))
	for i := 0; i < len(all); i += step {
		sample = append(sample, all[i])
	}
	var mu sync.Mutex
	var whole []int
	_, err = f.scan(ctx, data, listed(sample), func() func(*eight) {
		return func(e *eight) {
			mu.Lock()
			defer mu.Unlock()
			whole = append(whole, e.rows...)
		}
	})
	slices.Sort(whole)
	return whole, err
}

// sums adds up the rows that are at home with each centroid. The sums are in units of 2⁻²⁴,
// of which every value of half precision is a multiple, so they are exact, and it makes no
// difference which core adds what.
func (f *File) sums(ctx context.Context, data []byte, rows []int, c *centroids) ([]int64, error) {
	var cores [][]int64
	_, err := f.scan(ctx, data, listed(rows), func() func(*eight) {
		mine := make([]int64, len(c.values))
		cores = append(cores, mine)
		h := newHomes(c)
		return func(e *eight) {
			h.find(e)
			for i := range e.rows {
				sum := mine[h.home[i]*c.n:][:c.n]
				for j, x := range h.decoded[i*c.n:][:c.n] {
					sum[j] += int64(x * (1 << 24))
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	total := make([]int64, len(c.values))
	for _, core := range cores {
		for i, x := range core {
			total[i] += x
		}
	}
	return total, nil
}

// setNormalised makes v what sum is, of unit length. It reports whether it has a direction.
func setNormalised(v []float32, sum []int64) bool {
	var square float64
	for _, x := range sum {
		square += float64(x) * float64(x)
	}
	if square == 0 {
		return false
	}
	length := math.Sqrt(square)
	for i, x := range sum {
		v[i] = float32(float64(x) / length)
	}
	return true
}

// homes finds the centroids where rows are at home: a core's workplace.
type homes struct {
	c       *centroids
	decoded []float32
	home    [group]int
	score   [group]float32
}

func newHomes(c *centroids) *homes { return &homes{c: c, decoded: make([]float32, group*c.n)} }

func (h *homes) find(e *eight) {
	for i := range e.rows {
		decodeHalves(e.at[i], h.c.n, &h.decoded[i*h.c.n])
		h.home[i], h.score[i] = 0, float32(math.Inf(-1))
	}
	var scores [group]float32
	for first := 0; first < h.c.len(); first += 4 {
		b := [4]*float32{h.c.pointer(first), h.c.pointer(first + 1), h.c.pointer(first + 2), h.c.pointer(first + 3)}
		for i := 0; i < len(e.rows); i += 2 {
			dotFloats(&[2]*float32{&h.decoded[i*h.c.n], &h.decoded[(i+1)*h.c.n]}, &b, h.c.n, &scores)
			for j, s := range scores {
				if row := i + j/4; s > h.score[row] {
					h.home[row], h.score[row] = min(first+j%4, h.c.len()-1), s
				}
			}
		}
	}
}

// scores computes the dot products of a vector with all centroids.
func (c *centroids) scores(v []float32) []float32 {
	all := make([]float32, c.len())
	c.scoresOfTwo(v, v, all, all)
	return all
}

// scoresOfTwo computes those of two vectors, in the time of one.
func (c *centroids) scoresOfTwo(v, w, ofV, ofW []float32) {
	var scores [group]float32
	for first := 0; first < c.len(); first += 4 {
		b := [4]*float32{c.pointer(first), c.pointer(first + 1), c.pointer(first + 2), c.pointer(first + 3)}
		dotFloats(&[2]*float32{&v[0], &w[0]}, &b, c.n, &scores)
		copy(ofV[first:], scores[:4])
		copy(ofW[first:], scores[4:])
	}
}
