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
func (f *File) Search(ctx context.Context, queries [][]float32, k int, keep *Set) (result Result, err error) {
	s, err := f.newSearch(queries, k)
	if err != nil {
		return Result{}, err
	}
	err = f.reading(func(rows int, data []byte) error {
		result, err = s.in(ctx, data, kept(rows, keep))
		return err
	})
	return result, err
}

// search is queries about a file.
type search struct {
	f       *File
	k       int
	queries [][]float32 // with the zeros that rows have
}

func (f *File) newSearch(queries [][]float32, k int) (*search, error) {
	s := &search{f: f, k: k}
	for i, q := range queries {
		if err := f.head.check(q); err != nil {
			return nil, fmt.Errorf("query %d of %d: %w", i+1, len(queries), err)
		}
		s.queries = append(s.queries, append(make([]float32, 0, f.head.padded()), q...)[:f.head.padded()])
	}
	return s, nil
}

// in searches some rows.
func (s *search) in(ctx context.Context, data []byte, src source) (Result, error) {
	best := make([]top, len(s.queries))
	for i := range best {
		best[i].k = s.k
	}
	var cores [][]top
	damaged, err := s.f.scan(ctx, data, src, func() func(*eight) {
		mine := make([]top, len(s.queries))
		for i := range mine {
			mine[i].k = s.k
		}
		cores = append(cores, mine)
		if len(s.queries) == 1 {
			return s.one(&mine[0])
		}
		return s.several(mine)
	})
	if err != nil {
		return Result{}, err
	}
	r := Result{Damaged: damaged, Hits: make([][]Hit, len(s.queries))}
	for i := range r.Hits {
		for _, core := range cores {
			for _, h := range core[i].heap {
				best[i].add(h)
			}
		}
		r.Hits[i] = best[i].hits()
	}
	return r, nil
}

// one compares rows with the only query.
func (s *search) one(best *top) func(*eight) {
	query := s.queries[0]
	return func(e *eight) {
		var scores [group]float32
		dotHalves(&query[0], &e.at, len(query), &scores)
		for i, row := range e.rows {
			best.add(Hit{row, cosine(scores[i])})
		}
	}
}

// several compares rows with all queries, two at a time. The rows are decoded for it once.
func (s *search) several(best []top) func(*eight) {
	n := s.f.head.padded()
	decoded := make([]float32, group*n)
	return func(e *eight) {
		for i := range e.rows {
			decodeHalves(e.at[i], n, &decoded[i*n])
		}
		var scores [group]float32
		for q := 0; q < len(s.queries); q += 2 {
			second := min(q+1, len(s.queries)-1)
			a := [2]*float32{&s.queries[q][0], &s.queries[second][0]}
			for r := 0; r < len(e.rows); r += 4 {
				var b [4]*float32
				for i := range b {
					b[i] = &decoded[(r+i)*n]
				}
				dotFloats(&a, &b, n, &scores)
				for i, row := range e.rows[r:min(r+4, len(e.rows))] {
					best[q].add(Hit{row, cosine(scores[i])})
					if second != q {
						best[second].add(Hit{row, cosine(scores[4+i])})
					}
				}
			}
		}
	}
}

// cosine is a dot product of two vectors of unit length, which rounding may have made a
// little longer.
func cosine(dot float32) float32 { return max(-1, min(1, dot)) }
