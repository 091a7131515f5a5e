package vectors

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Many is the number of rows from which on lists are worth being made.
const Many = 1_000_000

// searchedPart is the part of all rows that a search by lists looks at, as a divisor.
const searchedPart = 10

// Lists are the rows of a file by the point that they are near to (an inverted file, as of
// Sivic and Zisserman, 2003). A search reads the lists whose points are nearest to the query
// only: a tenth of the rows. What it finds is scored as an exact search scores it, but now
// and then it doesn't find a row that lies in another list.
//
// They belong to the rows that the file had when they were made. Rows that were appended
// since are all read.
type Lists struct {
	f         *File
	count     int // of the file's rows when they were made
	centroids *centroids
	rows      [][]uint32 // of each centroid, in order
}

// Rows is the number of rows that the file had when the lists were made.
func (l *Lists) Rows() int { return l.count }

// BuildLists parts the rows that count into lists. It reads all rows several times. The same
// rows make the same lists.
func (f *File) BuildLists(ctx context.Context) (l *Lists, err error) {
	err = f.reading(func(rows int, data []byte) error {
		l = &Lists{f: f, count: rows}
		l.centroids, err = f.train(ctx, data, kept(rows, nil), listsOf(rows), thorough)
		if err != nil {
			return err
		}
		home, _, err := f.homes(ctx, data, kept(rows, nil), rows, l.centroids)
		if err != nil {
			return err
		}
		l.rows = make([][]uint32, l.centroids.len())
		for row, h := range home {
			if h >= 0 {
				l.rows[h] = append(l.rows[h], uint32(row))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// listsOf is how many lists rows are parted into.
func listsOf(rows int) int { return int(math.Sqrt(float64(rows))) + 1 }

// homes finds where each row is at home; -1 for those that are not of the source, or damaged.
func (f *File) homes(ctx context.Context, data []byte, src source, rows int, c *centroids) (home []int32, damaged []int, err error) {
	home = make([]int32, rows)
	for i := range home {
		home[i] = -1
	}
	damaged, err = f.scan(ctx, data, src, func() func(*eight) {
		h := newHomes(c)
		return func(e *eight) {
			h.find(e)
			for i, row := range e.rows {
				home[row] = int32(h.home[i])
			}
		}
	})
	return home, damaged, err
}

// Search finds nearly always the k nearest rows of each query among those that are kept
// (nil: among all). Where few are kept it reads them all, and the result is exact.
func (l *Lists) Search(ctx context.Context, queries [][]float32, k int, keep *Set) (result Result, err error) {
	s, err := l.f.newSearch(queries, k)
	if err != nil {
		return Result{}, err
	}
	err = l.f.reading(func(rows int, data []byte) error {
		if keep != nil && keep.Len() <= l.count/searchedPart {
			result, err = s.in(ctx, data, kept(rows, keep))
			return err
		}
		for _, q := range s.queries {
			one := search{l.f, k, [][]float32{q}}
			r, err := one.in(ctx, data, listed(l.near(q, k, keep, rows)))
			if err != nil {
				return err
			}
			result.Hits = append(result.Hits, r.Hits[0])
			result.Damaged = append(result.Damaged, r.Damaged...)
		}
		slices.Sort(result.Damaged)
		result.Damaged = slices.Compact(result.Damaged)
		return nil
	})
	return result, err
}

// near is the rows to be read for a query, in order: those of the nearest lists, whole ones,
// until they are enough, and those that are in no list yet.
func (l *Lists) near(query []float32, k int, keep *Set, rows int) (near []int) {
	scores := l.centroids.scores(query)
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
	enough := max(l.count/searchedPart, k)
	for _, i := range order {
		if len(near) >= enough {
			break
		}
		for _, row := range l.rows[i] {
			if int(row) < rows && keep.Has(int(row)) {
				near = append(near, int(row))
			}
		}
	}
	slices.Sort(near)
	near = slices.Compact(near)
	for row := l.count; row < rows; row++ {
		if keep.Has(row) {
			near = append(near, row)
		}
	}
	return near
}
