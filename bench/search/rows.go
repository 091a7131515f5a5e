package main

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"

	"github.com/vlmchat/vlmchat/vectors"
)

// maker makes vectors of unit length about a thousand points: whoever has pictures has
// several of most things. The points are the same for all seeds.
type maker struct {
	points [][]float32
	r      *rand.Rand
}

func newMaker(seed uint64, dimensions int) *maker {
	m := &maker{r: rand.New(rand.NewPCG(1, 0))}
	for range 1000 {
		m.points = append(m.points, m.about(make([]float32, dimensions)))
	}
	m.r = rand.New(rand.NewPCG(2, seed))
	return m
}

func (m *maker) vector() []float32 { return m.about(m.points[m.r.IntN(len(m.points))]) }

// about makes a vector near a point; the cosine with it is 0.8 or so.
func (m *maker) about(point []float32) []float32 {
	v := make([]float32, len(point))
	var square float64
	for i, x := range point {
		v[i] = x + float32(0.75*m.r.NormFloat64()/math.Sqrt(float64(len(v))))
		square += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(square))
	}
	return v
}

// fill makes the file that is searched.
func (b *bench) fill(ctx context.Context) (err error) {
	b.path = filepath.Join(b.Dir, "vectors")
	if b.file, err = vectors.Create(b.path, "bench", b.dimensions); err != nil {
		return err
	}
	m := newMaker(0, b.dimensions)
	for b.file.Rows() < b.rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch := make([][]float32, min(10_000, b.rows-b.file.Rows()))
		for i := range batch {
			batch[i] = m.vector()
		}
		if _, err := b.file.Append(batch); err != nil {
			return err
		}
	}
	return b.file.Sync()
}

// queries makes vectors like the rows.
func (b *bench) queries(seed uint64, n int) [][]float32 {
	m := newMaker(seed, b.dimensions)
	all := make([][]float32, n)
	for i := range all {
		all[i] = m.vector()
	}
	return all
}
