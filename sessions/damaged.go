package sessions

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// suspicion is the file by which a process tells those after it that the database
// contradicted itself.
const suspicion = "damaged"

// suspect has the database looked through when it is opened next.
func suspect(dir string) {
	f, err := os.OpenFile(filepath.Join(dir, suspicion), os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		f.Close()
	}
}

func suspected(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, suspicion))
	return err == nil
}

// salvagedEnding is that of a database that was made of a damaged one and is whole, but is
// not in its place yet.
const salvagedEnding = ".salvaged"

// openingLock is had alone by who sets a database aside, and shared by those who open it.
func openingLock(dir string) *flock.Flock {
	return flock.New(filepath.Join(dir, "opening.lock"), flock.SetPermissions(0o600))
}

// setAside gives a damaged database another name, and puts one in its place that has what
// can be salvaged; it says so. It does nothing if the database turns out to be whole:
// another process may have set the damaged one aside.
func setAside(dir string) (notice string, err error) {
	lock := openingLock(dir)
	if err := lock.Lock(); err != nil {
		return "", failure("looking through the conversations in "+dir, err)
	}
	defer func() { _ = lock.Unlock() }()
	path := filepath.Join(dir, fileName)
	suspect(dir) // until all is done: who is killed before is followed by one who goes on
	says := "What could be read of it was salvaged."
	if _, err := os.Lstat(path + salvagedEnding); err != nil { // else who made it was killed
		found := damageOf(path)
		if !isDamage(found) {
			if found == nil {
				found = os.Remove(filepath.Join(dir, suspicion))
			}
			return "", found
		}
		release := silence(path)
		defer release()
		if says, err = rescue(path); err != nil {
			return "", failure("salvaging the conversations in "+dir, err)
		}
		says = fmt.Sprintf("(SQLite: %s.) %s", cause(found), says)
		if runtime.GOOS == "windows" {
			release() // there nothing that is open gets another name
		}
	}
	aside, err := swap(path)
	if err != nil {
		return "", failure("setting a damaged database aside", err)
	}
	os.Remove(filepath.Join(dir, suspicion))
	return fmt.Sprintf("The database of conversations was damaged. %s The damaged one is now %s; the pictures are where they were.", says, aside), nil
}

// silence keeps others that have a damaged database open from writing to it, as far as it
// can still be locked: what they added would be neither in what is salvaged nor found later.
// Afterwards they see that it is not in its place any more.
func silence(path string) (release func()) {
	db, err := connect(path, 1, "immediate")
	if err != nil {
		return func() {}
	}
	tx, err := db.Begin()
	return sync.OnceFunc(func() {
		if err == nil {
			_ = tx.Rollback()
		}
		_ = db.Close()
	})
}

// swap gives a damaged database another name, which it returns, and its name to what was
// salvaged of it.
func swap(path string) (aside string, err error) {
	aside = fmt.Sprintf("%s.damaged-%s", path, time.Now().Format("20060102-150405.000"))
	for _, suffix := range append([]string{""}, besides...) {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	if err := os.Rename(path+salvagedEnding, path); err != nil {
		return "", err
	}
	syncDir(filepath.Dir(path))
	return aside, nil
}

// damageOf looks through a database, and returns what is wrong with it.
func damageOf(path string) error {
	s, err := openAt(path, migrations)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.check()
}

// rescue makes a new database beside a damaged one, with what can be salvaged, and says
// how much that is.
func rescue(path string) (says string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".salvage-*") // its mode is 0600
	if err != nil {
		return "", err
	}
	f.Close()
	defer os.Remove(f.Name()) // if it is still there
	s, err := openAt(f.Name(), migrations)
	if err != nil {
		return "", err
	}
	w, err := salvage(path)
	if err == nil {
		says, err = w.tells(), w.refill(context.Background(), s)
	}
	if closed := s.Close(); err == nil && closed != nil {
		return "", closed
	}
	if hasNoRoom(err) {
		return "", err // there may be room later
	}
	if err != nil {
		says = fmt.Sprintf("Nothing could be salvaged (%s).", cause(err))
	}
	return says, os.Rename(f.Name(), path+salvagedEnding)
}

// check looks through the whole database.
func (s *Store) check() error {
	var says string
	if err := s.write.QueryRowContext(context.Background(), "PRAGMA quick_check(1)").Scan(&says); err != nil {
		return failure("looking through the conversations", err)
	}
	if says != "ok" {
		return &damage{says}
	}
	return nil
}

// damage is what SQLite finds that is wrong with a database.
type damage struct{ says string }

func (d *damage) Error() string { return d.says }

// cause is an error without what was tried.
func cause(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Err != nil {
		err = e.Err
	}
	// SQLite's checks have a heading above their lines.
	return strings.Join(strings.Fields(strings.TrimPrefix(err.Error(), "*** in database main ***")), " ")
}
