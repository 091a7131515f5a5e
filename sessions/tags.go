package sessions

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Kept is the tag of conversations that are never removed for their age or size.
const Kept = "keep"

// ParseTag returns a tag as it is kept: without a # before it, in small letters.
func ParseTag(written string) (string, error) {
	const most = 40
	tag := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(written), "#"))
	bad := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && !strings.ContainsRune("-_./+", r)
	}
	if tag == "" || strings.ContainsFunc(tag, bad) || len([]rune(tag)) > most {
		return "", &Error{Doing: "reading a tag", Detail: fmt.Sprintf("%q is no tag: a tag is a word of letters, digits and - _ . / +, of %d characters at most", written, most)}
	}
	return tag, nil
}

// Tag gives a session tags and takes others from it, each as ParseTag returns it. It
// returns those that it has then.
func (s *Store) Tag(ctx context.Context, session string, add, remove []string) (tags []string, err error) {
	err = s.change(ctx, "tagging a conversation", func(tx *sql.Tx) error {
		var has string
		err := tx.QueryRowContext(ctx, "SELECT tags FROM sessions WHERE id=?", session).Scan(&has)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("session %s: %w", session, ErrNotFound)
		}
		if err != nil {
			return err
		}
		tags = slices.Concat(slices.DeleteFunc(lines(has), func(tag string) bool { return slices.Contains(remove, tag) }), add)
		slices.Sort(tags)
		tags = slices.Compact(tags)
		return one(tx.ExecContext(ctx, "UPDATE sessions SET tags=? WHERE id=?", strings.Join(tags, "\n"), session))
	})
	return tags, err
}
