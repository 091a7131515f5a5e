package sessions

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"
)

// Limits say how much is kept before conversations are removed by themselves.
type Limits struct {
	Age  time.Duration // that a session may have since it was used last; 0 is any
	Size int64         // of all texts and pictures, in bytes; 0 is any
}

// None reports whether everything is kept.
func (l Limits) None() bool { return l == Limits{} }

// Beyond returns the sessions that some limits leave no room for, that which was used
// last first: those that are too old, and of the others those that were not used for the
// longest time, until the rest is small enough. Sessions that are tagged Kept stay, as do
// those that are open anywhere; they count for the size nevertheless.
func (s *Store) Beyond(ctx context.Context, l Limits) ([]Session, error) {
	if l.None() {
		return nil, nil
	}
	all, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	var sizes map[string]int64
	if l.Size > 0 {
		if sizes, err = s.sizes(ctx); err != nil {
			return nil, err
		}
	}
	total := int64(0)
	stays := func(one Session) bool {
		return slices.Contains(one.Tags, Kept) || s.isOpen(one.ID)
	}
	// What stays in any case takes its room before the others.
	kept := map[string]bool{}
	for _, one := range all {
		if stays(one) {
			kept[one.ID] = true
			total += sizes[one.ID]
		}
	}
	var beyond []Session
	oldest := time.Now().Add(-l.Age)
	full := false
	for _, one := range all {
		if kept[one.ID] {
			continue
		}
		full = full || l.Size > 0 && total+sizes[one.ID] > l.Size
		if full || l.Age > 0 && one.Updated.Before(oldest) {
			beyond = append(beyond, one)
			continue
		}
		total += sizes[one.ID]
	}
	return beyond, nil
}

// Retire removes the sessions that some limits leave no room for, and returns them. It has
// each open while it removes it: one that somebody else has opened, used or removed since it
// was found stays as it is.
func (s *Store) Retire(ctx context.Context, l Limits) ([]Session, error) {
	beyond, err := s.Beyond(ctx, l)
	if err != nil {
		return nil, err
	}
	var all []Session
	const atOnce = 100 // as each takes an open file meanwhile
	for some := range slices.Chunk(beyond, atOnce) {
		retired, err := s.retire(ctx, some)
		if err != nil {
			return all, err
		}
		all = append(all, retired...)
	}
	return all, nil
}

func (s *Store) retire(ctx context.Context, some []Session) (retired []Session, err error) {
	var ids []string
	for _, one := range some {
		hold, err := s.Hold(one.ID)
		if err != nil {
			continue
		}
		defer hold.Release()
		now, err := s.sessions(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE id=?", one.ID)
		if err != nil {
			return nil, err
		}
		if len(now) == 1 && now[0].Updated.Equal(one.Updated) && !slices.Contains(now[0].Tags, Kept) {
			retired, ids = append(retired, one), append(ids, one.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return retired, s.Remove(ctx, ids...)
}

// sizes returns how many bytes of texts and pictures each session has. A picture of
// several counts for that which was used last: the others leave no room when they go.
func (s *Store) sizes(ctx context.Context) (map[string]int64, error) {
	const doing = "measuring the conversations"
	sizes := map[string]int64{}
	for _, query := range []string{
		`SELECT m.session, sum(octet_length(coalesce(p.text, ''))) FROM messages m JOIN parts p ON p.message=m.id GROUP BY m.session`,
		`SELECT session, sum(octet_length(thinking)) FROM messages GROUP BY session`,
		`SELECT session, sum(bytes) FROM (
			SELECT s.id AS session, k.bytes AS bytes, max(s.updated) FROM pictures k
			JOIN (SELECT picture, message FROM parts UNION ALL SELECT picture, message FROM needed) p ON p.picture=k.sha256
			JOIN messages m ON m.id=p.message JOIN sessions s ON s.id=m.session GROUP BY k.sha256)
			GROUP BY session`,
	} {
		rows, err := s.read.QueryContext(ctx, query)
		if err != nil {
			return nil, s.failed(doing, err)
		}
		for rows.Next() {
			var id string
			var bytes int64
			if err := rows.Scan(&id, &bytes); err != nil {
				rows.Close()
				return nil, s.failed(doing, err)
			}
			sizes[id] += bytes
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return nil, s.failed(doing, err)
		}
	}
	return sizes, nil
}

// isOpen reports whether a process has a session open, this one included. Where there is no
// lock it makes none, for which who opens the session just then could take it.
func (s *Store) isOpen(session string) bool {
	path, err := s.lockFile(session)
	if err != nil {
		return true
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return false
	}
	h, err := s.Hold(session)
	h.Release()
	return err != nil
}
