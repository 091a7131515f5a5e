package vectors

import (
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"
)

// mixture makes vectors of unit length that lie about the middles of clusters, which are the
// same for all seeds.
func mixture(seed uint64, n, dimensions, clusters int) [][]float32 {
	middles := unit(99, clusters, dimensions)
	r := rand.New(rand.NewPCG(seed, 0))
	all := make([][]float32, n)
	for i := range all {
		v := slices.Clone(middles[r.IntN(clusters)])
		for j := range v {
			v[j] += float32(0.7 * r.NormFloat64() / math.Sqrt(float64(dimensions)))
		}
		all[i] = normalised(v)
	}
	return all
}

// acrossAGap makes vectors as encoders of pictures and texts make them: they vary in some
// directions much and in all a little, and those of texts lie to one side of those of pictures.
// What n vectors of either kind are about is the same.
func acrossAGap(seed uint64, n, dimensions int, text bool) [][]float32 {
	const directions = 24
	axes, sides, topics := unit(97, directions, dimensions), unit(98, 2, dimensions), unit(96, 200, directions)
	r := rand.New(rand.NewPCG(seed, 0))
	side := sides[0]
	if text {
		side = sides[1]
	}
	all := make([][]float32, n)
	for i := range all {
		topic := topics[r.IntN(len(topics))]
		v := make([]float32, dimensions)
		for j := range v {
			v[j] = 0.6*side[j] + float32(0.3*r.NormFloat64()/math.Sqrt(float64(dimensions)))
		}
		for a, axis := range axes {
			much := 0.7 * (topic[a] + float32(0.7*r.NormFloat64()/math.Sqrt(directions)))
			for j := range v {
				v[j] += much * axis[j]
			}
		}
		all[i] = normalised(v)
	}
	return all
}

// recall is the part of what the exact search finds that lists find, too.
func recall(t *testing.T, l *Lists, queries [][]float32, k int) float64 {
	t.Helper()
	exact, err := l.f.Search(t.Context(), queries, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.Search(t.Context(), queries, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for i, hits := range exact.Hits {
		for _, h := range hits {
			if slices.Contains(r.Hits[i], h) { // with the same score, to the bit
				found++
			}
		}
	}
	return float64(found) / float64(k*len(queries))
}

func TestListsFindTheNearest(t *testing.T) {
	t.Parallel()
	const dimensions = 64
	all := mixture(1, 20_000, dimensions, 300)
	f := fileOf(t, all)
	l, err := f.BuildLists(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r := recall(t, l, mixture(2, 100, dimensions, 300), 10); r < 0.95 {
		t.Errorf("of queries like the rows %v are found", r)
	}
	again, err := f.BuildLists(t.Context())
	if err != nil || !reflect.DeepEqual(l, again) {
		t.Error("built twice they differ", err)
	}

	// What came later is found by its own.
	more := mixture(3, 50, dimensions, 300)
	if _, err := f.Append(more); err != nil {
		t.Fatal(err)
	}
	for i, v := range more {
		r, err := l.Search(t.Context(), [][]float32{v}, 1, nil)
		if err != nil || r.Hits[0][0].Row != len(all)+i {
			t.Fatal(i, r, err)
		}
	}

	// Of few that are kept all are found, wherever they lie.
	few := NewSet()
	for row := 5; row < len(all); row += 100 {
		few.Add(row)
	}
	q := unit(4, 3, dimensions)
	exact, err1 := f.Search(t.Context(), q, 50, few)
	r, err2 := l.Search(t.Context(), q, 50, few)
	if err1 != nil || err2 != nil || !reflect.DeepEqual(exact, r) {
		t.Error("of few rows others are found", err1, err2)
	}
	// Of many as many as are wanted.
	many := NewSet()
	for row := range all {
		if row%2 == 0 {
			many.Add(row)
		}
	}
	r, err = l.Search(t.Context(), q, 9000, many)
	if err != nil || len(r.Hits[0]) != 9000 || slices.ContainsFunc(r.Hits[0], func(h Hit) bool { return h.Row%2 != 0 }) {
		t.Error(len(r.Hits[0]), err)
	}
}

func TestListsFindTheNearestOfTheOtherKind(t *testing.T) {
	t.Parallel()
	const dimensions = 128
	l, err := fileOf(t, acrossAGap(1, 20_000, dimensions, false)).BuildLists(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r := recall(t, l, acrossAGap(2, 100, dimensions, true), 10); r < 0.95 {
		t.Errorf("of texts %v are found", r)
	}
	if r := recall(t, l, acrossAGap(3, 100, dimensions, false), 10); r < 0.95 {
		t.Errorf("of pictures %v are found", r)
	}
}

func TestListsLeaveDamagedRowsOut(t *testing.T) {
	t.Parallel()
	all := mixture(5, 2000, 16, 10)
	f := fileOf(t, all)
	damage(t, f.file.Name(), f.head, 3, 1) // before
	l, err := f.BuildLists(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	damage(t, f.file.Name(), f.head, 4, 1) // and after they are made
	r, err := l.Search(t.Context(), all[3:5], 2000, nil)
	if err != nil || len(r.Hits[0]) != 1998 || len(r.Hits[1]) != 1998 || !slices.Equal(r.Damaged, []int{4}) {
		t.Fatal(len(r.Hits[0]), r.Damaged, err)
	}
}

func TestListsAreKept(t *testing.T) {
	t.Parallel()
	all := mixture(6, 3000, 20, 30)
	f := fileOf(t, all)
	l, err := f.BuildLists(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "lists")
	if _, err := f.OpenLists(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	left := path + tempMark + "1"
	long := time.Now().Add(-2 * time.Hour)
	if err := errors.Join(os.WriteFile(left, nil, 0o600), os.Chtimes(left, long, long)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second in the place of the first
		if err := l.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if _, err := f.Append(all[:10]); err != nil { // they are good for more rows
		t.Fatal(err)
	}
	again, err := f.OpenLists(path)
	if err != nil || again.Rows() != 3000 || !reflect.DeepEqual(l, again) {
		t.Fatal(again, err)
	}

	// They are refused for other rows, fewer rows, and another space.
	if _, err := fileOf(t, mixture(7, 3000, 20, 30)).OpenLists(path); !errors.Is(err, ErrBroken) {
		t.Error(err)
	}
	other, err := Create(filepath.Join(t.TempDir(), "vectors"), "another space", 20)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Append(all); err != nil {
		t.Fatal(err)
	}
	if _, err := other.OpenLists(path); !errors.Is(err, ErrBroken) {
		t.Error(err)
	}
	if err := f.Resize(2999); err != nil {
		t.Fatal(err)
	}
	if _, err := f.OpenLists(path); !errors.Is(err, ErrBroken) {
		t.Error(err)
	}

	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 9, 13, 17, 21, 25, 29, 40, len(good) / 2, len(good) - 1} {
		bad := slices.Clone(good)
		bad[at] ^= 0x40
		if _, _, err := decodeLists(bad); !errors.Is(err, ErrBroken) {
			t.Errorf("byte %d is changed: %v", at, err)
		}
		if _, _, err := decodeLists(good[:at]); !errors.Is(err, ErrBroken) {
			t.Errorf("cut to %d bytes: %v", at, err)
		}
	}
}

func TestListsOfFewRows(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 5} {
		f := fileOf(t, unit(8, n, 4))
		l, err := f.BuildLists(t.Context())
		if err != nil {
			t.Fatal(n, err)
		}
		r, err := l.Search(t.Context(), unit(9, 2, 4), 5, nil)
		if err != nil || len(r.Hits[0]) != n {
			t.Fatal(n, r, err)
		}
	}
}
