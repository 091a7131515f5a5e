package vectors

import "context"

// Pair is two rows, A the lower one, and the cosine of their vectors.
type Pair struct {
	A, B  int
	Score float32
}

// Pairs finds all pairs of rows, of those that are kept (nil: of all), whose cosine is at
// least a threshold. It calls found with each, one at a time and in no certain order, until
// that returns false. Rows that are damaged are left out and told.
func (f *File) Pairs(ctx context.Context, threshold float32, keep *Set, found func(Pair) bool) (damaged []int, err error) {
	var rows []int
	var all [][]float32
	damaged, err = f.Each(keep, func(row int, v []float32) bool {
		rows = append(rows, row)
		all = append(all, append([]float32(nil), v...))
		return ctx.Err() == nil
	})
	if err != nil {
		return nil, err
	}
	for i, a := range all {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for j, b := range all[:i] {
			if s := dot(a, b); s >= threshold && !found(Pair{rows[j], rows[i], s}) {
				return damaged, nil
			}
		}
	}
	return damaged, nil
}

func dot(a, b []float32) (s float32) {
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}
