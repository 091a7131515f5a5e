// Package diskcache keeps values that cost time to compute in files, for the
// next process that needs them. The files lie in a folder that only the user can
// enter, are bounded in bytes together, and are shared by any number of
// processes. Nothing in them is trusted: what is not found exactly as it was put
// is not found.
package diskcache

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
)

// ErrNotFound is returned for what is not in the cache, or no longer as it was
// put there.
var ErrNotFound = errors.New("not in the cache")

// ErrTooLarge is returned for a value that would fill more than half of the
// cache.
var ErrTooLarge = errors.New("too large for the cache")

// Cache is a folder of entries. It can be used by several goroutines, and the
// folder by several processes, at once.
type Cache struct {
	dir    string
	limit  int64
	shares map[string]int64 // of the limit, by kind

	// What all files had together when tidy last looked through them, and what
	// this process has put since.
	found, since atomic.Int64
}

// Entry is what is known of a value without reading it.
type Entry struct {
	Key  string
	Note []byte
	Size int64     // of the value, in bytes
	Used time.Time // when it was last put or got
}

// Open takes the cache in dir, and makes the folder if there is none. The limit
// is that of all files together, in bytes; it has to be above 0, and where less
// is allowed than there is, the entries that were not used for longest are
// removed at once. A folder that is another user's, or that others may write to,
// is refused.
func Open(dir string, limit int64) (*Cache, error) {
	if limit <= 0 {
		return nil, fmt.Errorf("a cache of %d bytes was asked for, which holds nothing", limit)
	}
	c := &Cache{dir: dir, limit: limit}
	root, err := c.open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return c, c.tidy(root, "")
}

// Share bounds what entries of a kind may have together, for this process: beyond
// it those of that kind that were not used for longest go. It is called before the
// cache is used.
func (c *Cache) Share(kind string, bytes int64) {
	if c.shares == nil {
		c.shares = map[string]int64{}
	}
	c.shares[kind] = bytes
}

// Largest is the size of the largest value that the cache takes, in bytes.
func (c *Cache) Largest() int64 { return c.limit / 2 }

// Private makes a folder that only the user can enter, unless it is there. One that is
// another user's, or that others may write to, is refused: what lies in it may be what
// they want to be used.
func Private(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the folder of the cache: %w", err)
	}
	return makePrivate(dir)
}

// open makes the folder if it is missing, somebody may have removed it, and
// opens it if nobody else can have had a hand in it. By the root that it
// returns, no link leads out of the folder.
func (c *Cache) open() (*os.Root, error) {
	if err := Private(c.dir); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(c.dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder of the cache: %w", err)
	}
	return root, nil
}

// Put keeps what value writes, and a note of at most 64 KiB with it, under a
// kind, a word in small letters, and any key. What was kept there before is
// replaced; if the value can't be written whole, it still is there as it was, and
// an error of value's is returned. Entries that were not used for longest go until
// the limit is kept; while a value is written it comes on top, and a 32nd part of
// the limit at most that each other process has put meanwhile.
func (c *Cache) Put(kind, key string, note []byte, value func(io.Writer) error) error {
	h := head{kind: kind, key: key, note: note}
	if err := h.check(); err != nil {
		return err
	}
	root, err := c.open()
	if err != nil {
		return err
	}
	defer root.Close()
	name := fileName(kind, key)
	if err := c.write(root, name, &h, value); err != nil {
		return fmt.Errorf("keeping a %s in the cache %s: %w", kind, c.dir, err)
	}
	if c.mayBeFull(int64(len(h.encode())) + int64(h.valueLength)) {
		return c.tidy(root, name)
	}
	return nil
}

// write brings an entry into being at once and whole. Its bytes may reach the
// disk later: what a power cut leaves of them, the checksums tell.
func (c *Cache) write(root *os.Root, name string, h *head, value func(io.Writer) error) error {
	// Whoever gets this lock for itself knows that nobody writes.
	lock, err := c.lock(root)
	if err != nil {
		return err
	}
	if err := lock.RLock(); err != nil {
		return err
	}
	defer lock.Close()

	temp := fmt.Sprintf("%s%d-%016x", tempPrefix, os.Getpid(), rand.Uint64())
	f, err := root.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = root.Remove(temp) }() // in vain, if it has its name by then
	defer f.Close()
	// The head is written twice: what it tells of the value comes last.
	if _, err := f.Write(h.encode()); err != nil {
		return err
	}
	w := &valueWriter{w: bufio.NewWriterSize(f, 64<<10), left: c.Largest()}
	if err := errors.Join(value(w), w.err); err != nil {
		return err
	}
	if err := w.w.Flush(); err != nil {
		return err
	}
	h.valueLength, h.valueSum = w.length, w.sum
	if _, err := f.WriteAt(h.encode(), 0); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	markUsed(root, temp)
	return root.Rename(temp, name)
}

// valueWriter writes a value, and refuses to go on where it becomes too large.
type valueWriter struct {
	w      *bufio.Writer
	left   int64
	length uint64
	sum    uint32
	err    error // the first, which holds for all that is written later
}

func (w *valueWriter) Write(b []byte) (int, error) {
	if w.err == nil && int64(len(b)) > w.left {
		w.err = ErrTooLarge
	}
	if w.err != nil {
		return 0, w.err
	}
	var n int
	n, w.err = w.w.Write(b)
	w.left -= int64(n)
	w.length += uint64(n)
	w.sum = crc32.Update(w.sum, castagnoli(), b[:n])
	return n, w.err
}

// Get returns a value and the note with it, or ErrNotFound. A file that is
// damaged, or no entry at all, is removed and is ErrNotFound, too.
func (c *Cache) Get(kind, key string) (note, value []byte, err error) {
	root, err := c.open()
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	name := fileName(kind, key)
	h, value, err := c.read(root, name, true)
	if err != nil {
		return nil, nil, err
	}
	if h.kind != kind || h.key != key {
		_ = root.Remove(name)
		return nil, nil, ErrNotFound
	}
	markUsed(root, name)
	return h.note, value, nil
}

// markUsed gives a file the time of now, and by the same clock in each case: that
// of a file system lags behind. If it fails, an entry goes a little early.
func markUsed(root *os.Root, name string) {
	now := time.Now()
	_ = root.Chtimes(name, now, now)
}

// Has reports whether there is a value. It may turn out to be damaged yet.
func (c *Cache) Has(kind, key string) bool {
	root, err := c.open()
	if err != nil {
		return false
	}
	defer root.Close()
	fi, err := root.Lstat(fileName(kind, key))
	return err == nil && fi.Mode().IsRegular()
}

// List returns the entries of a kind, those that were used last first.
func (c *Cache) List(kind string) ([]Entry, error) {
	root, err := c.open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files, err := entryFiles(root)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, f := range files {
		if kindOf(f.name) != kind {
			continue
		}
		h, _, err := c.read(root, f.name, false)
		if err != nil {
			continue // it was removed meanwhile, or just now
		}
		if fileName(h.kind, h.key) != f.name {
			_ = root.Remove(f.name)
			continue
		}
		entries = append(entries, Entry{Key: h.key, Note: h.note, Size: int64(h.valueLength), Used: f.used})
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return b.Used.Compare(a.Used) })
	return entries, nil
}

// read reads a file's head and, if it is wanted, its value.
func (c *Cache) read(root *os.Root, name string, wantValue bool) (h head, value []byte, err error) {
	fi, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil, ErrNotFound
	}
	if err != nil {
		return h, nil, fmt.Errorf("reading the cache: %w", err)
	}
	if fi.Mode().IsRegular() { // else opening it could wait, or lead elsewhere
		f, err := root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			return h, nil, ErrNotFound
		}
		if err != nil {
			return h, nil, fmt.Errorf("reading the cache: %w", err)
		}
		defer f.Close()
		if fi, err := f.Stat(); err == nil && fi.Size() <= c.limit {
			if h, value, err = readEntry(f, fi.Size(), wantValue); err == nil {
				return h, value, nil
			}
		}
	}
	_ = root.Remove(name)
	return head{}, nil, ErrNotFound
}

// Remove forgets an entry. That there is none is no error.
func (c *Cache) Remove(kind, key string) error {
	root, err := c.open()
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Remove(fileName(kind, key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing a %s from the cache: %w", kind, err)
	}
	return nil
}

// RemoveIf forgets the entries of a kind of which gone reports true, and what was left
// half written.
func (c *Cache) RemoveIf(kind string, gone func(Entry) bool) error {
	entries, err := c.List(kind)
	if err != nil {
		return err
	}
	root, err := c.open()
	if err != nil {
		return err
	}
	defer root.Close()
	c.removeLeftovers(root)
	for _, e := range entries {
		if !gone(e) {
			continue
		}
		if e := root.Remove(fileName(kind, e.Key)); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, fmt.Errorf("removing a %s from the cache: %w", kind, e))
		}
	}
	return err
}

// Clear forgets everything. What is being put meanwhile may come after it.
func (c *Cache) Clear() error {
	root, err := c.open()
	if err != nil {
		return err
	}
	defer root.Close()
	c.removeLeftovers(root)
	files, err := entryFiles(root)
	for _, f := range files {
		if e := root.Remove(f.name); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, fmt.Errorf("clearing the cache: %w", e))
		}
	}
	return err
}

// Size returns the number of entries and the bytes of their files: of all, or of some
// kinds alone.
func (c *Cache) Size(kinds ...string) (entries int, bytes int64, err error) {
	root, err := c.open()
	if err != nil {
		return 0, 0, err
	}
	defer root.Close()
	files, err := entryFiles(root)
	for _, f := range files {
		if len(kinds) == 0 || slices.Contains(kinds, kindOf(f.name)) {
			entries++
			bytes += f.size
		}
	}
	return entries, bytes, err
}

// lock is the lock that writers share. It is not locked yet.
func (c *Cache) lock(root *os.Root) (*flock.Flock, error) {
	if fi, err := root.Lstat(lockName); err == nil && !fi.Mode().IsRegular() {
		if err := root.Remove(lockName); err != nil {
			return nil, err
		}
	}
	return flock.New(filepath.Join(c.dir, lockName)), nil
}

// What the folder holds: entries by the names of fileName, files that are being
// written, and the lock.
const (
	tempPrefix = "put-"
	lockName   = "lock"
)

// fileName is the name of an entry's file, whatever is in its key.
func fileName(kind, key string) string {
	sum := sha256.Sum256([]byte(key))
	return kind + "-" + hex.EncodeToString(sum[:])
}

// kindOf is the kind of the entry whose file has a name, "" if it is no entry's.
func kindOf(name string) string {
	kind, sum, _ := strings.Cut(name, "-")
	if b, err := hex.DecodeString(sum); err != nil || len(b) != sha256.Size || !validKind(kind) {
		return ""
	}
	return kind
}

// validKind wants a word, which makes a file's name on any system.
func validKind(kind string) bool {
	return 0 < len(kind) && len(kind) <= maxKind && len(bytes.Trim([]byte(kind), "abcdefghijklmnopqrstuvwxyz")) == 0
}
