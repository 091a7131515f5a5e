package sessions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

const sessionColumns = "id, title, named, system, created, updated, messages, pictures, models, tags"

// scanSession reads a row of sessionColumns, and more behind them.
func scanSession(row interface{ Scan(...any) error }, s *Session, more ...any) error {
	var r sessionRow
	return r.scan(row, s, more...)
}

// sessionRow is what is read of one row after the other: of ten thousand, room for each
// would take as long as reading them.
type sessionRow struct {
	created, updated int64
	maker            int
	models, tags     string
	columns          []any
}

func (r *sessionRow) scan(row interface{ Scan(...any) error }, s *Session, more ...any) error {
	r.columns = append(r.columns[:0], &s.ID, &s.Title, &r.maker, &s.System, &r.created, &r.updated, &s.Messages, &s.Pictures, &r.models, &r.tags)
	err := row.Scan(append(r.columns, more...)...)
	s.Created, s.Updated = time.UnixMilli(r.created), time.UnixMilli(r.updated)
	s.Models, s.Tags = []string{}, lines(r.tags)
	if r.models != "" {
		s.Models = lines(r.models)
	}
	if r.maker >= 0 && r.maker < len(titleMakers) {
		s.TitleBy = titleMakers[r.maker]
	}
	return err
}

// lines are those of a text, none of an empty one.
func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// List returns the sessions, that which was used last first.
func (s *Store) List(ctx context.Context) ([]Session, error) {
	number := 0
	_ = s.read.QueryRowContext(ctx, "SELECT count(*) FROM sessions").Scan(&number) // for room alone
	return s.listed(ctx, make([]Session, 0, number), "SELECT "+sessionColumns+" FROM sessions ORDER BY updated DESC, rowid")
}

func (s *Store) sessions(ctx context.Context, query string, args ...any) ([]Session, error) {
	return s.listed(ctx, []Session{}, query, args...)
}

// listed adds the sessions that a query finds to others.
func (s *Store) listed(ctx context.Context, all []Session, query string, args ...any) ([]Session, error) {
	const doing = "listing the conversations"
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.failed(doing, err)
	}
	defer rows.Close()
	var row sessionRow
	for rows.Next() {
		all = append(all, Session{})
		if err := row.scan(rows, &all[len(all)-1]); err != nil {
			return nil, s.failed(doing, err)
		}
	}
	return all, s.failed(doing, rows.Err())
}

// Last returns the session that was used last, ErrNotFound if there is none.
func (s *Store) Last(ctx context.Context) (Session, error) {
	all, err := s.sessions(ctx, "SELECT "+sessionColumns+" FROM sessions ORDER BY updated DESC, rowid LIMIT 1")
	if err == nil && len(all) == 0 {
		return Session{}, fmt.Errorf("a conversation to continue: %w", ErrNotFound)
	}
	if err != nil {
		return Session{}, err
	}
	return all[0], nil
}

// AmbiguousError says that several sessions have the ID or title that was asked for.
type AmbiguousError struct {
	Written string
	Found   []Session
}

func (e *AmbiguousError) Error() string {
	const most = 5
	var names []string
	for _, s := range e.Found[:min(len(e.Found), most)] {
		names = append(names, fmt.Sprintf("%s (%s)", s.ID, s.Title))
	}
	more := ""
	if n := len(e.Found) - most; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("several conversations are meant by %q: %s%s; write the ID of one", e.Written, strings.Join(names, ", "), more)
}

// Find returns the session that a person means: as Named does, or by words that are in
// the messages of one alone.
func (s *Store) Find(ctx context.Context, written string) (Session, error) {
	found, err := s.Named(ctx, written)
	if !errors.Is(err, ErrNotFound) {
		return found, err
	}
	hits, searched := s.Search(ctx, written, mostMeant)
	switch {
	case searched != nil:
		return Session{}, searched
	case len(hits) == 0:
		return Session{}, err
	case len(hits) > 1:
		several := &AmbiguousError{Written: written}
		for _, h := range hits {
			several.Found = append(several.Found, h.Session)
		}
		return Session{}, several
	}
	return hits[0].Session, nil
}

// Named returns the session that a person means by its ID, by its title, by the beginning
// of the only ID that has it, or by a part of the only title.
func (s *Store) Named(ctx context.Context, written string) (Session, error) {
	written = strings.TrimSpace(written)
	if written == "" {
		return Session{}, fmt.Errorf("a conversation without a name: %w", ErrNotFound)
	}
	var found []Session
	var err error
	for _, look := range []func() ([]Session, error){
		func() ([]Session, error) {
			return s.sessions(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE id=?", strings.ToLower(written))
		},
		func() ([]Session, error) {
			return s.sessions(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE title=? COLLATE NOCASE ORDER BY updated DESC", written)
		},
		func() ([]Session, error) {
			return s.sessions(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE id LIKE ? ESCAPE '\\' ORDER BY updated DESC", likely(written)+"%")
		},
		func() ([]Session, error) {
			return s.sessions(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE title LIKE ? ESCAPE '\\' ORDER BY updated DESC", "%"+likely(written)+"%")
		},
	} {
		if found, err = look(); err != nil || len(found) > 0 {
			break
		}
	}
	switch {
	case err != nil:
		return Session{}, err
	case len(found) == 0:
		return Session{}, fmt.Errorf("a conversation %q: %w", written, ErrNotFound)
	case len(found) > 1:
		return Session{}, &AmbiguousError{written, found}
	}
	return found[0], nil
}

// mostMeant is how many sessions are told of where one was meant.
const mostMeant = 100

// likely writes a text so that LIKE takes it by its letters.
func likely(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// textsOf reads the rows of a query that has one column.
func textsOf(ctx context.Context, q querier, query string, args ...any) (all []string, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
