package diskcache

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// The folder is not looked through each time, and yet holds no more than it may:
// with small values, which are what adds up unseen, from two at once.
func TestBoundWithManySmallEntries(t *testing.T) {
	t.Parallel()
	const limit = 256 << 10
	dir := t.TempDir()
	var caches []*Cache
	for range 2 {
		c, err := Open(dir, limit)
		if err != nil {
			t.Fatal(err)
		}
		caches = append(caches, c)
	}
	most := int64(0)
	for i := range 600 {
		err := caches[i%2].Put("picture", fmt.Sprint(i), nil, func(w io.Writer) error {
			_, err := w.Write(make([]byte, 1<<10))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, size, err := caches[0].Size()
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, size)
	}
	if allowed := int64(limit + limit/slack); most > allowed {
		t.Errorf("the files had %d bytes together, and %d are allowed", most, allowed)
	}
	if most < limit*3/4 {
		t.Errorf("the files had %d bytes together at most, of %d that are allowed", most, limit)
	}
}

// A kind that has a share keeps to it, and nothing else goes for that.
func TestShares(t *testing.T) {
	t.Parallel()
	const limit = 100_000
	c := open(t, t.TempDir(), limit)
	c.Share("state", limit/4*3)
	for i := range 10 {
		put(t, c, "picture", fmt.Sprint(i), "", make([]byte, 1000))
	}
	for i := range 10 {
		put(t, c, "state", fmt.Sprint(i), "", make([]byte, 30_000))
	}
	states, err := c.List("state")
	if err != nil || len(states) != 2 || states[0].Key != "9" || states[1].Key != "8" {
		t.Errorf("these states are left: %v, %v", states, err)
	}
	if pictures, err := c.List("picture"); err != nil || len(pictures) != 10 {
		t.Errorf("%d of 10 pictures are left, %v", len(pictures), err)
	}
	// One that fills half of the cache leaves room for another.
	put(t, c, "state", "large", "", make([]byte, c.Largest()))
	if states, err = c.List("state"); err != nil || len(states) != 1 || states[0].Key != "large" {
		t.Errorf("beside a large state there is %v, %v", states, err)
	}
	put(t, c, "state", "small", "", make([]byte, 20_000))
	if states, err = c.List("state"); err != nil || len(states) != 2 {
		t.Errorf("beside a large state there is %v, %v", states, err)
	}
}

func TestRemoveIf(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := open(t, dir, 1<<20)
	for i := range 4 {
		put(t, c, "state", fmt.Sprint(i), fmt.Sprint("note", i%2), []byte("x"))
		put(t, c, "picture", fmt.Sprint(i), fmt.Sprint("note", i%2), []byte("x"))
	}
	if err := os.WriteFile(filepath.Join(dir, tempPrefix+"1-left"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.RemoveIf("state", func(e Entry) bool { return string(e.Note) == "note1" }); err != nil {
		t.Fatal(err)
	}
	if n, _, err := c.Size(); err != nil || n != 6 || c.Has("state", "1") || !c.Has("state", "2") || !c.Has("picture", "1") {
		t.Errorf("%d entries are left, %v", n, err)
	}
	if left := files(t, dir); len(left) != 6 {
		t.Errorf("left is %q", left)
	}
}
