package vectors

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// withCopies adds n vectors that are nearly as others are.
func withCopies(seed uint64, all [][]float32, n int) [][]float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	for range n {
		v := slices.Clone(all[r.IntN(len(all))])
		much := 0.6 * r.Float64() / float64(len(v))
		for j := range v {
			v[j] += float32(r.NormFloat64() * much * 8)
		}
		all = append(all, normalised(v))
	}
	return all
}

func pairsOf(t *testing.T, f *File, threshold float32, keep *Set) (found []Pair) {
	t.Helper()
	if _, err := f.Pairs(t.Context(), threshold, keep, func(p Pair) bool {
		found = append(found, p)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(found, func(a, b Pair) int { return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B)) })
	return found
}

func TestPairsFindsAll(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 7, 130, 5000} { // the last are parted
		all := withCopies(31, mixture(30, n, 24, 40), n/5)
		f := fileOf(t, all)
		even := NewSet()
		for row := 0; row < len(all); row += 2 {
			even.Add(row)
		}
		for _, threshold := range []float32{0.999, 0.95, 0.8} {
			for _, keep := range []*Set{nil, even} {
				var want []Pair
				for row := range all {
					if !keep.Has(row) {
						continue
					}
					below := NewSet()
					for other := range row {
						if keep.Has(other) {
							below.Add(other)
						}
					}
					v, err := f.Vector(row)
					if err != nil {
						t.Fatal(err)
					}
					if n == 5000 && row%97 != 0 { // some of so many
						continue
					}
					r, err := f.Search(t.Context(), [][]float32{v}, row, below)
					if err != nil {
						t.Fatal(err)
					}
					for _, h := range r.Hits[0] {
						if h.Score >= threshold {
							want = append(want, Pair{h.Row, row, h.Score})
						}
					}
				}
				slices.SortFunc(want, func(a, b Pair) int { return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B)) })
				got := pairsOf(t, f, threshold, keep)
				if n == 5000 {
					got = slices.DeleteFunc(got, func(p Pair) bool { return p.B%97 != 0 })
				}
				if n > 7 && len(want) == 0 && threshold < 0.9 {
					t.Fatal("there are no pairs to be found")
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%d rows, %v: %d pairs, not %d", len(all), threshold, len(got), len(want))
				}
			}
		}
	}
}

func TestPairsOfDamagedRows(t *testing.T) {
	t.Parallel()
	v := unit(32, 1, 16)[0]
	f := fileOf(t, [][]float32{v, v, v, v})
	damage(t, f.file.Name(), f.head, 2, 0)
	var found []Pair
	damaged, err := f.Pairs(t.Context(), 0.9, nil, func(p Pair) bool { found = append(found, p); return true })
	if err != nil || !slices.Equal(damaged, []int{2}) || len(found) != 3 {
		t.Fatal(found, damaged, err)
	}
}

func TestPairsEnd(t *testing.T) {
	t.Parallel()
	v := unit(33, 1, 16)[0]
	f := fileOf(t, slices.Repeat([][]float32{v}, 500))
	n := 0
	if _, err := f.Pairs(t.Context(), 0.9, nil, func(Pair) bool { n++; return n < 10 }); err != nil || n != 10 {
		t.Fatal(n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Pairs(ctx, 0.9, nil, func(Pair) bool { return true }); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := pairsOf(t, f, 0.9, NewSet()); !reflect.DeepEqual(got, []Pair(nil)) {
		t.Fatal(got)
	}
}
