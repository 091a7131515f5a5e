package sessions

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// suspicion is the file by which a process tells those after it that the database
// contradicted itself.
const suspicion = "damaged"

// suspect has the database looked through when it is opened next.
func (s *Store) suspect() {
	f, err := os.OpenFile(filepath.Join(s.dir, suspicion), os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		f.Close()
	}
}

func suspected(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, suspicion))
	return err == nil
}

// setAside gives a damaged database another name, so that a new one can be begun, and
// says so. It does nothing if the database turns out to be whole: another process may
// have set the damaged one aside.
func setAside(dir string) (notice string, err error) {
	lock := flock.New(filepath.Join(dir, "opening.lock"))
	if err := lock.Lock(); err != nil {
		return "", failure("looking through the conversations in "+dir, err)
	}
	defer func() { _ = lock.Unlock() }()
	path := filepath.Join(dir, fileName)
	var found error
	switch s, err := openIn(dir, migrations); {
	case err == nil:
		err = s.check()
		_ = s.Close()
		if err == nil {
			return "", os.Remove(filepath.Join(dir, suspicion))
		}
		if !isDamage(err) {
			return "", err
		}
		found = err
	case !isDamage(err):
		return "", err
	default:
		found = err
	}
	aside := fmt.Sprintf("%s.damaged-%s", path, time.Now().Format("20060102-150405.000"))
	for _, suffix := range []string{"-wal", "-shm", "-journal", ""} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", failure("setting a damaged database aside", err)
		}
	}
	os.Remove(filepath.Join(dir, suspicion))
	return fmt.Sprintf("The database of conversations was damaged (%s). It is now %s, and a new one was begun; the pictures are where they were.",
		cause(found), aside), nil
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
		return e.Err.Error()
	}
	return err.Error()
}
