package vectors

import (
	"context"
	"fmt"
)

// Hit is a row that was found, and the cosine of its vector with the query.
type Hit struct {
	Row   int
	Score float32
}

// Result is what a search has found.
type Result struct {
	Hits    [][]Hit // of each query, the best first, and of equal ones those of lower rows
	Damaged []int   // rows that were left out, as their bytes are not as they were written
}

// Search finds the k nearest rows of each query, a vector of unit length, among those that
// are kept (nil: among all). It reads all of them, with as many cores as GOMAXPROCS allows,
// and the result depends on neither their number nor on which queries are asked together.
func (f *File) Search(ctx context.Context, queries [][]float32, k int, keep *Set) (Result, error) {
	for i, q := range queries {
		if err := f.head.check(q); err != nil {
			return Result{}, fmt.Errorf("query %d of %d: %w", i+1, len(queries), err)
		}
	}
	best := make([]top, len(queries))
	for i := range best {
		best[i].k = k
	}
	damaged, err := f.Each(keep, func(row int, v []float32) bool {
		for i, q := range queries {
			best[i].add(Hit{row, dot(q, v)})
		}
		return ctx.Err() == nil
	})
	if err != nil {
		return Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	r := Result{Hits: make([][]Hit, len(queries)), Damaged: damaged}
	for i := range best {
		r.Hits[i] = best[i].hits()
	}
	return r, nil
}

// dot is the cosine of two vectors of unit length.
func dot(a, b []float32) float32 {
	var sum float32
	for i, x := range a {
		sum += x * b[i]
	}
	return max(-1, min(1, sum))
}
