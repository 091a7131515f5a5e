package vectors

import (
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// unit makes n vectors of unit length, the same for the same seed.
func unit(seed uint64, n, dimensions int) [][]float32 {
	r := rand.New(rand.NewPCG(seed, 0))
	all := make([][]float32, n)
	for i := range all {
		v := make([]float32, dimensions)
		for j := range v {
			v[j] = float32(r.NormFloat64())
		}
		all[i] = normalised(v)
	}
	return all
}

func normalised(v []float32) []float32 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / math.Sqrt(sum))
	}
	return v
}

// fileOf makes a file with vectors.
func fileOf(t testing.TB, all [][]float32) *File {
	t.Helper()
	f, err := Create(filepath.Join(t.TempDir(), "vectors"), "space", len(all[0]))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.Append(all); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAFileKeepsWhatIsAppended(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vectors")
	f, err := Create(path, "clip:ähnlich", 13)
	if err != nil {
		t.Fatal(err)
	}
	all := unit(1, 100, 13)
	if first, err := f.Append(all[:60]); err != nil || first != 0 {
		t.Fatal(first, err)
	}
	if _, err := f.Vector(59); err != nil { // maps it, and it grows
		t.Fatal(err)
	}
	if first, err := f.Append(all[60:]); err != nil || first != 60 {
		t.Fatal(first, err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}

	f, err = Open(path, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Space() != "clip:ähnlich" || f.Dimensions() != 13 || f.Rows() != 100 {
		t.Fatal(f.Space(), f.Dimensions(), f.Rows())
	}
	for i, want := range all {
		got, err := f.Vector(i)
		if err != nil || len(got) != 13 {
			t.Fatal(i, got, err)
		}
		for j := range got {
			if got[j] != fromHalf(toHalf(want[j])) {
				t.Fatalf("row %d: %v, not %v", i, got, want)
			}
		}
	}
	if _, err := f.Vector(100); err == nil {
		t.Fatal("there is a row too many")
	}
}

func TestRowsThatDontCountAreWrittenOver(t *testing.T) {
	t.Parallel()
	all := unit(2, 9, 8)
	f := fileOf(t, all[:6])
	if err := f.Resize(4); err != nil {
		t.Fatal(err)
	}
	if first, err := f.Append(all[8:]); err != nil || first != 4 {
		t.Fatal(first, err)
	}
	got, err := f.Vector(4)
	if err != nil || got[0] != fromHalf(toHalf(all[8][0])) {
		t.Fatal(got, err)
	}
	if f.Rows() != 5 {
		t.Fatal(f.Rows())
	}
	// The sixth of the first six is there still, and whole.
	if err := f.Resize(6); err != nil {
		t.Fatal(err)
	}
	if damaged, err := f.Damaged(t.Context()); err != nil || damaged != nil {
		t.Fatal(damaged, err)
	}
	if err := f.Resize(7); !errors.Is(err, ErrBroken) {
		t.Fatal(err)
	}
}

func TestVectorsThatCantBeKept(t *testing.T) {
	t.Parallel()
	f := fileOf(t, unit(3, 1, 4))
	for name, v := range map[string][]float32{
		"short":    {1, 0, 0},
		"zero":     {0, 0, 0, 0},
		"long":     {1, 1, 0, 0},
		"NaN":      {1, float32(math.NaN()), 0, 0},
		"infinite": {float32(math.Inf(1)), 0, 0, 0},
	} {
		if _, err := f.Append([][]float32{{1, 0, 0, 0}, v}); err == nil {
			t.Errorf("a %s vector is kept", name)
		}
	}
	if f.Rows() != 1 {
		t.Fatal(f.Rows(), "rows")
	}
}

func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "vectors")
	f, err := Create(path, "s", 16)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Append(unit(4, 10, 16)); err != nil {
		t.Fatal(err)
	}
	f.Close()
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(at int, to byte) []byte {
		b := slices.Clone(good)
		b[at] ^= to
		return b
	}
	for name, bytes := range map[string][]byte{
		"empty":           {},
		"another":         []byte("GIF89a and so on"),
		"cut in the head": good[:100],
		"cut in a row":    good[:len(good)-1],
		"of a later time": changed(8, 2),
		"wider":           changed(13, 1),
		"named otherwise": changed(headerFixed, 1),
		"long in name":    changed(19, 0xff),
		"changed in head": changed(4000, 1),
	} {
		if err := os.WriteFile(path, bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		if f, err := Open(path, 10); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
	if _, err := Open(filepath.Join(dir, "none"), 0); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := Create(path, "s", 16); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
}
