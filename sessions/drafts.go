package sessions

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// Draft is what was written and not sent yet.
type Draft struct {
	Session  string // that it was for, which need not exist; or a place beside that (BesideDraft)
	Text     string
	Pictures []*Picture // that were to go with it; without a SHA-256 the Source says where to find one again
	Updated  time.Time
}

// Empty reports whether there is nothing in it.
func (d Draft) Empty() bool { return d.Text == "" && len(d.Pictures) == 0 }

// beside parts a session from what makes a second place for a draft of it.
const beside = "+"

// BesideDraft makes up where a process keeps its draft for a session that another one has
// open, too: each has its own.
func BesideDraft(session string) string { return session + beside + NewID() }

// draftsOf holds for the drafts d of a session, which is parameter 1.
const draftsOf = "(d.session=?1 OR substr(d.session, 1, length(?1)+1)=?1||'" + beside + "')"

// draftPicture is a picture as a draft has it in the database.
type draftPicture struct {
	Source string          `json:"source"`
	SHA256 string          `json:"sha256,omitempty"`
	Format string          `json:"format,omitempty"`
	Width  int             `json:"width,omitempty"`
	Height int             `json:"height,omitempty"`
	Facts  json.RawMessage `json:"facts,omitempty"`
}

func (p *draftPicture) kept() *Picture {
	return &Picture{SHA256: p.SHA256, Source: p.Source, Format: p.Format, Width: p.Width, Height: p.Height, Facts: p.Facts}
}

// UnmarshalJSON reads a source alone as well, which is what the first version of the tables
// had.
func (p *draftPicture) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &p.Source) == nil {
		return nil
	}
	type plain draftPicture
	return json.Unmarshal(data, (*plain)(p))
}

// SaveDraft keeps a draft in place of what its session had, with the bytes of its pictures;
// an empty one removes that. Pictures that nothing has then any more go.
func (s *Store) SaveDraft(ctx context.Context, d Draft) error {
	var before []string
	err := s.change(ctx, "keeping a draft", func(tx *sql.Tx) (err error) {
		if before, err = textsOf(ctx, tx, "SELECT picture FROM needed WHERE draft=?", d.Session); err != nil {
			return err
		}
		if d.Empty() {
			_, err := tx.ExecContext(ctx, "DELETE FROM drafts WHERE session=?", d.Session)
			return err
		}
		return s.putDraft(ctx, tx, d)
	})
	if err != nil {
		return err
	}
	gone := slices.DeleteFunc(before, func(sha256 string) bool {
		return slices.ContainsFunc(d.Pictures, func(p *Picture) bool { return p.SHA256 == sha256 })
	})
	if len(gone) == 0 {
		return nil
	}
	_, err = s.sweep(ctx, gone) // no engine was asked about them
	return err
}

// putDraft writes a draft that is not empty.
func (s *Store) putDraft(ctx context.Context, tx *sql.Tx, d Draft) error {
	kept := []draftPicture{}
	for _, p := range d.Pictures {
		kept = append(kept, draftPicture{p.Source, p.SHA256, p.Format, p.Width, p.Height, p.Facts})
	}
	pictures, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO drafts (session, text, pictures, updated) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET text=excluded.text, pictures=excluded.pictures, updated=excluded.updated`,
		d.Session, d.Text, string(pictures), time.Now().UnixMilli()); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM needed WHERE draft=?", d.Session); err != nil {
		return err
	}
	for _, p := range d.Pictures {
		if p.SHA256 == "" {
			continue
		}
		if err := s.keep(ctx, tx, p); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO needed (picture, draft) VALUES (?, ?)", p.SHA256, d.Session); err != nil {
			return err
		}
	}
	return nil
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

// AdoptDraft takes the newest draft for a conversation that was never begun, or is not
// there any more, and that nobody has open, and makes it that of another session. It is
// empty if there is none.
func (s *Store) AdoptDraft(ctx context.Context, session string) (Draft, error) {
	const of = "substr(d.session, 1, instr(d.session||'" + beside + "', '" + beside + "')-1)"
	return s.adopt(ctx, session, of+" NOT IN (SELECT id FROM sessions) AND "+of+"<>?1")
}

// AdoptBeside takes the newest draft that another process has written beside that of a
// session and left there, and makes it that of the session. It is empty if there is none,
// or the session has one.
func (s *Store) AdoptBeside(ctx context.Context, session string) (Draft, error) {
	return s.adopt(ctx, session, draftsOf+" AND NOT EXISTS (SELECT 1 FROM drafts WHERE session=?1)")
}

// adopt makes the newest of some drafts d that nobody writes that of a session, which is
// parameter 1.
func (s *Store) adopt(ctx context.Context, session, which string) (adopted Draft, err error) {
	err = s.change(ctx, "taking a draft", func(tx *sql.Tx) error {
		all, err := drafts(ctx, tx, session, which)
		if err != nil {
			return err
		}
		for _, d := range all {
			hold, err := s.Hold(d.Session)
			if err != nil {
				continue // somebody writes it
			}
			err = moveDraft(ctx, tx, d.Session, session)
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

// drafts reads some drafts d, the newest first.
func drafts(ctx context.Context, tx *sql.Tx, session, which string) ([]Draft, error) {
	rows, err := tx.QueryContext(ctx, "SELECT d.session, d.text, d.pictures, d.updated FROM drafts d WHERE "+which+" ORDER BY d.updated DESC", session)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Draft
	for rows.Next() {
		d, err := scanDraft(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, rows.Err()
}

// moveDraft gives a draft to another session.
func moveDraft(ctx context.Context, tx *sql.Tx, from, to string) error {
	for _, step := range []string{
		"INSERT INTO drafts (session, text, pictures, updated) SELECT ?2, text, pictures, updated FROM drafts WHERE session=?1",
		"UPDATE needed SET draft=?2 WHERE draft=?1",
		"DELETE FROM drafts WHERE session=?1 AND session<>?2",
	} {
		if _, err := tx.ExecContext(ctx, step, from, to); err != nil {
			return err
		}
	}
	return nil
}

func scanDraft(row interface{ Scan(...any) error }) (Draft, error) {
	var d Draft
	var pictures string
	var updated int64
	if err := row.Scan(&d.Session, &d.Text, &pictures, &updated); err != nil {
		return d, err
	}
	d.Updated = time.UnixMilli(updated)
	var kept []draftPicture
	err := json.Unmarshal([]byte(pictures), &kept)
	for _, p := range kept {
		d.Pictures = append(d.Pictures, p.kept())
	}
	return d, err
}
