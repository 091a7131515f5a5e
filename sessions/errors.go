package sessions

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Error is what went wrong with the store, for a person.
type Error struct {
	Doing  string // what was tried
	Detail string // what is wrong, and what to do
	Err    error  // the cause
}

func (e *Error) Error() string { return e.Doing + ": " + e.Detail }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrNotFound says that there is no such session, message or picture.
var ErrNotFound = errors.New("not found")

// errGone says that what would be written would never be found.
var errGone = errors.New("the database that was opened is not there any more: it was damaged and set aside, or somebody has moved it; start vlmchat again")

// failure puts an error into words.
func failure(doing string, err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	var newer *NewerError
	if errors.As(err, &known) || errors.As(err, &newer) || errors.Is(err, ErrNotFound) || errors.Is(err, context.Canceled) {
		return err
	}
	detail := err.Error()
	switch code := codeOf(err); {
	case hasNoRoom(err):
		detail = "the disk is full"
	case code == sqlite3.SQLITE_READONLY || isReadOnly(err) || errors.Is(err, errReadOnly):
		detail = "the disk or the folder can't be written to"
	case code == sqlite3.SQLITE_BUSY:
		detail = fmt.Sprintf("another process has had it for more than %v; end it, or try again", patience)
	case isDamage(err):
		detail = "the database is damaged; it is set aside when vlmchat is started next"
	case errors.Is(err, os.ErrPermission):
		detail = "permission denied"
	}
	return &Error{Doing: doing, Detail: strings.TrimSpace(detail), Err: err}
}

// codeOf is SQLite's number of an error, 0 of any other error.
func codeOf(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() & 0xff // without what more it says
	}
	return 0
}

// hasNoRoom tells a disk that is full. Of the memory that processes share SQLite says only
// that it can't be made as large as it has to be.
func hasNoRoom(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code() == sqlite3.SQLITE_IOERR_SHMSIZE {
		return true
	}
	return isFull(err) || errors.Is(err, errNoRoom) || codeOf(err) == sqlite3.SQLITE_FULL
}

// isDamage tells a database that contradicts itself, or is none.
func isDamage(err error) bool {
	if d := (*damage)(nil); errors.As(err, &d) {
		return true
	}
	switch codeOf(err) {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	case sqlite3.SQLITE_ERROR:
		return strings.Contains(err.Error(), "unsupported file format") // it has had one since 2006
	}
	return false
}
