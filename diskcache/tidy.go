package diskcache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// entryFile is the file of an entry, by its name.
type entryFile struct {
	name string
	size int64
	used time.Time
}

// entryFiles lists the files of all entries. What is under such a name and no
// file is removed.
func entryFiles(root *os.Root) ([]entryFile, error) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("reading the folder of the cache: %w", err)
	}
	var files []entryFile
	for _, entry := range entries {
		if kindOf(entry.Name()) == "" {
			continue
		}
		fi, err := entry.Info()
		switch {
		case err != nil: // it was removed meanwhile
		case !fi.Mode().IsRegular():
			_ = root.Remove(entry.Name())
		default:
			files = append(files, entryFile{entry.Name(), fi.Size(), fi.ModTime()})
		}
	}
	return files, nil
}

// slack is the part of the limit that is put before the folder is looked through
// again, as others may have put something as well. Doing so each time would make
// each entry cost as much as there are files.
const slack = 32

// mayBeFull counts what was put, and reports whether it is time to look.
func (c *Cache) mayBeFull(put int64) bool {
	since := c.since.Add(put)
	return since >= c.limit/slack || c.found.Load()+since > c.limit
}

// tidy removes what writers left behind that were ended, and the entries that
// were not used for longest until each kind keeps to its share and all to the
// limit. The entry of a name stays.
func (c *Cache) tidy(root *os.Root, keep string) error {
	c.removeLeftovers(root)
	c.since.Store(0) // what is put from here on may be listed or not: it counts
	files, err := entryFiles(root)
	if err != nil {
		return err
	}
	total, of := int64(0), map[string]int64{}
	defer func() { c.found.Store(total) }()
	for _, f := range files {
		total += f.size
		of[kindOf(f.name)] += f.size
	}
	slices.SortFunc(files, func(a, b entryFile) int { return a.used.Compare(b.used) })
	// Kinds come down to their shares first: that may be enough.
	tooMany := func(f entryFile) bool {
		share, bounded := c.shares[kindOf(f.name)]
		return bounded && of[kindOf(f.name)] > share
	}
	for _, over := range []func(entryFile) bool{tooMany, func(entryFile) bool { return total > c.limit }} {
		var failed error
		files = slices.DeleteFunc(files, func(f entryFile) bool {
			if f.name == keep || failed != nil || !over(f) {
				return false
			}
			// Another process may have been faster.
			if err := root.Remove(f.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				failed = fmt.Errorf("making room in the cache: %w", err)
				return false
			}
			total -= f.size
			of[kindOf(f.name)] -= f.size
			return true
		})
		if failed != nil {
			return failed
		}
	}
	return nil
}

// removeLeftovers removes the files of writers that were ended in the middle,
// unless somebody writes just now: then it is left to the next time.
func (c *Cache) removeLeftovers(root *os.Root) {
	lock, err := c.lock(root)
	if err != nil {
		return
	}
	if alone, err := lock.TryLock(); err != nil || !alone {
		return
	}
	defer lock.Close()
	entries, _ := fs.ReadDir(root.FS(), ".")
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), tempPrefix) {
			_ = root.Remove(entry.Name())
		}
	}
}
