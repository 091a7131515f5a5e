package sessions

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Append adds a message to a session behind its parent, and makes it the leaf. A session
// that does not exist is begun, with the ID, the System and, if it has one, the Title
// given. It returns the message's number.
func (s *Store) Append(ctx context.Context, to Session, m Message) (int64, error) {
	var id int64
	err := s.change(ctx, "keeping a message", func(tx *sql.Tx) error {
		if m.Created.IsZero() {
			m.Created = time.Now()
		}
		if err := begin(ctx, tx, to, &m); err != nil {
			return err
		}
		if m.Parent != 0 {
			if err := isOf(ctx, tx, m.Parent, to.ID); err != nil {
				return err
			}
		}
		var err error
		id, err = s.insert(ctx, tx, to.ID, &m)
		return err
	})
	return id, err
}

// insert adds a message to a session that is there, makes it the leaf, and returns its
// number.
func (s *Store) insert(ctx context.Context, tx *sql.Tx, session string, m *Message) (int64, error) {
	result, err := tx.ExecContext(ctx, `INSERT INTO messages
		(session, parent, role, state, thinking, created, engine, model, info, sampling, usage, provenance, cost, finish, error, hint)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		session, orNull(m.Parent), m.Role, m.State, m.Thinking, m.Created.UnixMilli(), m.Engine, m.Model,
		text(m.By), text(m.Sampling), text(m.Usage), text(m.Provenance), m.Cost, m.Finish, m.Error, m.Hint)
	if err != nil {
		return 0, err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return 0, err
	}
	if err := s.addParts(ctx, tx, id, m.Parts); err != nil {
		return 0, err
	}
	for _, p := range m.Needs {
		if err := s.keep(ctx, tx, p); err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO needed (picture, message) VALUES (?, ?)", p.SHA256, id); err != nil {
			return 0, err
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE sessions SET leaf=?, messages=messages+1, pictures=pictures+?, updated=max(updated, ?) WHERE id=?`,
		id, len(m.Pictures()), m.Created.UnixMilli(), session); err != nil {
		return 0, err
	}
	return id, answeredBy(ctx, tx, session, m.Model)
}

// ErrExists says that there is a session of this ID already.
var ErrExists = errors.New("there is such a conversation already")

// Add adds a whole conversation under its ID, with its times, title and tags, in one
// transaction. Its messages get new numbers; those that it has say who follows whom, and
// each has to come behind its parent. If the ID is taken it adds nothing and returns
// ErrExists.
func (s *Store) Add(ctx context.Context, c *Conversation) error {
	return s.change(ctx, "adding a conversation", func(tx *sql.Tx) error { return s.addWhole(ctx, tx, c) })
}

func (s *Store) addWhole(ctx context.Context, tx *sql.Tx, c *Conversation) error {
	result, err := tx.ExecContext(ctx, `INSERT INTO sessions (id, title, named, system, created, updated, tags) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, c.ID, c.Title, slices.Index(titleMakers, c.TitleBy), c.System, c.Created.UnixMilli(), c.Updated.UnixMilli(),
		strings.Join(c.Tags, "\n"))
	if err := one(result, err); errors.Is(err, ErrNotFound) {
		return fmt.Errorf("%s: %w", c.ID, ErrExists)
	} else if err != nil {
		return err
	}
	numbers := map[int64]int64{0: 0}
	for _, m := range c.All {
		old := m.ID
		parent, known := numbers[m.Parent]
		if !known {
			return fmt.Errorf("message %d of %s stands before what it follows", old, c.ID)
		}
		m.Parent = parent
		if numbers[old], err = s.insert(ctx, tx, c.ID, &m); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE sessions SET leaf=?, updated=? WHERE id=?", numbers[c.Leaf], c.Updated.UnixMilli(), c.ID)
	return err
}

// begin adds a session if it is not there.
func begin(ctx context.Context, tx *sql.Tx, session Session, first *Message) error {
	if session.ID == "" {
		return errors.New("the session has no ID")
	}
	title := session.Title
	if title == "" {
		title = TitleOf(first)
	}
	created := session.Created
	if created.IsZero() {
		created = first.Created
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO sessions (id, title, named, system, created, updated) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, session.ID, title, slices.Index(titleMakers, session.TitleBy), session.System, created.UnixMilli(), created.UnixMilli())
	return err
}

// isOf makes sure that a message belongs to a session.
func isOf(ctx context.Context, tx *sql.Tx, id int64, session string) error {
	var of string
	err := tx.QueryRowContext(ctx, "SELECT session FROM messages WHERE id=?", id).Scan(&of)
	if errors.Is(err, sql.ErrNoRows) || err == nil && of != session {
		return fmt.Errorf("message %d of session %s: %w", id, session, ErrNotFound)
	}
	return err
}

// addParts adds a message's pieces, and keeps the pictures among them.
func (s *Store) addParts(ctx context.Context, tx *sql.Tx, message int64, parts []Part) error {
	for i, p := range parts {
		if p.Picture == nil {
			if _, err := tx.ExecContext(ctx, "INSERT INTO parts (message, position, text, spaced) VALUES (?, ?, ?, ?)", message, i, p.Text, spaced(p.Text)); err != nil {
				return err
			}
			continue
		}
		if err := s.keep(ctx, tx, p.Picture); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO parts (message, position, picture, source, format, width, height, facts)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, message, i, p.Picture.SHA256, p.Picture.Source, p.Picture.Format,
			p.Picture.Width, p.Picture.Height, text(p.Picture.Facts)); err != nil {
			return err
		}
	}
	return nil
}

// answeredBy adds a model to those that answered in a session.
func answeredBy(ctx context.Context, tx *sql.Tx, session, model string) error {
	if model == "" {
		return nil
	}
	var known string
	if err := tx.QueryRowContext(ctx, "SELECT models FROM sessions WHERE id=?", session).Scan(&known); err != nil {
		return err
	}
	model = strings.ReplaceAll(model, "\n", " ")
	if slices.Contains(strings.Split(known, "\n"), model) {
		return nil
	}
	if known != "" {
		model = known + "\n" + model
	}
	_, err := tx.ExecContext(ctx, "UPDATE sessions SET models=? WHERE id=?", model, session)
	return err
}

// Update writes what has become of an answer: its text, its state and what is known of
// how it was made. Where it is in the conversation stays.
func (s *Store) Update(ctx context.Context, id int64, m Message) error {
	return s.change(ctx, "keeping an answer", func(tx *sql.Tx) error {
		var session string
		err := tx.QueryRowContext(ctx, `UPDATE messages SET state=?, thinking=?, engine=?, model=?, info=?, sampling=?, usage=?, provenance=?, cost=?, finish=?, error=?, hint=?
			WHERE id=? RETURNING session`, m.State, m.Thinking, m.Engine, m.Model, text(m.By), text(m.Sampling), text(m.Usage),
			text(m.Provenance), m.Cost, m.Finish, m.Error, m.Hint, id).Scan(&session)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("message %d: %w", id, ErrNotFound)
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO parts (message, position, text, spaced) VALUES (?, 0, ?, ?)
			ON CONFLICT (message, position) DO UPDATE SET text=excluded.text, spaced=excluded.spaced WHERE text IS NOT excluded.text`,
			id, m.Text(), spaced(m.Text())); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE sessions SET updated=max(updated, ?) WHERE id=?", time.Now().UnixMilli(), session); err != nil {
			return err
		}
		return answeredBy(ctx, tx, session, m.Model)
	})
}

// SetLeaf says which branch of a session was seen last, by its last message; 0 is the
// beginning, before every message.
func (s *Store) SetLeaf(ctx context.Context, session string, leaf int64) error {
	return s.change(ctx, "keeping the place in a conversation", func(tx *sql.Tx) error {
		if leaf != 0 {
			if err := isOf(ctx, tx, leaf, session); err != nil {
				return err
			}
		}
		return one(tx.ExecContext(ctx, "UPDATE sessions SET leaf=? WHERE id=?", leaf, session))
	})
}

// SetSystem changes a session's system message.
func (s *Store) SetSystem(ctx context.Context, session, system string) error {
	return s.change(ctx, "keeping the system message", func(tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, "UPDATE sessions SET system=? WHERE id=?", system, session))
	})
}

// Rename gives a session another title. One that a model makes does not replace a
// person's.
func (s *Store) Rename(ctx context.Context, session, title string, by TitleBy) error {
	title = strings.TrimSpace(strings.Join(strings.Fields(title), " "))
	if title == "" {
		return &Error{Doing: "renaming a conversation", Detail: "the title is empty"}
	}
	return s.change(ctx, "renaming a conversation", func(tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, `UPDATE sessions SET
			title = CASE WHEN ?1 = 'person' OR named <> ?2 THEN ?3 ELSE title END,
			named = CASE WHEN ?1 = 'person' OR named <> ?2 THEN ?4 ELSE named END WHERE id = ?5`,
			by, slices.Index(titleMakers, ByPerson), title, slices.Index(titleMakers, by), session))
	})
}

// one makes sure that there was something to change.
func one(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrNotFound, err)
	}
	return nil
}

// orNull is a number's place in a table: none for 0.
func orNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// text is JSON's place in a table: none if there is none.
func text(j json.RawMessage) any {
	if len(j) == 0 {
		return nil
	}
	return string(j)
}
