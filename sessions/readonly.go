package sessions

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	sqlite3 "modernc.org/sqlite/lib"
)

// Why nothing is written to a store that could only be opened for reading.
var (
	errReadOnly = errors.New("its folder can't be written to")
	errNoRoom   = errors.New("its disk is full")
)

// Writable returns nil, or why nothing can be kept: the folder can't be written to, or its disk
// is full, and what is in it can only be read.
func (s *Store) Writable() error {
	return failure("keeping conversations in "+s.dir, s.readOnly)
}

// cantWrite tells errors of opening that don't keep one from reading: a disk that is
// read-only or full, a folder that is another's.
func cantWrite(err error) bool {
	code := codeOf(err)
	return isReadOnly(err) || hasNoRoom(err) || errors.Is(err, fs.ErrPermission) || code == sqlite3.SQLITE_READONLY || code == sqlite3.SQLITE_CANTOPEN
}

// openToRead opens the store of a folder that can't be written to. SQLite wants to write
// there in three cases, in which it is given a copy of the database in a folder for
// temporary files: if a process that was killed has left changes in the log, if the tables
// are those of an earlier version, and if the database is damaged.
func openToRead(dir string) (*Store, error) {
	path := filepath.Join(dir, fileName)
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	for _, mode := range [][]string{{"mode=ro"}, {"mode=ro", "immutable=1"}} {
		if suspected(dir) || len(mode) > 1 && !settled(path) {
			continue
		}
		s, err := openAsItIs(path, mode)
		var newer *NewerError
		if s != nil || errors.As(err, &newer) {
			return s, err
		}
	}
	return openCopy(dir)
}

// settled reports whether all of a database is in its file. A log that nobody reads is
// removed, and so is a journal.
func settled(path string) bool {
	for _, suffix := range []string{"-wal", "-journal"} {
		if info, err := os.Stat(path + suffix); err == nil && info.Size() > 0 {
			return false
		}
	}
	return true
}

// openAsItIs opens a database that has the tables of this version and needs no writing.
func openAsItIs(path string, mode []string) (*Store, error) {
	db, err := connect(path, 4, "deferred", mode...)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: filepath.Dir(path), read: db, write: db, readOnly: errReadOnly}
	has, err := version(context.Background(), db)
	switch {
	case err == nil && has > len(migrations):
		err = &NewerError{Path: path, Has: has, Known: len(migrations)}
	case err == nil && has < len(migrations):
		err = errReadOnly // it has to be brought up to date
	case err == nil:
		err = s.complete()
	}
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// openCopy opens a copy of a database.
func openCopy(dir string) (s *Store, err error) {
	temporary, err := os.MkdirTemp("", "vlmchat-sessions-*") // its mode is 0700
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(temporary)
		}
	}()
	if err := CopyDatabase(filepath.Join(dir, fileName), filepath.Join(temporary, fileName)); err != nil {
		return nil, err
	}
	if suspected(dir) {
		suspect(temporary)
	}
	if s, err = Open(temporary); err != nil {
		return nil, err
	}
	s.dir, s.readOnly, s.temporary = dir, errReadOnly, temporary
	if len(s.notices) > 0 {
		s.notices = []string{"The database of conversations in " + dir + " is damaged. What could be read of it is shown."}
	}
	return s, nil
}

// OpenAsItIs opens the store in a folder to be looked at: nothing is made, mended, copied or
// brought up to date, and where that would be needed, it is an error.
func OpenAsItIs(dir string) (*Store, error) {
	path := filepath.Join(dir, fileName)
	if _, err := os.Stat(path); err != nil {
		return nil, failure("opening the conversations in "+dir, err)
	}
	s, err := openAsItIs(path, []string{"mode=ro"})
	if err != nil {
		return nil, failure("opening the conversations in "+dir, err)
	}
	return s, nil
}
