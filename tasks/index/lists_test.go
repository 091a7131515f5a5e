package index

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/vectors"
)

// Of many vectors there are lists, and whatever becomes of these, what is found is right.
func TestManyVectorsAreListed(t *testing.T) {
	t.Parallel()
	dir, e := t.TempDir(), &colours{id: "a"}
	x := open(t, filepath.Join(t.TempDir(), "index"))
	x.many = 30
	lists := func() string {
		s, err := x.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return x.lists(s)
	}
	listed := func() int {
		s, err := x.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f, err := x.openVectors(s)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		l, isLists := x.searcher(s, f).(*vectors.Lists)
		if !isLists {
			return 0
		}
		return l.Rows()
	}
	// The reddest four are those that are red; there are so few lists that all are found.
	reds := func(want ...string) {
		t.Helper()
		got := search(t, x, e, "red", Query{K: len(want)})
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("found %q, not %q", got, want)
		}
	}
	for i := range 40 {
		c := blue
		if i < 4 {
			c = red
		}
		paint(t, filepath.Join(dir, fmt.Sprintf("%02d.png", i)), c, i)
	}
	update(t, x, e, dir, "40 files, 40 encoded, 0 known, 0 same, 0 removed, 0 failed")
	if listed() != 40 {
		t.Fatal(listed(), "are listed")
	}
	reds("00.png", "01.png", "02.png", "03.png")

	// A few more are found without being listed, and many more make new lists.
	paint(t, filepath.Join(dir, "new.png"), red, 90)
	update(t, x, e, dir, "41 files, 1 encoded, 0 known, 40 same, 0 removed, 0 failed")
	if listed() != 40 {
		t.Fatal(listed(), "are listed")
	}
	reds("00.png", "01.png", "02.png", "03.png", "new.png")

	if err := os.WriteFile(lists(), []byte("vlmclist"), 0o600); err != nil {
		t.Fatal(err)
	}
	if listed() != 0 {
		t.Fatal("broken lists are used")
	}
	reds("00.png", "01.png", "02.png", "03.png", "new.png")
	update(t, x, e, dir, "41 files, 0 encoded, 0 known, 41 same, 0 removed, 0 failed")
	if listed() != 41 {
		t.Fatal(listed(), "are listed")
	}

	// Those of another model's vectors are none.
	before := lists()
	other := &colours{id: "b"}
	if _, err := x.Update(t.Context(), Update{Roots: []Root{{Path: dir}}, Encoder: other, Loader: &images.Loader{}, Rebuild: true}); err != nil {
		t.Fatal(err)
	}
	if listed() != 41 || lists() == before {
		t.Fatal(listed(), "are listed in", lists())
	}
	x.sweep(t.Context())
	if _, err := os.Stat(before); err == nil {
		t.Fatal("the lists of vectors that don't count any more are left")
	}
}

// What takes its time beside the files is told.
func TestProgress(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	x := open(t, t.TempDir())
	x.many = 1
	paint(t, filepath.Join(dir, "a.png"), red, 0)
	var told []string
	_, err := x.Update(t.Context(), Update{Roots: []Root{{Path: dir}}, Encoder: &colours{id: "a"}, Loader: &images.Loader{}, Progress: func(r Report) {
		if r.Doing != "" && !slices.Contains(told, r.Doing) {
			told = append(told, r.Doing)
		}
	}})
	if want := []string{"looking through the vectors", "counting the files", "parting the vectors into lists"}; err != nil || !slices.Equal(told, want) {
		t.Errorf("it tells %q, %v", told, err)
	}
}

// That there can be no lists is a note.
func TestListsThatCantBeMade(t *testing.T) {
	t.Parallel()
	dir, e := t.TempDir(), &colours{id: "a"}
	x := open(t, filepath.Join(t.TempDir(), "index"))
	x.many = 1
	paint(t, filepath.Join(dir, "a.png"), red, 0)
	if err := os.MkdirAll(filepath.Join(x.dir, "vectors-1.lists", "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := update(t, x, e, dir, "1 files, 1 encoded, 0 known, 0 same, 0 removed, 0 failed")
	if len(r.Notes) != 1 {
		t.Fatalf("%q", r.Notes)
	}
	if got := search(t, x, e, "red", Query{K: 1}); len(got) != 1 {
		t.Fatal(got)
	}
}
