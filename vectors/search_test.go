package vectors

import (
	"cmp"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"
)

// nearest finds the rows that a search has to find, in the simplest way.
func nearest(all [][]float32, query []float32, k int, keep *Set) (rows []int) {
	scores := map[int]float64{}
	for row, v := range all {
		if keep.Has(row) {
			for i, x := range v {
				scores[row] += float64(fromHalf(toHalf(x))) * float64(query[i])
			}
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b int) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
	return rows[:min(k, len(rows))]
}

func rowsOf(hits []Hit) (rows []int) {
	for _, h := range hits {
		rows = append(rows, h.Row)
	}
	return rows
}

func TestSearchFindsTheNearest(t *testing.T) {
	t.Parallel()
	for _, dimensions := range []int{3, 8, 13, 100, 512} {
		all := unit(10, 3001, dimensions)
		f := fileOf(t, all)
		queries := unit(11, 5, dimensions)
		third := NewSet()
		for row := 0; row < len(all); row += 3 {
			third.Add(row)
		}
		for _, keep := range []*Set{nil, third, NewSet()} {
			for _, k := range []int{0, 1, 7, 5000} {
				together, err := f.Search(t.Context(), queries, k, keep)
				if err != nil {
					t.Fatal(err)
				}
				for i, q := range queries {
					alone, err := f.Search(t.Context(), queries[i:i+1], k, keep)
					if err != nil || !slices.Equal(alone.Hits[0], together.Hits[i]) {
						t.Fatalf("%d dimensions: alone a query finds something else (%v)", dimensions, err)
					}
					got, want := rowsOf(alone.Hits[0]), nearest(all, q, k, keep)
					if k > 7 && len(got) == len(want) { // so many differ in the last bit alone
						slices.Sort(got)
						slices.Sort(want)
					}
					if !slices.Equal(got, want) {
						t.Fatalf("%d dimensions, the best %d: %v, not %v", dimensions, k, got, want)
					}
				}
			}
		}
	}
}

func TestEquallyNearRowsAreInOrder(t *testing.T) {
	t.Parallel()
	v := unit(12, 2, 64)
	var all [][]float32
	for i := range 2000 {
		all = append(all, v[i%2])
	}
	f := fileOf(t, all)
	r, err := f.Search(t.Context(), v[:1], 300, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range r.Hits[0] {
		if h.Row != 2*i || h.Score != r.Hits[0][0].Score {
			t.Fatal(i, h)
		}
	}
}

// It is not parallel: it changes how many cores there are to all.
func TestTheNumberOfCoresChangesNothing(t *testing.T) {
	f := fileOf(t, unit(13, 5000, 96))
	queries := unit(14, 3, 96)
	var first Result
	for cores := 1; cores <= 5; cores++ {
		before := runtime.GOMAXPROCS(cores)
		r, err := f.Search(t.Context(), queries, 20, nil)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if cores == 1 {
			first = r
		}
		if !reflect.DeepEqual(r, first) {
			t.Fatalf("with %d cores: %v, not %v", cores, r, first)
		}
	}
}

func TestAVectorIsNearestToItself(t *testing.T) {
	t.Parallel()
	all := unit(15, 500, 40)
	f := fileOf(t, all)
	for row, v := range all {
		r, err := f.Search(t.Context(), [][]float32{v}, 1, nil)
		if err != nil || r.Hits[0][0].Row != row {
			t.Fatal(row, r, err)
		}
		if s := r.Hits[0][0].Score; s > 1 || s < 0.9995 {
			t.Fatal(s)
		}
	}
}

// damage changes a bit in a file's row.
func damage(t *testing.T, path string, h header, row, at int) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	b := make([]byte, 1)
	if _, err := file.ReadAt(b, h.offset(row)+int64(at)); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 0x10
	if _, err := file.WriteAt(b, h.offset(row)+int64(at)); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedRowsAreLeftOutAndTold(t *testing.T) {
	t.Parallel()
	all := unit(16, 1000, 30)
	f := fileOf(t, all)
	if _, err := f.Vector(0); err != nil { // it is mapped before it is damaged
		t.Fatal(err)
	}
	damage(t, f.file.Name(), f.head, 0, 3)
	damage(t, f.file.Name(), f.head, 517, 61)                // among the zeros
	damage(t, f.file.Name(), f.head, 999, 2*f.head.padded()) // the checksum
	// A row in another's place.
	b, err := os.ReadFile(f.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.file.WriteAt(f.head.row(b, 8), f.head.offset(7)); err != nil {
		t.Fatal(err)
	}
	want := []int{0, 7, 517, 999}

	for _, queries := range [][][]float32{all[:1], all[:9]} {
		r, err := f.Search(t.Context(), queries, 1000, nil)
		if err != nil || !slices.Equal(r.Damaged, want) {
			t.Fatal(r.Damaged, err)
		}
		for _, hits := range r.Hits {
			if len(hits) != 996 {
				t.Fatal(len(hits), "hits")
			}
			for _, h := range hits {
				if slices.Contains(want, h.Row) {
					t.Fatal("a damaged row is found:", h)
				}
			}
		}
	}
	if got, err := f.Damaged(t.Context()); err != nil || !slices.Equal(got, want) {
		t.Fatal(got, err)
	}
	if _, err := f.Vector(517); !errors.Is(err, ErrDamaged) {
		t.Fatal(err)
	}
}

func TestAFileThatIsCutWhileItIsOpen(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows lets nobody cut a file that is mapped")
	}
	all := unit(17, 4000, 64)
	f := fileOf(t, all)
	if _, err := f.Vector(0); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(f.file.Name(), f.head.offset(100)); err != nil {
		t.Fatal(err)
	}
	if r, err := f.Search(t.Context(), all[:1], 5, nil); !errors.Is(err, ErrBroken) {
		t.Fatal(r, err)
	}
	// Cut after its length was looked at, it is pages that the system has no more.
	s, err := f.newSearch(all[:1], 5)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := s.in(t.Context(), f.mapped.data, kept(4000, nil)); !errors.Is(err, ErrBroken) {
		t.Fatal(r, err)
	}
	if err := f.Resize(100); err != nil {
		t.Fatal(err)
	}
	r, err := f.Search(t.Context(), all[:1], 1, nil)
	if err != nil || r.Hits[0][0].Row != 0 {
		t.Fatal(r, err)
	}
}

func TestWhatCantBeSearchedFor(t *testing.T) {
	t.Parallel()
	f := fileOf(t, unit(18, 10, 4))
	for _, q := range [][]float32{{1, 0}, {0, 0, 0, 0}, {float32(math.NaN()), 0, 0, 1}} {
		if _, err := f.Search(t.Context(), [][]float32{q}, 1, nil); err == nil {
			t.Error(q, "is searched for")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Search(ctx, unit(19, 1, 4), 1, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAnEmptyFile(t *testing.T) {
	t.Parallel()
	f, err := Create(filepath.Join(t.TempDir(), "vectors"), "", 8)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := f.Search(t.Context(), unit(20, 2, 8), 3, nil)
	if err != nil || len(r.Hits) != 2 || len(r.Hits[0]) != 0 {
		t.Fatal(r, err)
	}
}
