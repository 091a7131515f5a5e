package imports

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	_ "modernc.org/sqlite" // by its name

	"github.com/vlmchat/vlmchat/sessions"
)

// history is a copy of a program's database.
type history struct {
	*Reader
	path string // of the database itself
	at   time.Time
	db   *sql.DB
	has  map[string][]string // the columns of each table
	each Each
}

// programs are those whose databases are read, by tables that no other one has.
var programs = []struct {
	name   string
	tables []string
	read   func(*history, context.Context) error
}{
	{"llm", []string{"responses", "conversations"}, (*history).llm},
	{"oterm", []string{"chat", "message"}, (*history).oterm},
	{"ollama", []string{"chats", "messages", "settings"}, (*history).ollama},
}

// database reads the conversations of a program's database: of a copy, with what of it is
// still in its log, so that the program finds it as it left it, and may go on writing.
func (r *Reader) database(ctx context.Context, path string, at time.Time, each Each) (program string, err error) {
	dir, err := os.MkdirTemp("", "vlmchat-import-*") // for this user alone
	if err != nil {
		return "", failure(path, err)
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, "db")
	if err := sessions.CopyDatabase(path, copied); err != nil {
		return "", failure(path, err)
	}
	address := url.URL{Scheme: "file", Opaque: filepath.ToSlash((&url.URL{Path: copied}).EscapedPath()),
		RawQuery: url.Values{"_pragma": {"trusted_schema(0)", "cell_size_check(1)"}}.Encode()}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return "", failure(path, err)
	}
	defer db.Close()
	h := &history{Reader: r, path: path, at: at, db: db, each: each}
	if h.has, err = tables(ctx, db); err != nil {
		return "", failure(path, fmt.Errorf("the database can't be read: %w", err))
	}
	for _, p := range programs {
		if slices.ContainsFunc(p.tables, func(table string) bool { return h.has[table] == nil }) {
			continue
		}
		return p.name, p.read(h, ctx)
	}
	if h.has["sessions"] != nil && h.has["parts"] != nil {
		return "", &sessions.Error{Doing: "importing " + path, Detail: "it is a database of vlmchat's own; 'vlmchat --sessions-dir FOLDER' uses it, and 'sessions export' takes conversations out of it"}
	}
	return "", &sessions.Error{Doing: "importing " + path, Detail: "it is no database of a program that is known: llm, oterm, Ollama's app"}
}

// tables are those of a database, with their columns.
func tables(ctx context.Context, db *sql.DB) (map[string][]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type='table'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return nil, err
		}
		all[table] = append(all[table], column)
	}
	return all, rows.Err()
}

// column is a column's name where its table has one, and otherwise an empty text.
func (h *history) column(table, name string) string {
	if slices.Contains(h.has[table], name) {
		return table + `."` + name + `"`
	}
	return "''"
}

// query runs a query, and hands over its rows.
func (h *history) query(ctx context.Context, row func(*sql.Rows) error, query string, args ...any) error {
	rows, err := h.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// named is a conversation as a program calls it.
type named struct{ id, name string }

// conversations reads some conversations, one after the other. One that can't be read is
// told of, and the others are read; one that was begun and left is none.
func (h *history) conversations(ctx context.Context, list string, read func(context.Context, named) (*sessions.Conversation, error)) error {
	var all []named
	if err := h.query(ctx, func(rows *sql.Rows) error {
		var id string
		var name sql.NullString
		err := rows.Scan(&id, &name)
		all = append(all, named{id, name.String})
		return err
	}, list); err != nil {
		return failure(h.path, err)
	}
	for _, one := range all {
		c, err := read(ctx, one)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, errNothing) {
			continue
		}
		if err != nil {
			c, err = nil, &Broken{cmp.Or(one.name, one.id), err}
		}
		if err := h.each(c, err); err != nil {
			return err
		}
	}
	return nil
}

// mostPicture is how many bytes of a picture are read.
const mostPicture = 100 << 20

// blob brings bytes from the database: those that a query finds.
func (h *history) blob(ctx context.Context, query string, args ...any) func() ([]byte, error) {
	return func() (data []byte, err error) {
		err = h.db.QueryRowContext(ctx, query, args...).Scan(&data)
		return data, err
	}
}

// timeOf reads a time as programs write them into databases.
func timeOf(text string, otherwise time.Time) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999-07:00", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"} {
		if at, err := time.Parse(layout, text); err == nil && at.Year() >= 1970 && at.Year() <= 9999 {
			return at.Truncate(time.Millisecond)
		}
	}
	return otherwise
}
