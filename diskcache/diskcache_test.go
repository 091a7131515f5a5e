package diskcache

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func open(t *testing.T, dir string, limit int64) *Cache {
	t.Helper()
	c, err := Open(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// bytesOf is a function for Put.
func bytesOf(value []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(value)
		return err
	}
}

func put(t *testing.T, c *Cache, kind, key, note string, value []byte) {
	t.Helper()
	if err := c.Put(kind, key, []byte(note), bytesOf(value)); err != nil {
		t.Fatal(err)
	}
}

// holds reports whether a value is in the cache as it was put.
func holds(c *Cache, kind, key, note string, value []byte) bool {
	gotNote, got, err := c.Get(kind, key)
	return err == nil && string(gotNote) == note && bytes.Equal(got, value)
}

// files names what is in a cache's folder, the lock left out.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.Name() != lockName {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestPutAndGet(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	c := open(t, dir, 10<<20)
	large := bytes.Repeat([]byte("0123456789"), 100_000)
	for _, e := range []struct {
		kind, key, note string
		value           []byte
	}{
		{"state", "", "", nil},
		{"state", "../../etc/passwd\x00\n", "a note", []byte("a value")},
		{"picture", "same", "one", []byte("picture")},
		{"state", "same", strings.Repeat("n", maxNote), large},
		{"state", strings.Repeat("k", maxKey), "", []byte("x")},
	} {
		put(t, c, e.kind, e.key, e.note, e.value)
		if !holds(c, e.kind, e.key, e.note, e.value) || !c.Has(e.kind, e.key) {
			t.Errorf("%s %.20q is not as it was put", e.kind, e.key)
		}
		if !holds(open(t, dir, 10<<20), e.kind, e.key, e.note, e.value) {
			t.Errorf("%s %.20q is not as it was put for another one", e.kind, e.key)
		}
	}
	if !holds(c, "picture", "same", "one", []byte("picture")) {
		t.Error("a state of the same key replaced the picture")
	}
	put(t, c, "picture", "same", "two", []byte("another"))
	if !holds(c, "picture", "same", "two", []byte("another")) {
		t.Error("a value is not replaced")
	}
	n, size, err := c.Size()
	if least := int64(len(large) + maxNote + maxKey); err != nil || n != 5 || size < least || size > least+1000 {
		t.Errorf("%d entries of %d bytes, %v", n, size, err)
	}
	for _, name := range files(t, dir) {
		fi, err := os.Stat(filepath.Join(dir, name))
		if err != nil || os.PathSeparator == '/' && fi.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v, %v", name, fi.Mode(), err)
		}
	}

	if err := errors.Join(c.Remove("picture", "same"), c.Remove("picture", "same")); err != nil {
		t.Error(err)
	}
	if _, _, err := c.Get("picture", "same"); !errors.Is(err, ErrNotFound) || c.Has("picture", "same") {
		t.Errorf("what was removed: %v", err)
	}
	if err := c.Clear(); err != nil {
		t.Error(err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("cleared, it holds %q", left)
	}
	put(t, c, "state", "after", "", []byte("x"))
}

func TestList(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := open(t, dir, 1<<20)
	if entries, err := c.List("state"); len(entries) != 0 || err != nil {
		t.Errorf("an empty cache lists %v, %v", entries, err)
	}
	start := time.Now().Add(-time.Hour)
	for i, key := range []string{"first", "second", "third"} {
		put(t, c, "state", key, "note of "+key, make([]byte, 10*i))
		used := start.Add(time.Duration(i) * time.Minute)
		if err := os.Chtimes(filepath.Join(dir, fileName("state", key)), used, used); err != nil {
			t.Fatal(err)
		}
	}
	put(t, c, "picture", "other", "", nil)
	if _, _, err := c.Get("state", "first"); err != nil { // now it is the last used
		t.Fatal(err)
	}
	entries, err := c.List("state")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, fmt.Sprintf("%s, %s, %d", e.Key, e.Note, e.Size))
		if since := time.Since(e.Used); since < 0 || since > 2*time.Hour {
			t.Errorf("%s was used %v ago", e.Key, since)
		}
	}
	if want := []string{"first, note of first, 0", "third, note of third, 20", "second, note of second, 10"}; !slices.Equal(got, want) {
		t.Errorf("it lists %q, want %q", got, want)
	}
}

// What can't be kept leaves what was there, and nothing else.
func TestFailedPut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := open(t, dir, 100_000)
	put(t, c, "state", "k", "old", []byte("old value"))
	wrong := errors.New("computing it failed")
	for name, put := range map[string]struct {
		err   error
		kind  string
		key   string
		note  []byte
		value func(io.Writer) error
	}{
		"failing": {wrong, "state", "k", nil, func(w io.Writer) error {
			return errors.Join(bytesOf(make([]byte, 20_000))(w), wrong)
		}},
		"too large": {ErrTooLarge, "state", "k", nil, bytesOf(make([]byte, 50_001))},
		"too large, unnoticed by its writer": {ErrTooLarge, "state", "k", nil, func(w io.Writer) error {
			for range 60 {
				_, _ = w.Write(make([]byte, 1000))
			}
			return nil
		}},
		"a long note":    {nil, "state", "k", make([]byte, maxNote+1), bytesOf(nil)},
		"a long key":     {nil, "state", strings.Repeat("k", maxKey+1), nil, bytesOf(nil)},
		"a path as kind": {nil, "../x", "k", nil, bytesOf(nil)},
		"no kind":        {nil, "", "k", nil, bytesOf(nil)},
	} {
		err := c.Put(put.kind, put.key, put.note, put.value)
		if err == nil || put.err != nil && !errors.Is(err, put.err) {
			t.Errorf("%s: the error is %v", name, err)
		}
		if left := files(t, dir); len(left) != 1 || !holds(c, "state", "k", "old", []byte("old value")) {
			t.Errorf("%s: there is %q", name, left)
		}
	}
	func() {
		defer func() { _ = recover() }()
		_ = c.Put("state", "k", nil, func(w io.Writer) error { panic("in the middle") })
	}()
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("after a panic there is %q", left)
	}
	put(t, c, "state", "k", "new", make([]byte, 50_000)) // just not too large
}

// A writer that gets no more room is told at once, not when the disk is full.
func TestTooLargeStopsEarly(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir(), 1000)
	written := 0
	err := c.Put("state", "k", nil, func(w io.Writer) error {
		for {
			n, err := w.Write(make([]byte, 100))
			if written += n; err != nil {
				return err
			}
		}
	})
	if !errors.Is(err, ErrTooLarge) || written != 500 {
		t.Errorf("%d bytes were written, %v", written, err)
	}
}

// The limit is kept, and who was used last stays.
func TestLeastRecentlyUsedGo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	value := make([]byte, 1000)
	entry := int64(len(head{kind: "state", key: "0"}.encode()) + len(value))
	c := open(t, dir, 4*entry)
	used := time.Now().Add(-time.Hour)
	for i := range 4 {
		key := fmt.Sprint(i)
		put(t, c, "state", key, "", value)
		used = used.Add(time.Minute)
		if err := os.Chtimes(filepath.Join(dir, fileName("state", key)), used, used); err != nil {
			t.Fatal(err)
		}
	}
	there := func() string {
		var keys []string
		entries, err := c.List("state")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			keys = append(keys, e.Key)
		}
		slices.Sort(keys)
		return strings.Join(keys, "")
	}
	if got := there(); got != "0123" {
		t.Errorf("to the byte, %s are there", got)
	}
	if !holds(c, "state", "0", "", value) {
		t.Error("the first one is gone")
	}
	put(t, c, "state", "4", "", value)
	if got := there(); got != "0234" {
		t.Errorf("after using 0 and putting 4, %s are there", got)
	}
	put(t, c, "state", "5", "", value[:1])
	if got := there(); got != "0345" {
		t.Errorf("after putting 5, %s are there", got)
	}
	// Somebody allows less.
	open(t, dir, entry+200)
	if got := there(); got != "45" {
		t.Errorf("with a lower limit, %s are there", got)
	}
}

// What is not an entry any more is not found and gone, whatever happened to it,
// and never another value.
func TestDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := open(t, dir, 1<<20)
	value := []byte("the value, whose bytes count")
	put(t, c, "state", "the key", "the note", value)
	path := filepath.Join(dir, fileName("state", "the key"))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if note, got, err := c.Get("state", "the key"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %q, %q, %v", what, note, got, err)
		}
		if _, err := os.Lstat(path); err == nil {
			t.Errorf("%s: the file is still there", what)
		}
	}
	for i := range whole {
		for _, flip := range []byte{1, 0x80, 0xff} {
			content := bytes.Clone(whole)
			content[i] ^= flip
			check(fmt.Sprintf("byte %d flipped by %#x", i, flip), content)
		}
		check(fmt.Sprintf("cut to %d bytes", i), whole[:i])
		check(fmt.Sprintf("%d bytes taken out of the middle", i), append(bytes.Clone(whole[:i/2]), whole[i/2+i%7+1:]...))
	}
	check("a byte more", append(bytes.Clone(whole), 0))
	check("zeros, as after a power cut", make([]byte, len(whole)))
	zeroed := bytes.Clone(whole)
	clear(zeroed[len(whole)-len(value):])
	check("a value of zeros", zeroed)
	check("twice", append(bytes.Clone(whole), whole...))

	// Whole files of other entries, under this one's name.
	for _, other := range []head{{kind: "state", key: "another"}, {kind: "picture", key: "the key"}} {
		put(t, c, other.kind, other.key, "", value)
		content, err := os.ReadFile(filepath.Join(dir, fileName(other.kind, other.key)))
		if err != nil {
			t.Fatal(err)
		}
		check("the file of "+other.kind+" "+other.key, content)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if entries, err := c.List("state"); err != nil || slices.ContainsFunc(entries, func(e Entry) bool { return e.Key == "the key" }) {
			t.Errorf("it lists %v, %v", entries, err)
		}
		if _, err := os.Lstat(path); err == nil {
			t.Error("listing leaves the file of another")
		}
	}

	// Listing reads no value, but it finds what the head and the size can tell.
	if err := os.WriteFile(path, whole[:len(whole)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if entries, err := c.List("state"); err != nil || slices.ContainsFunc(entries, func(e Entry) bool { return e.Key == "the key" }) {
		t.Errorf("a cut file is listed: %v, %v", entries, err)
	}
}

// The user's own files in the folder are left alone.
func TestOtherFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := open(t, dir, 1000)
	others := []string{"README", "state-", "state-abc", "State-" + strings.Repeat("0", 64), "x"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, 2000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(t, c, "state", "k", "", []byte("x"))
	open(t, dir, 500)
	if n, _, err := c.Size(); n != 1 || err != nil {
		t.Errorf("%d entries, %v", n, err)
	}
	if err := c.Clear(); err != nil {
		t.Error(err)
	}
	slices.Sort(others)
	if got := files(t, dir); !slices.Equal(got, others) {
		t.Errorf("left are %q", got)
	}
}

// Somebody may remove the whole folder while it is in use.
func TestFolderThatIsGone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	c := open(t, dir, 1000)
	put(t, c, "state", "k", "", []byte("x"))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Get("state", "k"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the error is %v", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	put(t, c, "state", "k", "", []byte("y"))
	if !holds(c, "state", "k", "", []byte("y")) {
		t.Error("nothing is kept any more")
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, limit := range []int64{0, -1} {
		dir := filepath.Join(t.TempDir(), "cache")
		if _, err := Open(dir, limit); err == nil {
			t.Errorf("a limit of %d is taken", limit)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("for a limit of %d there is a folder", limit)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if _, err := Open(dir, 1000); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", dir, err)
		}
	}
}
