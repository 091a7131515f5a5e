package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/vlmchat/vlmchat/vectors"
)

// fileName is the database's in the folder of an index.
const fileName = "index.db"

// version counts the changes of the tables. What they hold can be made again from the
// pictures, so an older index is: there are no migrations.
const version = 1

// applicationID tells the database from those of other programs (PRAGMA application_id).
const applicationID = 0x766c6d69 // "vlmi"

// schema is the tables. Times are milliseconds since 1970, but for mtime: nanoseconds, by which
// a change is seen. A file that is stale has to be looked at anew, whatever its time.
const schema = `
CREATE TABLE state (
	one        INTEGER PRIMARY KEY CHECK (one = 1),
	generation INTEGER NOT NULL,
	rows       INTEGER NOT NULL,
	space      TEXT NOT NULL,
	encoder    TEXT NOT NULL,
	updated    INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, 0, 0, '', '', 0);

CREATE TABLE roots (
	path    TEXT PRIMARY KEY,
	options TEXT NOT NULL
) STRICT;

-- What there is a vector of, named by its SHA-256.
CREATE TABLE contents (
	id     INTEGER PRIMARY KEY,
	sha256 TEXT NOT NULL UNIQUE,
	row    INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE files (
	id      INTEGER PRIMARY KEY,
	path    TEXT NOT NULL UNIQUE,
	size    INTEGER NOT NULL,
	mtime   INTEGER NOT NULL,
	stale   INTEGER NOT NULL,
	sha256  TEXT NOT NULL,
	problem TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX files_by_content ON files (sha256);

-- The pictures in a file: one with no part, or its pages and frames. One that does not say when
-- it was taken has 0.
CREATE TABLE pictures (
	file    INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
	part    TEXT NOT NULL,
	content INTEGER NOT NULL REFERENCES contents ON DELETE CASCADE,
	width   INTEGER NOT NULL,
	height  INTEGER NOT NULL,
	format  TEXT NOT NULL,
	taken   INTEGER NOT NULL,
	PRIMARY KEY (file, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX pictures_by_content ON pictures (content);
`

// patience is how long a change waits for those of other processes, of which putting an index
// in order is the longest.
const patience = 2 * time.Minute

// openAt opens a database, and makes its tables if it has none.
func openAt(dir string) (*Index, error) {
	x := &Index{dir: dir, many: vectors.Many}
	err := x.open("rw", true)
	if err != nil && cantWrite(err) {
		err = x.open("ro", false) // to be searched alone
	}
	if err != nil {
		return nil, x.failure("opening", err)
	}
	return x, nil
}

func (x *Index) open(mode string, prepare bool) (err error) {
	path := filepath.Join(x.dir, fileName)
	if prepare {
		// SQLite gives its other files the permissions of this one.
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		f.Close()
	}
	query := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()), "foreign_keys(1)", "synchronous(full)",
	}}
	address := url.URL{Scheme: "file", Opaque: filepath.ToSlash((&url.URL{Path: path}).EscapedPath()), RawQuery: query.Encode()}
	if x.db, err = sql.Open("sqlite", address.String()); err != nil {
		return err
	}
	ctx := context.Background()
	if prepare {
		err = x.prepare(ctx)
	}
	if err == nil {
		err = x.check(ctx)
	}
	if err != nil {
		_ = x.db.Close()
	}
	return err
}

// prepare chooses a log beside the database, so that others read while one writes, and makes
// the tables of a new one.
func (x *Index) prepare(ctx context.Context) error {
	var id, has int
	if err := x.db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	// Where memory can't be shared, as on network file systems, it stays a journal.
	if err := x.chooseLog(ctx); err != nil && codeOf(err) != sqlite3.SQLITE_CANTOPEN && codeOf(err) != sqlite3.SQLITE_IOERR {
		return err
	}
	if id != 0 {
		return nil
	}
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing, once it is committed
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&has); err != nil || has > 0 {
		return err // another process was first, or it is another program's
	}
	if _, err := tx.ExecContext(ctx, schema+fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d;", applicationID, version)); err != nil {
		return err
	}
	return tx.Commit()
}

// chooseLog has the database write a log. Of two processes that do so of a new database at the
// same moment SQLite refuses one at once, however patient it was told to be, as either holds
// what the other needs.
func (x *Index) chooseLog(ctx context.Context) error {
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		_, err := x.db.ExecContext(ctx, "PRAGMA journal_mode=wal")
		if codeOf(err) != sqlite3.SQLITE_BUSY || time.Since(began) > patience {
			return err
		}
	}
}

// check wants a database that is an index.
func (x *Index) check(ctx context.Context) error {
	var id, has int
	err := x.db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id)
	if err == nil {
		err = x.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&has)
	}
	switch {
	case err != nil:
		return err
	case id != applicationID:
		return fmt.Errorf("%s is another program's: choose another folder", fileName)
	case has > version:
		return fmt.Errorf("a newer vlmchat has made it: update this one, or choose another index")
	case has < version:
		return &Broken{x.dir, errors.New("an older vlmchat has made it")}
	}
	if _, err := x.db.ExecContext(ctx, "SELECT 1 FROM state, roots, contents, files, pictures LIMIT 0"); err != nil {
		return &Broken{x.dir, err}
	}
	return nil
}

// change does something in a transaction, while which nobody else changes the index.
func (x *Index) change(ctx context.Context, doing string, do func(tx *sql.Tx) error) error {
	tx, err := x.db.BeginTx(ctx, nil)
	if err == nil {
		if err = do(tx); err == nil {
			err = tx.Commit()
		} else {
			_ = tx.Rollback()
		}
	}
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		err = ctx.Err() // its end has undone what was done
	}
	return x.failure(doing, err)
}

// failure puts an error of the database into words.
func (x *Index) failure(doing string, err error) error {
	var broken *Broken
	var other *OtherSpace
	switch code := codeOf(err); {
	case err == nil || errors.As(err, &broken) || errors.As(err, &other) || errors.Is(err, context.Canceled):
		return err
	case code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB:
		return &Broken{x.dir, err}
	case code == sqlite3.SQLITE_FULL:
		return fmt.Errorf("%s the index in %s: the disk is full", doing, x.dir)
	case code == sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%s the index in %s: another process has had it for more than %v", doing, x.dir, patience)
	case code == sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%s the index in %s: the folder can't be written to", doing, x.dir)
	}
	return fmt.Errorf("%s the index in %s: %w", doing, x.dir, err)
}

// codeOf is SQLite's number of an error, 0 of any other error.
func codeOf(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff // without what more it says
	}
	return 0
}

// cantWrite tells errors that don't keep one from reading.
func cantWrite(err error) bool {
	code := codeOf(err)
	return errors.Is(err, os.ErrPermission) || isReadOnly(err) || code == sqlite3.SQLITE_READONLY || code == sqlite3.SQLITE_CANTOPEN
}
