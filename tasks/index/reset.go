package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Recreate opens the index in a folder, as Create does. A database that is damaged gets another
// name, and an empty one its place: notice says so, and what the damaged one still tells of its
// roots is taken over. Thorough has the whole of it looked through for damage.
func Recreate(ctx context.Context, dir string, thorough bool) (x *Index, notice string, err error) {
	if x, err = wholeIn(ctx, dir, thorough); err == nil || !isBroken(err) {
		return x, "", err
	}
	// Of several that find it so one sets it aside.
	lock := flock.New(filepath.Join(dir, "opening.lock"), flock.SetPermissions(0o600))
	_ = lock.Lock() // where files can't be locked, it goes without
	defer func() { _ = lock.Unlock() }()
	if x, err = wholeIn(ctx, dir, true); err == nil || !isBroken(err) {
		return x, "", err
	}
	why, path := err, filepath.Join(dir, fileName)
	roots := rootsOf(ctx, dir)
	aside := fmt.Sprintf("%s.damaged-%s", path, time.Now().Format("20060102-150405.000"))
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, "", fmt.Errorf("setting a damaged index aside: %w", err)
		}
	}
	if x, err = Create(dir); err != nil {
		return nil, "", err
	}
	if err := x.change(ctx, "beginning", func(tx *sql.Tx) error { return remember(ctx, tx, roots) }); err != nil {
		x.Close()
		return nil, "", err
	}
	return x, fmt.Sprintf("%v; the database is now %s, and what it held is made anew from the pictures", why, aside), nil
}

func isBroken(err error) bool {
	_, is := errors.AsType[*Broken](err)
	return is
}

// wholeIn opens the index in a folder, or returns what is wrong with it.
func wholeIn(ctx context.Context, dir string, thorough bool) (*Index, error) {
	x, err := Create(dir)
	if err == nil && thorough {
		if err = x.Sound(ctx); err != nil {
			x.Close()
			return nil, err
		}
	}
	return x, err
}

// Sound looks through the database. The error is a *Broken if it contradicts itself.
func (x *Index) Sound(ctx context.Context) error {
	found, err := x.texts(ctx, "PRAGMA quick_check(1)")
	if err == nil && strings.Join(found, "") != "ok" {
		return &Broken{x.dir, errors.New(strings.Join(found, "; "))}
	}
	return err
}

// rootsOf reads the roots of a damaged index, as far as it still has them.
func rootsOf(ctx context.Context, dir string) []Root {
	x := &Index{dir: dir}
	if x.open("ro", false) != nil {
		return nil
	}
	defer x.Close()
	roots, _ := x.Roots(ctx)
	return roots
}

// Damaged are the rows of the index's vectors that are not as they were written. The next
// update makes them anew.
func (x *Index) Damaged(ctx context.Context) ([]int, error) {
	_, rows, err := x.damaged(ctx)
	return rows, err
}

// damaged also returns the state that the rows are of.
func (x *Index) damaged(ctx context.Context) (s State, rows []int, err error) {
	s, err = x.State(ctx)
	if err != nil || s.Empty() {
		return s, nil, err
	}
	f, err := x.openVectors(s)
	if err != nil {
		return s, nil, err
	}
	defer f.Close()
	if rows, err = f.Damaged(ctx); err != nil {
		return s, nil, x.broken(err)
	}
	rows, err = counting(ctx, x.db, rows)
	return s, rows, x.failure("reading", err)
}

// counting are those of rows that are the vectors of something. The others, as what was
// damaged and has been made anew, are in the file until it is put in order.
func counting(ctx context.Context, q querier, rows []int) (counting []int, err error) {
	for _, row := range rows {
		var one int
		switch err := q.QueryRowContext(ctx, "SELECT 1 FROM contents WHERE row=?", row).Scan(&one); {
		case err == nil:
			counting = append(counting, row)
		case !errors.Is(err, sql.ErrNoRows):
			return nil, err
		}
	}
	return counting, nil
}

// Remove removes the index in a folder, and the folder if there is nothing else in it.
func Remove(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if name == "opening.lock" || strings.HasPrefix(name, fileName) || strings.HasPrefix(name, "vectors-") {
			if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("removing the index: %w", err)
			}
		}
	}
	os.Remove(dir)
	return nil
}
