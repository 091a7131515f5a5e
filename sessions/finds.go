package sessions

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
)

// finds are the parts of messages that have all words, the newest first. They are read
// as far as they are asked for: of a common word there are a hundred thousand.
type finds struct {
	ctx   context.Context
	tx    *sql.Tx
	query string
	args  []any

	parts []int64 // in falling order
	whole bool    // these are all
	next  int     // how many are read at once

	partsOf *sql.Stmt // of a session
}

// fewFinds is how many parts are a few.
const fewFinds = 4000

func newFinds(ctx context.Context, tx *sql.Tx, words []string) *finds {
	f := &finds{ctx: ctx, tx: tx, whole: len(words) == 0, next: fewFinds}
	if match := matching(words); match != "" {
		f.query, f.args = "SELECT rowid FROM texts WHERE texts MATCH ?", []any{match}
		return f
	}
	// Signs are in no index.
	f.query = "SELECT rowid FROM parts WHERE text IS NOT NULL"
	for _, w := range words {
		f.query += ` AND text LIKE ? ESCAPE '\'`
		f.args = append(f.args, "%"+likely(w)+"%")
	}
	return f
}

// more reads on. Each time it reads more, as the index of words begins anew.
func (f *finds) more() error {
	if f.whole {
		return nil
	}
	query, args := f.query, slices.Clone(f.args)
	if len(f.parts) > 0 {
		query += " AND rowid<?"
		args = append(args, f.parts[len(f.parts)-1])
	}
	rows, err := f.tx.QueryContext(f.ctx, query+" ORDER BY rowid DESC LIMIT ?", append(args, f.next)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	before := len(f.parts)
	for rows.Next() {
		var part int64
		if err := rows.Scan(&part); err != nil {
			return err
		}
		f.parts = append(f.parts, part)
	}
	f.whole = len(f.parts)-before < f.next
	f.next *= 4
	return rows.Err()
}

// of returns the last part of a session that was found, 0 if there is none. No part of
// the session is before first.
func (f *finds) of(session string, first int64) (int64, error) {
	for !f.whole && f.parts[len(f.parts)-1] > first {
		if err := f.more(); err != nil {
			return 0, err
		}
	}
	if first == 0 || len(f.parts) == 0 || f.parts[0] < first {
		return 0, nil
	}
	if f.partsOf == nil {
		var err error
		if f.partsOf, err = f.tx.PrepareContext(f.ctx, `SELECT p.id FROM messages m JOIN parts p ON p.message=m.id
			WHERE m.session=? ORDER BY m.id DESC, p.position DESC`); err != nil {
			return 0, err
		}
	}
	rows, err := f.partsOf.QueryContext(f.ctx, session)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var part int64
		if err := rows.Scan(&part); err != nil {
			return 0, err
		}
		if _, is := slices.BinarySearchFunc(f.parts, part, func(a, b int64) int { return cmp.Compare(b, a) }); is {
			return part, nil
		}
	}
	return 0, rows.Err()
}

// json is their list.
func (f *finds) json() string {
	list, _ := json.Marshal(append([]int64{}, f.parts...)) // numbers can always be written
	return string(list)
}

// matching writes words for the index: all of them, each perhaps the beginning of a
// longer one. It is empty if there is no word among them.
func matching(fields []string) string {
	var all []string
	for _, w := range fields {
		if strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) {
			w = strings.ReplaceAll(strings.ReplaceAll(w, "\x00", ""), `"`, `""`)
			if apart, is := spaced(w).(string); is {
				w = apart
			}
			all = append(all, `"`+w+`"*`)
		}
	}
	return strings.Join(all, " ")
}

// spaced puts blanks around the letters of scripts that have none between words: each is
// a word for the index then, and what is searched for is a row of them. It is nil for a
// text without such letters.
func spaced(text string) any {
	if !strings.ContainsFunc(text, Unspaced) {
		return nil
	}
	var b strings.Builder
	for _, r := range text {
		if Unspaced(r) {
			b.WriteString(" " + string(r) + " ")
		} else {
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// Unspaced tells letters of scripts that have no blanks between words.
func Unspaced(r rune) bool {
	const first = 'ก' // of them all
	return r >= first && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
