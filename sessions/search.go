package sessions

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

// Hit is a session that has what was searched for.
type Hit struct {
	Session
	// Snippet is what is said there, with the words that were found between « and »;
	// empty if they are in the title alone.
	Snippet string `json:"snippet,omitempty"`
}

// mostWords is how many words of a text are looked for. A whole page may be pasted where
// one searches, and SQLite takes no condition of a thousand parts.
const mostWords = 50

// Search returns the sessions in whose title, or in one of whose messages, every word of
// a text is, also as the beginning of a longer one: that which was used last first, and
// no more than so many. A word with a # before it is a tag that they have to have.
func (s *Store) Search(ctx context.Context, written string, most int) ([]Hit, error) {
	q := sought(written)
	if len(q.words)+len(q.tags) == 0 {
		return nil, nil
	}
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	var hits []Hit
	if err == nil {
		hits, err = q.search(ctx, tx, most)
		_ = tx.Rollback() // nothing was written
	}
	return hits, s.failed("searching the conversations", err)
}

// Listed returns what Search finds, or, without words, all sessions.
func (s *Store) Listed(ctx context.Context, words string, most int) ([]Hit, error) {
	if words != "" {
		return s.Search(ctx, words, most)
	}
	all, err := s.List(ctx)
	hits := make([]Hit, len(all))
	for i, one := range all {
		hits[i].Session = one
	}
	return hits, err
}

// query is what is searched for.
type query struct{ words, tags []string }

func sought(written string) query {
	var q query
	fields := strings.Fields(written)
	for _, w := range fields[:min(len(fields), mostWords)] {
		if tag, err := ParseTag(w); err == nil && strings.HasPrefix(w, "#") {
			q.tags = append(q.tags, tag)
		} else {
			q.words = append(q.words, w)
		}
	}
	return q
}

// search asks of a few parts that have the words whose they are. Where there are many it
// asks the sessions for one of them, that which was used last first: the first ones that
// are asked have some.
func (q query) search(ctx context.Context, tx *sql.Tx, most int) ([]Hit, error) {
	found := newFinds(ctx, tx, q.words)
	if err := found.more(); err != nil {
		return nil, err
	}
	if !found.whole {
		return q.walk(ctx, tx, found, most)
	}
	titled, titles := q.titled()
	tagged, tags := q.tagged()
	args := slices.Concat([]any{found.json()}, titles, tags, []any{most})
	rows, err := tx.QueryContext(ctx, `WITH found AS (
			SELECT m.session, max(p.id) AS part FROM parts p JOIN messages m ON m.id=p.message
			WHERE p.id IN (SELECT value FROM json_each(?)) GROUP BY m.session)
		SELECT `+sessionColumns+`, coalesce((SELECT text FROM parts WHERE parts.id=part), '')
		FROM sessions LEFT JOIN found ON session=sessions.id
		WHERE (part IS NOT NULL OR `+titled+`) AND `+tagged+` ORDER BY updated DESC, sessions.rowid LIMIT ?`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var hits []Hit
	for rows.Next() {
		var h Hit
		var text string
		if err := scanSession(rows, &h.Session, &text); err != nil {
			return nil, err
		}
		h.Snippet = snippet(text, q.words)
		hits = append(hits, h)
	}
	return hits, rows.Err()
}

// walk asks one session after the other whether a part of it is among those that were
// found, until it has enough.
func (q query) walk(ctx context.Context, tx *sql.Tx, found *finds, most int) ([]Hit, error) {
	titled, args := q.titled()
	tagged, tags := q.tagged()
	rows, err := tx.QueryContext(ctx, `SELECT `+sessionColumns+`, `+titled+`,
			coalesce((SELECT min(id) FROM parts WHERE message=(SELECT min(id) FROM messages WHERE session=sessions.id)), 0)
		FROM sessions WHERE `+tagged+` ORDER BY updated DESC, rowid`, append(args, tags...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	text, err := tx.PrepareContext(ctx, "SELECT text FROM parts WHERE id=?")
	if err != nil {
		return nil, err
	}
	var hits []Hit
	for len(hits) < most && rows.Next() {
		var h Hit
		var inTitle bool
		var first int64
		if err := scanSession(rows, &h.Session, &inTitle, &first); err != nil {
			return nil, err
		}
		part, err := found.of(h.ID, first)
		if err != nil {
			return nil, err
		}
		if part == 0 && !inTitle {
			continue
		}
		if part != 0 {
			var said string
			if err := text.QueryRowContext(ctx, part).Scan(&said); err != nil {
				return nil, err
			}
			h.Snippet = snippet(said, q.words)
		}
		hits = append(hits, h)
	}
	return hits, rows.Err()
}

// titled is the condition that all words are in a session's title. Where only tags are
// searched for, all titles have what is searched for.
func (q query) titled() (condition string, args []any) {
	all := []string{"TRUE"}
	for _, w := range q.words {
		all = append(all, `title LIKE ? ESCAPE '\'`)
		args = append(args, "%"+likely(w)+"%")
	}
	return "(" + strings.Join(all, " AND ") + ")", args
}

// tagged is the condition that a session has all tags.
func (q query) tagged() (condition string, args []any) {
	all := []string{"TRUE"}
	for _, tag := range q.tags {
		all = append(all, "instr(char(10) || tags || char(10), char(10) || ? || char(10))")
		args = append(args, tag)
	}
	return strings.Join(all, " AND "), args
}
