package sessions

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Tidied is what Tidy has found to remove, and has removed unless it was to look only.
type Tidied struct {
	Pictures int      `json:"pictures"` // that nothing needs
	Files    int      `json:"files"`    // that processes which were killed have left
	Bytes    int64    `json:"bytes"`    // of both, and what the database has become smaller
	Copies   []string `json:"copies"`   // of the database: see Copies
	Lost     int      `json:"lost"`     // pictures of conversations whose files are gone: these can't be helped

	gone []string // the pictures
}

// unfinished is how old a file has to be that was being written, to be taken for left
// behind.
const unfinished = time.Hour

// CopiesStay is for how long copies of the database are kept: by then a new version of
// vlmchat, or what was salvaged, has shown that it is good.
const CopiesStay = 30 * 24 * time.Hour

// Tidy removes what no conversation needs: pictures, files of processes that were killed,
// copies of the database that were made so long ago. It makes the database small. With
// look it only counts.
func (s *Store) Tidy(ctx context.Context, copiesOlder time.Duration, look bool) (Tidied, error) {
	const doing = "tidying up the conversations"
	var t Tidied
	if err := s.check(); err != nil {
		return t, s.failed(doing, err)
	}
	// Who writes a picture does so in a transaction: while this one lasts, none is on
	// its way.
	err := s.change(ctx, doing, func(tx *sql.Tx) error {
		if err := s.tidyPictures(ctx, tx, look, &t); err != nil {
			return err
		}
		return s.tidyLeftovers(look, &t)
	})
	if err == nil && !look {
		err = s.tellRemoved(ctx, nil, t.gone)
	}
	if err != nil {
		return t, err
	}
	for _, c := range s.Copies() {
		if time.Since(c.Made) < copiesOlder {
			continue
		}
		t.Copies = append(t.Copies, c.File)
		t.Bytes += c.Bytes
		if !look {
			if err := c.remove(); err != nil {
				return t, failure(doing, err)
			}
		}
	}
	if look {
		return t, nil
	}
	before := s.databaseBytes()
	for _, statement := range []string{"INSERT INTO texts (texts) VALUES ('optimize')", "VACUUM", "PRAGMA optimize", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := s.write.ExecContext(ctx, statement); err != nil {
			return t, s.failed(doing, err)
		}
	}
	t.Bytes += max(0, before-s.databaseBytes())
	return t, nil
}

// tidyPictures removes pictures that the database does not have or nothing in it needs, and
// their thumbnails, and counts those whose files are gone.
func (s *Store) tidyPictures(ctx context.Context, tx *sql.Tx, look bool, t *Tidied) error {
	pictures, err := textsOf(ctx, tx, "SELECT picture FROM parts WHERE picture IS NOT NULL UNION SELECT picture FROM needed")
	if err != nil {
		return err
	}
	needed := map[string]bool{}
	for _, sha256 := range pictures {
		needed[sha256] = true
	}
	if !look {
		if _, err := tx.ExecContext(ctx, `DELETE FROM pictures WHERE sha256 NOT IN
			(SELECT picture FROM parts WHERE picture IS NOT NULL UNION SELECT picture FROM needed)`); err != nil {
			return err
		}
	}
	there := map[string]bool{}
	err = s.files("pictures", func(path string, info fs.FileInfo) error {
		name := filepath.Base(path)
		if right, err := s.pictureFile(name); err != nil || right != path {
			return nil // none that was put there by us
		}
		if there[name] = true; needed[name] {
			return nil
		}
		t.Pictures++
		t.gone = append(t.gone, name)
		return t.removes(path, info, look)
	})
	for sha256 := range needed {
		if !there[sha256] {
			t.Lost++
		}
	}
	if err != nil {
		return err
	}
	return s.files("thumbnails", func(path string, info fs.FileInfo) error {
		if needed[strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))] {
			return nil
		}
		return t.removes(path, info, look)
	})
}

// leftovers are how names of files begin that are on their way to others: a picture, a
// backup, what was salvaged.
var leftovers = []string{".new-", ".backup-", ".salvage-"}

// tidyLeftovers removes what processes have left that were killed.
func (s *Store) tidyLeftovers(look bool, t *Tidied) error {
	err := s.files("", func(path string, info fs.FileInfo) error {
		begins := func(name string) bool { return strings.HasPrefix(info.Name(), name) }
		if !slices.ContainsFunc(leftovers, begins) || time.Since(info.ModTime()) < unfinished {
			return nil
		}
		t.Files++
		return t.removes(path, info, look)
	})
	if err != nil {
		return err
	}
	return s.files("open", func(path string, _ fs.FileInfo) error {
		session, isLock := strings.CutSuffix(filepath.Base(path), ".lock")
		if !isLock {
			return nil
		}
		h, err := s.Hold(session)
		if err != nil {
			return nil // it is open
		}
		t.Files++
		if look {
			return h.lock.Unlock()
		}
		h.Release()
		return nil
	})
}

// files does something with every ordinary file of a folder of the store.
func (s *Store) files(folder string, do func(path string, info fs.FileInfo) error) error {
	return filepath.WalkDir(filepath.Join(s.dir, folder), func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return do(path, info)
	})
}

// removes removes a file and counts it.
func (t *Tidied) removes(path string, info fs.FileInfo, look bool) error {
	t.Bytes += info.Size()
	if look {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Copy is a database that is not in use any more: one that was damaged, or was made before
// the tables were brought up to date. What was removed since is still in it.
type Copy struct {
	File  string
	Bytes int64
	Made  time.Time
}

// besides are the endings of the files that SQLite has beside a database.
var besides = []string{"-wal", "-shm", "-journal"}

// Copies returns the copies of the database that are in the store's folder.
func (s *Store) Copies() []Copy {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil // what can't be read is not there
	}
	var all []Copy
	for _, e := range entries {
		after, ours := strings.CutPrefix(e.Name(), fileName)
		ends := func(name string) bool { return strings.HasSuffix(after, name) }
		if !ours || !strings.HasPrefix(after, ".version-") && !strings.HasPrefix(after, ".damaged-") || slices.ContainsFunc(besides, ends) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue
		}
		all = append(all, Copy{filepath.Join(s.dir, e.Name()), info.Size(), info.ModTime()})
	}
	return all
}

// remove removes a copy with the files that SQLite has beside it.
func (c Copy) remove() error {
	var errs []error
	for _, suffix := range append([]string{""}, besides...) {
		if err := os.Remove(c.File + suffix); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// databaseBytes is how much the database takes on the disk, with its log.
func (s *Store) databaseBytes() int64 {
	total := int64(0)
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(filepath.Join(s.dir, fileName+suffix)); err == nil {
			total += info.Size()
		}
	}
	return total
}
