// Package sessions keeps conversations about pictures: in one SQLite database, with
// the pictures as files beside it, named by their content. Everything is the user's
// alone.
//
// What a method has written when it returns without an error is on the disk. Several
// processes may use a store at once: each change is a transaction that takes its turn.
// The package knows nothing of engines or of decoding: what it does not look into it
// keeps as JSON.
package sessions

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// Store is a folder of conversations. Its methods may be called by several goroutines
// at once.
type Store struct {
	// Removed, where it is set, is told of sessions that are gone for good, and of
	// pictures, by their SHA-256, that nothing needs any more: for who keeps something of
	// them elsewhere. It is set before the store is used.
	Removed func(ctx context.Context, sessions, pictures []string) error

	dir       string
	path      string      // of the database
	file      fs.FileInfo // that it had when it was opened
	write     *sql.DB     // one connection: writers take turns here before they do in SQLite
	read      *sql.DB
	notices   []string
	readOnly  error  // why nothing can be written; nil if it can
	temporary string // the folder of the copy that is read then, if it is one
}

// fileName is the database's in its folder.
const fileName = "sessions.db"

// patience is how long a change waits for those of other processes.
const patience = 10 * time.Second

// Open opens the store in a folder, which is made if it does not exist. A database that
// is damaged is set aside, and a new one begun with what can be salvaged; Notices tells.
// Of a folder that can't be written to, or a full disk, the store can be read alone
// (Writable). A database of a newer vlmchat is refused with a *NewerError.
func Open(dir string) (*Store, error) {
	s, err := openToWrite(dir)
	if err == nil || !cantWrite(err) {
		return s, err
	}
	s, reading := openToRead(dir)
	switch {
	case errors.Is(reading, fs.ErrNotExist):
		return nil, err
	case reading != nil:
		return nil, failure("opening the conversations in "+dir, reading)
	}
	if s.readOnly = errReadOnly; hasNoRoom(err) {
		s.readOnly = errNoRoom
	}
	return s, nil
}

// Reopened returns the store anew, to be written to, if that is possible by now. The one that
// can only be read stays open until it is closed.
func (s *Store) Reopened() (*Store, error) {
	again, err := openToWrite(s.dir)
	if err != nil {
		return nil, err
	}
	again.Removed = s.Removed
	return again, nil
}

func openToWrite(dir string) (*Store, error) {
	if err := makePrivate(dir); err != nil {
		return nil, err
	}
	s, err := openInPlace(dir)
	if !isDamage(err) && !suspected(dir) {
		return s, err
	}
	if s != nil {
		_ = s.Close()
	}
	notice, err := setAside(dir)
	if err != nil {
		return nil, err
	}
	s, err = openInPlace(dir)
	if err == nil && notice != "" {
		s.notices = append(s.notices, notice)
	}
	return s, err
}

// openInPlace opens the database of a folder while nobody sets it aside.
func openInPlace(dir string) (*Store, error) {
	lock := openingLock(dir)
	_ = lock.RLock() // where files can't be locked, it goes without
	defer func() { _ = lock.Unlock() }()
	return openAt(filepath.Join(dir, fileName), migrations)
}

// openAt opens a database and brings it up to date.
func openAt(path string, schema []migration) (*Store, error) {
	dir := filepath.Dir(path)
	// SQLite gives its other files the permissions of this one.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, failure("opening the conversations in "+dir, err)
	}
	s := &Store{dir: dir, path: path}
	s.file, err = f.Stat()
	f.Close()
	if err == nil {
		s.write, err = connect(path, 1, "immediate")
	}
	if err == nil {
		s.read, err = connect(path, 4, "deferred")
	}
	if err == nil {
		err = s.prepare(path, schema)
	}
	if err != nil {
		_ = s.Close()
		return nil, failure("opening the conversations in "+dir, err)
	}
	return s, nil
}

// connect makes connections to the database. What is deleted is overwritten, and a
// transaction that ended well survives a loss of power. Options are SQLite's own, as
// "mode=ro".
func connect(path string, most int, begin string, options ...string) (*sql.DB, error) {
	query := url.Values{"_txlock": {begin}, "mode": {"rw"}}
	for _, option := range options {
		name, value, _ := strings.Cut(option, "=")
		query.Set(name, value)
	}
	for _, pragma := range []string{
		fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()), "foreign_keys(1)", "synchronous(full)", "secure_delete(1)",
	} {
		query.Add("_pragma", pragma)
	}
	address := url.URL{Scheme: "file", Opaque: filepath.ToSlash((&url.URL{Path: path}).EscapedPath()), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db, nil
}

// prepare chooses how the database writes and brings its tables up to date.
func (s *Store) prepare(path string, schema []migration) error {
	ctx := context.Background()
	if err := s.chooseJournal(ctx, path); err != nil {
		return err
	}
	if err := s.migrate(ctx, path, schema); err != nil {
		return err
	}
	return s.complete()
}

// chooseJournal chooses a log beside the database, which lets others read while one writes.
// It needs memory that is shared between processes, which network file systems don't give,
// and some others neither: there it is a journal.
func (s *Store) chooseJournal(ctx context.Context, path string) (err error) {
	pragma := func(text string) error {
		var is string
		return s.write.QueryRowContext(ctx, "PRAGMA "+text).Scan(&is)
	}
	if Remote(s.dir) == "" {
		err := pragma("journal_mode=wal")
		// Of two processes that do so of a new database at the same moment SQLite refuses one
		// at once, however patient it was told to be, as either holds what the other needs.
		for began := time.Now(); codeOf(err) == sqlite3.SQLITE_BUSY && time.Since(began) < patience; err = pragma("journal_mode=wal") {
			time.Sleep(10 * time.Millisecond)
		}
		if err == nil {
			_, err = version(ctx, s.write) // only what is read shows whether it can be had
		}
		if code := codeOf(err); hasNoRoom(err) || code != sqlite3.SQLITE_CANTOPEN && code != sqlite3.SQLITE_IOERR {
			return err
		}
	}
	// The file may say that there is a log. Who has it alone from the beginning can say
	// otherwise without shared memory.
	_ = s.write.Close()
	if s.write, err = connect(path, 1, "immediate", "_pragma=locking_mode(exclusive)"); err != nil {
		return err
	}
	for _, text := range []string{"journal_mode=truncate", "locking_mode=normal"} {
		if err := pragma(text); err != nil {
			return err
		}
	}
	return nil
}

// complete makes sure that there are tables: the place where they are named may be lost
// alone.
func (s *Store) complete() error {
	_, err := s.write.ExecContext(context.Background(), "SELECT 1 FROM sessions, messages, parts, texts, drafts, pictures, needed LIMIT 0")
	if codeOf(err) == sqlite3.SQLITE_ERROR {
		return &damage{err.Error()}
	}
	return err
}

// Close lets go of the database.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.temporary != "" {
		errs = append(errs, os.RemoveAll(s.temporary))
	}
	return errors.Join(errs...)
}

// Dir is the folder in which the store is.
func (s *Store) Dir() string { return s.dir }

// Notices are what a person should know of how the store was opened.
func (s *Store) Notices() []string { return s.notices }

// change does something in one transaction, which takes its turn with those of other
// processes. doing says what it is for, for an error.
func (s *Store) change(ctx context.Context, doing string, do func(tx *sql.Tx) error) error {
	if s.readOnly != nil {
		return failure(doing, s.readOnly)
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err == nil {
		if err = s.inPlace(); err == nil {
			err = do(tx)
		}
		if err == nil {
			err = tx.Commit()
		} else {
			_ = tx.Rollback()
		}
	}
	if errors.Is(err, sql.ErrTxDone) {
		err = ctx.Err() // its end has undone what was done
	}
	return s.failed(doing, err)
}

// inPlace makes sure that the database is still the one that those who come later find.
func (s *Store) inPlace() error {
	there, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(s.file, there) {
		return errGone
	}
	return err
}

// failed puts an error of the database into words. After damage the next one to open it
// looks through it.
func (s *Store) failed(doing string, err error) error {
	if isDamage(err) && s.readOnly == nil {
		suspect(s.dir)
	}
	return failure(doing, err)
}

// NewID draws a session's name: short enough to be typed, and one of 10¹².
func NewID() string {
	const length = 8
	b := make([]byte, length)
	_, _ = rand.Read(b) // never fails
	return idOf(b)
}

// idOf writes a session's name with random bytes, a letter for each.
func idOf(random []byte) string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789"
	id := make([]byte, len(random))
	for i, b := range random {
		id[i] = letters[int(b)%len(letters)]
	}
	return string(id)
}
