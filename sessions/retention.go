package sessions

import (
	"context"
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
			JOIN parts p ON p.picture=k.sha256 JOIN messages m ON m.id=p.message JOIN sessions s ON s.id=m.session GROUP BY k.sha256)
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

// isOpen reports whether a process has a session open, this one included.
func (s *Store) isOpen(session string) bool {
	h, err := s.Hold(session)
	h.Release()
	return err != nil
}
