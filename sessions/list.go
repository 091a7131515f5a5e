package sessions

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const sessionColumns = "id, title, named, system, created, updated, messages, pictures, models, tags"

// scanSession reads a row of sessionColumns, and more behind them.
func scanSession(row interface{ Scan(...any) error }, s *Session, more ...any) error {
	var created, updated int64
	var maker int
	var models, tags string
	err := row.Scan(append([]any{&s.ID, &s.Title, &maker, &s.System, &created, &updated, &s.Messages, &s.Pictures, &models, &tags}, more...)...)
	s.Created, s.Updated = time.UnixMilli(created), time.UnixMilli(updated)
	s.Models, s.Tags = []string{}, lines(tags)
	if models != "" {
		s.Models = lines(models)
	}
	if maker >= 0 && maker < len(titleMakers) {
		s.TitleBy = titleMakers[maker]
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
	return s.sessions(ctx, "SELECT "+sessionColumns+" FROM sessions ORDER BY updated DESC, rowid")
}

func (s *Store) sessions(ctx context.Context, query string, args ...any) ([]Session, error) {
	const doing = "listing the conversations"
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.failed(doing, err)
	}
	defer rows.Close()
	all := []Session{}
	for rows.Next() {
		var one Session
		if err := scanSession(rows, &one); err != nil {
			return nil, s.failed(doing, err)
		}
		all = append(all, one)
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

// Remove deletes sessions, and the pictures that nothing else refers to: all of them, or
// none after an error. What they held is not to be found in the files afterwards.
func (s *Store) Remove(ctx context.Context, ids ...string) error {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var pictures []string
	err := s.change(ctx, "removing a conversation", func(tx *sql.Tx) error {
		for _, id := range ids {
			of, err := removeSession(ctx, tx, id)
			if err != nil {
				return err
			}
			pictures = append(pictures, of...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		s.removeLock(id)
	}
	if pictures, err = s.sweep(ctx, pictures); err != nil {
		return err
	}
	// Until then the log has what was there before. Who reads just now keeps it a
	// while; the next one to write goes on with it from the start.
	_, err = s.write.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(s.failed("removing a conversation", err), s.tellRemoved(ctx, ids, pictures))
}

// tellRemoved tells what is gone for good.
func (s *Store) tellRemoved(ctx context.Context, sessions, pictures []string) error {
	if s.Removed == nil || len(sessions)+len(pictures) == 0 {
		return nil
	}
	return s.Removed(ctx, sessions, pictures)
}

// removeSession deletes a session, and returns the pictures that it had.
func removeSession(ctx context.Context, tx *sql.Tx, id string) (pictures []string, err error) {
	pictures, err = textsOf(ctx, tx, `SELECT p.picture FROM messages m JOIN parts p ON p.message=m.id WHERE m.session=?1 AND p.picture IS NOT NULL
		UNION SELECT n.picture FROM messages m JOIN needed n ON n.message=m.id WHERE m.session=?1
		UNION SELECT n.picture FROM drafts d JOIN needed n ON n.draft=d.session WHERE `+draftsOf, id)
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM drafts AS d WHERE "+draftsOf, id); err != nil {
		return nil, err
	}
	err = one(tx.ExecContext(ctx, "DELETE FROM sessions WHERE id=?", id))
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("session %s: %w", id, ErrNotFound)
	}
	return pictures, err
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
