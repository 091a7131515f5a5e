package sessions

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// Imported is what has become of a conversation that was imported.
type Imported struct {
	Title string // as it is kept
	New   bool   // there was none of its ID
	Added int    // messages that were not there yet
	Had   int    // messages that were there already
}

// Import adds a conversation that comes from elsewhere under its ID. If there is one of
// this ID it gets what it does not have yet, each message behind the one that it follows:
// what was said on both sides since they were the same becomes branches. Its title, tags
// and system message stay; the branch that was seen last is then the one of the side where
// something was said last.
func (s *Store) Import(ctx context.Context, c *Conversation) (done Imported, err error) {
	err = s.change(ctx, "importing a conversation", func(tx *sql.Tx) error {
		err := s.addWhole(ctx, tx, c)
		if errors.Is(err, ErrExists) {
			done, err = s.merge(ctx, tx, c)
			return err
		}
		done = Imported{Title: c.Title, New: true, Added: len(c.All)}
		return err
	})
	if err != nil {
		return Imported{}, err
	}
	return done, nil
}

// merge adds to a session what it does not have of a conversation.
func (s *Store) merge(ctx context.Context, tx *sql.Tx, c *Conversation) (done Imported, err error) {
	var leaf, updated int64
	if err := tx.QueryRowContext(ctx, "SELECT title, leaf, updated FROM sessions WHERE id=?", c.ID).Scan(&done.Title, &leaf, &updated); err != nil {
		return done, err
	}
	has, err := loadMessages(ctx, tx, c.ID)
	if err != nil {
		return done, err
	}
	// Messages that are the same, by what they follow here. Two may be alike.
	type place struct {
		parent int64
		said   [sha256.Size]byte
	}
	known := map[place][]Message{}
	for _, m := range has {
		at := place{m.Parent, m.said()}
		known[at] = append(known[at], m)
	}
	numbers := map[int64]int64{0: 0}
	for _, m := range c.All {
		old := m.ID
		m.Parent = numbers[m.Parent]
		at := place{m.Parent, m.said()}
		if i := slices.IndexFunc(known[at], m.mayBe); i >= 0 {
			numbers[old] = known[at][i].ID
			known[at] = slices.Delete(known[at], i, i+1)
			done.Had++
			continue
		}
		if numbers[old], err = s.insert(ctx, tx, c.ID, &m); err != nil {
			return done, err
		}
		done.Added++
	}
	if done.Added > 0 && c.Updated.UnixMilli() > updated {
		leaf, updated = numbers[c.Leaf], c.Updated.UnixMilli()
	}
	_, err = tx.ExecContext(ctx, "UPDATE sessions SET leaf=?, updated=? WHERE id=?", leaf, updated, c.ID)
	return done, err
}

// mayBe reports whether a message of the same words may be this one: a program may forget
// which model it was.
func (m *Message) mayBe(other Message) bool {
	return m.Model == other.Model || m.Model == "" || other.Model == ""
}

// said is a digest of what was said in a message: not of when, nor of what else is known
// of it.
func (m *Message) said() [sha256.Size]byte {
	h := sha256.New()
	write := func(text string) {
		_ = binary.Write(h, binary.LittleEndian, int64(len(text))) // into memory
		_, _ = io.WriteString(h, text)
	}
	for _, text := range []string{string(m.Role), string(m.State), m.Thinking} {
		write(text)
	}
	for _, p := range m.Parts {
		if p.Picture != nil {
			write("picture")
			write(p.Picture.SHA256)
		} else {
			write("text")
			write(p.Text)
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// DerivedID makes a session's name of where it comes from, so that it has the same one
// whenever it comes again. It is longer than one that is drawn: that could be drawn anew.
func DerivedID(origin ...string) string {
	const length = 12
	h := sha256.New()
	for _, part := range origin {
		_ = binary.Write(h, binary.LittleEndian, int64(len(part))) // into memory
		_, _ = io.WriteString(h, part)
	}
	return idOf(h.Sum(nil)[:length])
}
