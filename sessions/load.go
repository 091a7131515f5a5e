package sessions

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Load returns a session with all its messages.
func (s *Store) Load(ctx context.Context, id string) (*Conversation, error) {
	const doing = "reading a conversation"
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, s.failed(doing, err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	var c Conversation
	err = scanSession(tx.QueryRowContext(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE id=?", id), &c.Session)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("session %s: %w", id, ErrNotFound)
	}
	if err == nil {
		err = tx.QueryRowContext(ctx, "SELECT leaf FROM sessions WHERE id=?", id).Scan(&c.Leaf)
	}
	if err == nil {
		c.All, err = loadMessages(ctx, tx, id)
	}
	if err != nil {
		return nil, s.failed(doing, err)
	}
	return &c, nil
}

// loadMessages reads the messages of a session. Numbers only grow, so each comes behind
// its parent.
func loadMessages(ctx context.Context, tx *sql.Tx, session string) ([]Message, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, coalesce(parent, 0), role, state, thinking, created, engine, model,
		info, sampling, usage, provenance, cost, finish, error, hint FROM messages WHERE session=? ORDER BY id`, session)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Message
	at := map[int64]int{}
	for rows.Next() {
		var m Message
		var created int64
		var info, sampling, usage, provenance sql.NullString
		if err := rows.Scan(&m.ID, &m.Parent, &m.Role, &m.State, &m.Thinking, &created, &m.Engine, &m.Model,
			&info, &sampling, &usage, &provenance, &m.Cost, &m.Finish, &m.Error, &m.Hint); err != nil {
			return nil, err
		}
		m.Created = time.UnixMilli(created)
		m.By, m.Sampling, m.Usage, m.Provenance = raw(info), raw(sampling), raw(usage), raw(provenance)
		at[m.ID] = len(all)
		all = append(all, m)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if err := loadParts(ctx, tx, session, all, at); err != nil {
		return nil, err
	}
	return all, loadNeeds(ctx, tx, session, all, at)
}

// loadNeeds reads which pictures messages need besides those of their parts.
func loadNeeds(ctx context.Context, tx *sql.Tx, session string, all []Message, at map[int64]int) error {
	rows, err := tx.QueryContext(ctx, `SELECT n.message, n.picture FROM messages m JOIN needed n ON n.message=m.id
		WHERE m.session=? ORDER BY n.rowid`, session)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var of int64
		var p Picture
		if err := rows.Scan(&of, &p.SHA256); err != nil {
			return err
		}
		all[at[of]].Needs = append(all[at[of]].Needs, &p)
	}
	return rows.Err()
}

func loadParts(ctx context.Context, tx *sql.Tx, session string, all []Message, at map[int64]int) error {
	rows, err := tx.QueryContext(ctx, `SELECT p.message, p.text, p.picture, p.source, p.format, p.width, p.height, p.facts
		FROM messages m JOIN parts p ON p.message=m.id WHERE m.session=? ORDER BY p.message, p.position`, session)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var of int64
		var text, sha256, source, format, facts sql.NullString
		var width, height sql.NullInt64
		if err := rows.Scan(&of, &text, &sha256, &source, &format, &width, &height, &facts); err != nil {
			return err
		}
		p := Part{Text: text.String}
		if sha256.Valid {
			p = Part{Picture: &Picture{SHA256: sha256.String, Source: source.String, Format: format.String,
				Width: int(width.Int64), Height: int(height.Int64), Facts: raw(facts)}}
		}
		i := at[of]
		all[i].Parts = append(all[i].Parts, p)
	}
	return rows.Err()
}

func raw(s sql.NullString) json.RawMessage {
	if !s.Valid {
		return nil
	}
	return json.RawMessage(s.String)
}

// Glance is what of a session is shown where one is chosen.
type Glance struct {
	Asked    string // the last question on the branch that was seen last
	Said     string // the answer to it
	Pictures []*Picture
}

// mostGlanced is how many pictures a glance has.
const mostGlanced = 4

// Glance returns the last words of a session, and its first pictures.
func (s *Store) Glance(ctx context.Context, id string) (Glance, error) {
	const doing = "looking into a conversation"
	var g Glance
	rows, err := s.read.QueryContext(ctx, `WITH RECURSIVE last (id, depth) AS (
			SELECT leaf, 0 FROM sessions WHERE id=? UNION ALL
			SELECT m.parent, depth+1 FROM last JOIN messages m ON m.id=last.id WHERE m.parent IS NOT NULL AND depth<1)
		SELECT m.role, p.text FROM last JOIN messages m ON m.id=last.id JOIN parts p ON p.message=m.id
		WHERE p.text IS NOT NULL ORDER BY m.id, p.position`, id)
	if err != nil {
		return g, s.failed(doing, err)
	}
	defer rows.Close()
	for rows.Next() {
		var role Role
		var text string
		if err := rows.Scan(&role, &text); err != nil {
			return g, s.failed(doing, err)
		}
		if role == User {
			g.Asked, g.Said = text, ""
		} else {
			g.Said = text
		}
	}
	if err := rows.Err(); err != nil {
		return g, s.failed(doing, err)
	}
	pictures, err := s.read.QueryContext(ctx, `SELECT p.picture, max(p.source), max(p.format), max(p.width), max(p.height), max(p.facts)
		FROM messages m JOIN parts p ON p.message=m.id WHERE m.session=? AND p.picture IS NOT NULL
		GROUP BY p.picture ORDER BY min(p.id) LIMIT ?`, id, mostGlanced)
	if err != nil {
		return g, s.failed(doing, err)
	}
	defer pictures.Close()
	for pictures.Next() {
		var p Picture
		var facts sql.NullString
		if err := pictures.Scan(&p.SHA256, &p.Source, &p.Format, &p.Width, &p.Height, &facts); err != nil {
			return g, s.failed(doing, err)
		}
		p.Facts = raw(facts)
		g.Pictures = append(g.Pictures, &p)
	}
	return g, s.failed(doing, pictures.Err())
}
