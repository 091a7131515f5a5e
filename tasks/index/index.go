// Package index knows where pictures lie and what they show: a folder with a database, which
// says what files there are and what was found in them, and a file of the vectors that an
// encoder has made of them. Pictures themselves are not kept.
//
// The database is the authority: it names the file of vectors that counts, and how many of
// its rows do. Vectors are appended and made durable first, and named by the transaction that
// follows; so whoever is killed at any moment loses what was not named yet, and nothing else.
// Several processes may use an index at once: a transaction that writes has the index alone.
package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/vectors"
)

// Index is an open index. It may be used by several goroutines at once.
type Index struct {
	dir string
	db  *sql.DB

	many int // vectors, from which on they are searched by lists
}

// ErrNone says that there is no index in a folder.
var ErrNone = errors.New("there is no index")

// Broken says that an index can't be believed, and that what it held has to be made anew from
// the pictures.
type Broken struct {
	Dir string
	Err error // what is wrong
}

func (e *Broken) Error() string { return fmt.Sprintf("the index in %s is broken: %v", e.Dir, e.Err) }

// Unwrap returns what is wrong.
func (e *Broken) Unwrap() error { return e.Err }

// OtherSpace says that vectors of two models would be compared, which means nothing.
type OtherSpace struct {
	Dir        string
	Has, Wants engine.Space // the index's, and that of what it is to be used with
}

func (e *OtherSpace) Error() string {
	switch {
	case e.Updated():
		return fmt.Sprintf("the index in %s was made with the built-in model of another version of vlmchat", e.Dir)
	case e.Has.Model == e.Wants.Model:
		return fmt.Sprintf("the index in %s was made with another %s: its files have changed since", e.Dir, e.Has.Model)
	}
	return fmt.Sprintf("the index in %s was made with %s, and vectors of %s can't be compared with those", e.Dir, e.Has.Model, e.Wants.Model)
}

// Updated reports whether both are built-in models, of two versions of vlmchat.
func (e *OtherSpace) Updated() bool { return e.Has.Demo && e.Wants.Demo }

// Open opens the index in a folder, or returns ErrNone.
func Open(dir string) (*Index, error) {
	if _, err := os.Stat(filepath.Join(dir, fileName)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w in %s", ErrNone, dir)
		}
		return nil, fmt.Errorf("opening the index in %s: %w", dir, err)
	}
	return openAt(dir)
}

// Create opens the index in a folder, and makes an empty one where there is none. The folder
// is the user's alone if it is made here.
func Create(dir string) (*Index, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of an index: %w", err)
	}
	return openAt(dir)
}

// Dir is the folder in which the index is.
func (x *Index) Dir() string { return x.dir }

// Close lets go of the index.
func (x *Index) Close() error { return x.db.Close() }

// State is what an index says of itself.
type State struct {
	Space   engine.Space // without an ID as long as there is no picture in it
	Encoder string       // the setting by which the encoder was opened: "" for the built-in one
	Updated time.Time    // when pictures were put into it last

	generation int // of the file of vectors
	rows       int // of it that count
}

// Empty reports whether nothing was ever put into the index.
func (s State) Empty() bool { return s.Space.ID == "" }

// State reads what the index says of itself.
func (x *Index) State(ctx context.Context) (State, error) {
	s, err := stateIn(ctx, x.db)
	return s, x.failure("reading", err)
}

// querier is a database, or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func stateIn(ctx context.Context, q querier) (s State, err error) {
	var space string
	var updated int64
	err = q.QueryRowContext(ctx, "SELECT generation, rows, space, encoder, updated FROM state").Scan(&s.generation, &s.rows, &space, &s.Encoder, &updated)
	if err == nil && space != "" {
		err = json.Unmarshal([]byte(space), &s.Space)
	}
	if updated != 0 {
		s.Updated = time.UnixMilli(updated)
	}
	return s, err
}

// file is where the vectors of a generation are.
func (x *Index) file(generation int) string {
	return filepath.Join(x.dir, fmt.Sprintf("vectors-%d", generation))
}

// openVectors opens the file of vectors that a state is of, with the rows that count in it.
// Who reads has one of its own, in which no others come to count, and which stays when
// another has been put in its place. The error is a *Broken if it is not what it has to be.
func (x *Index) openVectors(s State) (*vectors.File, error) {
	f, err := vectors.Open(x.file(s.generation), s.rows)
	if err == nil && (f.Space() != s.Space.ID || f.Dimensions() != s.Space.Dimensions) {
		f.Close()
		err = fmt.Errorf("%w: it is of another model", vectors.ErrBroken)
	}
	if err != nil {
		return nil, x.broken(err)
	}
	return f, nil
}

// broken tells vectors that are not what they have to be from those that can't be read.
func (x *Index) broken(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, vectors.ErrBroken):
		return &Broken{x.dir, err}
	case errors.Is(err, fs.ErrNotExist):
		return &Broken{x.dir, errors.New("the file of its vectors is gone")}
	}
	return fmt.Errorf("opening the index in %s: %w", x.dir, err)
}
