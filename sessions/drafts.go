package sessions

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// Draft is what was written and not sent yet.
type Draft struct {
	Session  string // that it was for, which need not exist
	Text     string
	Pictures []string // the sources of those that were to go with it
	Updated  time.Time
}

// Empty reports whether there is nothing in it.
func (d Draft) Empty() bool { return d.Text == "" && len(d.Pictures) == 0 }

// SaveDraft keeps a draft in place of what its session had; an empty one removes that.
func (s *Store) SaveDraft(ctx context.Context, d Draft) error {
	const doing = "keeping a draft"
	return s.change(ctx, doing, func(tx *sql.Tx) error {
		if d.Empty() {
			_, err := tx.ExecContext(ctx, "DELETE FROM drafts WHERE session=?", d.Session)
			return err
		}
		pictures, err := json.Marshal(d.Pictures)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "REPLACE INTO drafts (session, text, pictures, updated) VALUES (?, ?, ?, ?)",
			d.Session, d.Text, string(pictures), time.Now().UnixMilli())
		return err
	})
}

// Draft returns what was written for a session and not sent; an empty one if there is
// nothing.
func (s *Store) Draft(ctx context.Context, session string) (Draft, error) {
	d, err := scanDraft(s.read.QueryRowContext(ctx, "SELECT session, text, pictures, updated FROM drafts WHERE session=?", session))
	if errors.Is(err, sql.ErrNoRows) {
		return Draft{Session: session}, nil
	}
	return d, s.failed("reading a draft", err)
}

// AdoptDraft takes the newest draft for a conversation that was never begun and that
// nobody has open, and makes it that of another session. It is empty if there is none.
func (s *Store) AdoptDraft(ctx context.Context, session string) (Draft, error) {
	var adopted Draft
	err := s.change(ctx, "taking a draft", func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT session, text, pictures, updated FROM drafts
			WHERE session NOT IN (SELECT id FROM sessions) AND session<>? ORDER BY updated DESC`, session)
		if err != nil {
			return err
		}
		defer rows.Close()
		var all []Draft
		for rows.Next() {
			d, err := scanDraft(rows)
			if err != nil {
				return err
			}
			all = append(all, d)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for _, d := range all {
			hold, err := s.Hold(d.Session)
			if err != nil {
				continue // somebody writes it
			}
			_, err = tx.ExecContext(ctx, "UPDATE drafts SET session=? WHERE session=?", session, d.Session)
			hold.Release()
			if err != nil {
				return err
			}
			adopted = d
			adopted.Session = session
			return nil
		}
		return nil
	})
	return adopted, err
}

func scanDraft(row interface{ Scan(...any) error }) (Draft, error) {
	var d Draft
	var pictures string
	var updated int64
	if err := row.Scan(&d.Session, &d.Text, &pictures, &updated); err != nil {
		return d, err
	}
	d.Updated = time.UnixMilli(updated)
	return d, json.Unmarshal([]byte(pictures), &d.Pictures)
}
