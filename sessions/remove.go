package sessions

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

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
