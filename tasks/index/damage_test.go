package index

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/vlmchat/vlmchat/images"
)

// vectorsOf is the file of an index's vectors.
func vectorsOf(t testing.TB, x *Index) string {
	t.Helper()
	s, err := x.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return x.file(s.generation)
}

// flip changes a byte of a file, so far from its end.
func flip(t testing.TB, path string, fromEnd int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-fromEnd] ^= 0x40
	write(t, path, string(b))
}

// A vector that is damaged is left out and told, until the next update makes it anew. From
// then on nothing is wrong.
func TestDamagedVectors(t *testing.T) {
	t.Parallel()
	dir, e := t.TempDir(), &colours{id: "a"}
	x := open(t, t.TempDir())
	for i, c := range []color.RGBA{red, green, blue} {
		paint(t, filepath.Join(dir, fmt.Sprintf("%d.png", i)), c, i)
		update(t, x, e, dir, fmt.Sprintf("%d files, 1 encoded, 0 known, %d same, 0 removed, 0 failed", i+1, i))
	}
	damaged := func() (rows, leftOut int) {
		t.Helper()
		all, err := x.Damaged(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		v, _ := e.EncodeTexts(t.Context(), []string{"blue"})
		found, err := x.Search(t.Context(), Query{Vector: v[0], K: 1})
		if err != nil {
			t.Fatal(err)
		}
		return len(all), found.Damaged
	}
	flip(t, vectorsOf(t, x), 20) // the last one: blue
	if rows, leftOut := damaged(); rows != 1 || leftOut != 1 {
		t.Errorf("%d are damaged, and %d left out", rows, leftOut)
	}
	wantNames(t, search(t, x, e, "blue", Query{K: 9, MinScore: 0.9}))
	if r := update(t, x, e, dir, "3 files, 1 encoded, 0 known, 2 same, 0 removed, 0 failed"); len(r.Notes) != 1 {
		t.Errorf("it says %q", r.Notes)
	}
	wantNames(t, search(t, x, e, "blue", Query{K: 1}), "2.png")
	if rows, leftOut := damaged(); rows != 0 || leftOut != 0 {
		t.Errorf("made anew, %d are damaged, and %d left out", rows, leftOut)
	}
	if r := update(t, x, e, dir, "3 files, 0 encoded, 0 known, 3 same, 0 removed, 0 failed"); len(r.Notes) != 0 {
		t.Errorf("the next update says %q", r.Notes)
	}
}

// A file of vectors that is cut, gone or another's is never searched, and made anew.
func TestBrokenVectors(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(path string) error{
		"cut":       func(path string) error { return os.Truncate(path, 4096+20) },
		"empty":     func(path string) error { return os.Truncate(path, 0) },
		"gone":      os.Remove,
		"another's": func(path string) error { return os.WriteFile(path, make([]byte, 1<<16), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, e := t.TempDir(), &colours{id: "a"}
			x := open(t, t.TempDir())
			paint(t, filepath.Join(dir, "red.png"), red, 0)
			paint(t, filepath.Join(dir, "blue.png"), blue, 1)
			update(t, x, e, dir, "2 files, 2 encoded, 0 known, 0 same, 0 removed, 0 failed")
			if err := spoil(vectorsOf(t, x)); err != nil {
				t.Fatal(err)
			}
			v, _ := e.EncodeTexts(t.Context(), []string{"blue"})
			if found, err := x.Search(t.Context(), Query{Vector: v[0], K: 1}); !isBroken(err) {
				t.Errorf("found %+v, %v", found, err)
			}
			if _, err := x.Damaged(t.Context()); !isBroken(err) {
				t.Errorf("looked through: %v", err)
			}
			if r := update(t, x, e, dir, "2 files, 2 encoded, 0 known, 0 same, 0 removed, 0 failed"); len(r.Notes) != 1 {
				t.Errorf("it says %q", r.Notes)
			}
			wantNames(t, search(t, x, e, "blue", Query{K: 1}), "blue.png")
		})
	}
}

// Putting the vectors in order leaves those that pictures have, each with its own, and drops
// what is damaged. Searches meanwhile find what they found before.
func TestCompact(t *testing.T) {
	t.Parallel()
	dir, e := t.TempDir(), &colours{id: "a"}
	x := open(t, t.TempDir())
	const n = 60
	name := func(i int) string { return filepath.Join(dir, fmt.Sprintf("%02d.png", i)) }
	for i := range n {
		paint(t, name(i), []color.RGBA{red, green, blue}[i%3], i)
	}
	update(t, x, e, dir, "60 files, 60 encoded, 0 known, 0 same, 0 removed, 0 failed")
	for i := range n / 2 {
		if err := os.Remove(name(i)); err != nil {
			t.Fatal(err)
		}
	}
	update(t, x, e, dir, "30 files, 0 encoded, 0 known, 30 same, 30 removed, 0 failed")
	before := vectorsOf(t, x)
	flip(t, before, 20)

	ctx, stop := context.WithCancel(t.Context())
	var searching sync.WaitGroup
	v, _ := e.EncodeTexts(ctx, []string{"green"})
	for range 3 {
		searching.Go(func() {
			for ctx.Err() == nil {
				found, err := x.Search(ctx, Query{Vector: v[0], K: n, MinScore: 0.9})
				if err != nil && !errors.Is(err, context.Canceled) || err == nil && len(found.Hits) < 9 {
					t.Errorf("meanwhile %d were found, %v", len(found.Hits), err)
					return
				}
			}
		})
	}
	for range 10 {
		if err := x.compact(t.Context()); err != nil {
			t.Error(err)
		}
	}
	stop()
	searching.Wait()
	if _, err := os.Stat(before); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old vectors are still there: %v", err)
	}
	if s, err := x.State(t.Context()); err != nil || s.rows != n/2-1 {
		t.Errorf("there are %d rows, %v", s.rows, err)
	}
	update(t, x, e, dir, "30 files, 1 encoded, 0 known, 29 same, 0 removed, 0 failed")
	for i, text := range []string{"red", "green", "blue"} {
		got := search(t, x, e, text, Query{K: n, MinScore: 0.9})
		if len(got) != n/6 {
			t.Errorf("%d are %s", len(got), text)
		}
		for _, file := range got {
			var number int
			if _, err := fmt.Sscanf(file, "%d.png", &number); err != nil || number%3 != i {
				t.Errorf("%s was found as %s", file, text)
			}
		}
	}
}

// Links that lead in a circle end nothing, and what is behind them is there once.
func TestLinksInACircle(t *testing.T) {
	t.Parallel()
	dir, e := t.TempDir(), &colours{id: "a"}
	paint(t, filepath.Join(dir, "deep", "red.png"), red, 0)
	for link, to := range map[string]string{"deep/round": dir, "self.png": "self.png", "folder.png": "deep", "gone.png": "none.png", "again.png": "deep/red.png"} {
		if err := os.Symlink(to, filepath.Join(dir, filepath.FromSlash(link))); err != nil {
			t.Skipf("there are no links here: %v", err)
		}
	}
	x := open(t, t.TempDir())
	r, err := x.Update(t.Context(), Update{Roots: []Root{{Path: dir}}, Encoder: e, Loader: &images.Loader{}})
	if err != nil || r.Files != 2 || r.Encoded != 1 || len(r.Failed) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
