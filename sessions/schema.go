package sessions

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// migrations lead from each version of the tables to the next; the database tells by
// PRAGMA user_version how many it has had. They are never changed once released, and
// there is no way back: a copy of the database is made first.
//
// Times are milliseconds since 1970. Models are lines. The full-text index holds the
// texts of parts, which triggers keep so.
var migrations = []migration{{sql: `
CREATE TABLE sessions (
	id       TEXT PRIMARY KEY,
	title    TEXT NOT NULL,
	named    INTEGER NOT NULL DEFAULT 0,
	system   TEXT NOT NULL DEFAULT '',
	created  INTEGER NOT NULL,
	updated  INTEGER NOT NULL,
	leaf     INTEGER NOT NULL DEFAULT 0,
	messages INTEGER NOT NULL DEFAULT 0,
	pictures INTEGER NOT NULL DEFAULT 0,
	models   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX sessions_by_time ON sessions (updated DESC);

CREATE TABLE messages (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	session  TEXT NOT NULL REFERENCES sessions ON DELETE CASCADE,
	parent   INTEGER REFERENCES messages ON DELETE CASCADE,
	role     TEXT NOT NULL,
	state    TEXT NOT NULL,
	thinking TEXT NOT NULL DEFAULT '',
	created  INTEGER NOT NULL,
	engine   TEXT NOT NULL DEFAULT '',
	model    TEXT NOT NULL DEFAULT '',
	info     TEXT,
	sampling TEXT,
	usage    TEXT,
	cost     REAL NOT NULL DEFAULT 0,
	finish   TEXT NOT NULL DEFAULT '',
	error    TEXT NOT NULL DEFAULT '',
	hint     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX messages_by_session ON messages (session);
CREATE INDEX messages_by_parent ON messages (parent);

CREATE TABLE pictures (
	sha256 TEXT PRIMARY KEY,
	bytes  INTEGER NOT NULL
) STRICT;

CREATE TABLE parts (
	id       INTEGER PRIMARY KEY,
	message  INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
	position INTEGER NOT NULL,
	text     TEXT,
	picture  TEXT REFERENCES pictures,
	source   TEXT,
	format   TEXT,
	width    INTEGER,
	height   INTEGER,
	facts    TEXT,
	UNIQUE (message, position)
) STRICT;
CREATE INDEX parts_by_picture ON parts (picture) WHERE picture IS NOT NULL;

CREATE VIEW spoken AS SELECT id, text FROM parts WHERE text IS NOT NULL;
CREATE VIRTUAL TABLE texts USING fts5 (
	text, content='spoken', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);
INSERT INTO texts (texts, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER parts_added AFTER INSERT ON parts WHEN new.text IS NOT NULL BEGIN
	INSERT INTO texts (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER parts_removed AFTER DELETE ON parts WHEN old.text IS NOT NULL BEGIN
	INSERT INTO texts (texts, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER parts_changed AFTER UPDATE OF text ON parts WHEN old.text IS NOT NULL BEGIN
	INSERT INTO texts (texts, rowid, text) VALUES ('delete', old.id, old.text);
	INSERT INTO texts (rowid, text) VALUES (new.id, new.text);
END;

CREATE TABLE drafts (
	session  TEXT PRIMARY KEY,
	text     TEXT NOT NULL,
	pictures TEXT NOT NULL,
	updated  INTEGER NOT NULL
) STRICT;
`}, {sql: `
-- Tags are lines, in their order. What named has is TitleBy from here on.
ALTER TABLE sessions ADD COLUMN tags TEXT NOT NULL DEFAULT '';

-- What an answer came from: see docs/sessions.md.
ALTER TABLE messages ADD COLUMN provenance TEXT;

-- Pictures that something needs besides parts: a draft, or the examples of a question.
CREATE TABLE needed (
	picture TEXT NOT NULL REFERENCES pictures,
	message INTEGER REFERENCES messages ON DELETE CASCADE,
	draft   TEXT REFERENCES drafts ON DELETE CASCADE,
	CHECK ((message IS NULL) <> (draft IS NULL))
) STRICT;
CREATE INDEX needed_pictures ON needed (picture);
CREATE INDEX needed_by_message ON needed (message) WHERE message IS NOT NULL;
CREATE INDEX needed_by_draft ON needed (draft) WHERE draft IS NOT NULL;

-- The index finds beginnings of words of one and two letters by themselves, as there are
-- so many words that begin so. What a text is for the index is in spaced, if it is not
-- the text itself.
DROP TRIGGER parts_added;
DROP TRIGGER parts_removed;
DROP TRIGGER parts_changed;
DROP TABLE texts;
DROP VIEW spoken;
ALTER TABLE parts ADD COLUMN spaced TEXT;
CREATE VIEW spoken AS SELECT id, coalesce(spaced, text) AS text FROM parts WHERE text IS NOT NULL;
CREATE VIRTUAL TABLE texts USING fts5 (
	text, content='spoken', content_rowid='id', prefix='1 2', tokenize='unicode61 remove_diacritics 2'
);
INSERT INTO texts (texts, rank) VALUES ('secure-delete', 1);
INSERT INTO texts (texts) VALUES ('rebuild');
CREATE TRIGGER parts_added AFTER INSERT ON parts WHEN new.text IS NOT NULL BEGIN
	INSERT INTO texts (rowid, text) VALUES (new.id, coalesce(new.spaced, new.text));
END;
CREATE TRIGGER parts_removed AFTER DELETE ON parts WHEN old.text IS NOT NULL BEGIN
	INSERT INTO texts (texts, rowid, text) VALUES ('delete', old.id, coalesce(old.spaced, old.text));
END;
CREATE TRIGGER parts_changed AFTER UPDATE OF text, spaced ON parts WHEN old.text IS NOT NULL BEGIN
	INSERT INTO texts (texts, rowid, text) VALUES ('delete', old.id, coalesce(old.spaced, old.text));
	INSERT INTO texts (rowid, text) VALUES (new.id, coalesce(new.spaced, new.text));
END;
`, then: spaceAll}}

// migration is one step: statements, and then what these can't do.
type migration struct {
	sql  string
	then func(ctx context.Context, tx *sql.Tx) error
}

func (m *migration) do(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, m.sql)
	if err == nil && m.then != nil {
		err = m.then(ctx, tx)
	}
	return err
}

// spaceAll makes what the index is to have of texts that are there already.
func spaceAll(ctx context.Context, tx *sql.Tx) error {
	for last := int64(0); ; {
		var text string
		err := tx.QueryRowContext(ctx, "SELECT id, text FROM parts WHERE id>? AND text IS NOT NULL ORDER BY id LIMIT 1", last).Scan(&last, &text)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if indexed := spaced(text); indexed != nil {
			if _, err := tx.ExecContext(ctx, "UPDATE parts SET spaced=? WHERE id=?", indexed, last); err != nil {
				return err
			}
		}
	}
}

// NewerError says that a database was written by a newer vlmchat.
type NewerError struct {
	Path       string
	Has, Known int // versions of the tables
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("the conversations in %s were last used by a newer vlmchat (their tables have version %d, and this one knows up to %d): "+
		"update vlmchat, or keep conversations in another place with --sessions-dir", e.Path, e.Has, e.Known)
}

// migrate brings the tables up to date, in one transaction.
func (s *Store) migrate(ctx context.Context, path string, schema []migration) error {
	has, err := version(ctx, s.write)
	switch {
	case err != nil:
		return err
	case has > len(schema):
		return &NewerError{Path: path, Has: has, Known: len(schema)}
	case has == len(schema):
		return nil
	case has > 0:
		if err := s.backUp(ctx, path, has); err != nil {
			return err
		}
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	// Another process may have done it since, also a newer one.
	if has, err = version(ctx, tx); err != nil {
		return err
	}
	if has > len(schema) {
		return &NewerError{Path: path, Has: has, Known: len(schema)}
	}
	var tables int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	if has == 0 && tables > 0 {
		return &damage{"it has tables, and their version is lost"}
	}
	for i := has; i < len(schema); i++ {
		if err := schema[i].do(ctx, tx); err != nil {
			return fmt.Errorf("bringing the tables from version %d to %d: %w", i, i+1, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version=%d", len(schema))); err != nil {
		return err
	}
	return tx.Commit()
}

// querier is a database, or a transaction of it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func version(ctx context.Context, q querier) (int, error) {
	var v int
	err := q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&v)
	return v, err
}

// backUp copies the database to a file beside it that says its version. One that is
// there is of an earlier try, and is made anew.
func (s *Store) backUp(ctx context.Context, path string, has int) error {
	to := fmt.Sprintf("%s.version-%d", path, has)
	making, err := os.CreateTemp(filepath.Dir(path), ".backup-*")
	if err != nil {
		return err
	}
	defer os.Remove(making.Name())
	defer making.Close()
	// VACUUM INTO takes an empty file, and leaves its permissions.
	if _, err := s.write.ExecContext(ctx, "VACUUM INTO ?", making.Name()); err != nil {
		return fmt.Errorf("copying the database before it is brought up to date: %w", err)
	}
	if err := errors.Join(making.Sync(), making.Close()); err != nil { // SQLite leaves it to the system
		return err
	}
	return os.Rename(making.Name(), to)
}
