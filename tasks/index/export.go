package index

import (
	"context"
	"database/sql"
	"errors"

	"github.com/vlmchat/vlmchat/vectors"
)

// Entry is a content of the index: the first file that has it, the others, and its vector.
type Entry struct {
	Picture
	Copies []string  `json:"copies"`
	Vector []float32 `json:"vector"`
}

// Entries hands on all contents, in the order in which they came into the index, until do
// returns an error. Vectors that are damaged are left out, and counted.
func (x *Index) Entries(ctx context.Context, do func(Entry) error) (damaged int, err error) {
	tx, err := x.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return 0, x.failure("reading", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	s, err := stateIn(ctx, tx)
	if err != nil || s.Empty() {
		return 0, x.failure("reading", err)
	}
	f, err := x.openVectors(s)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	const atOnce = 1024
	for last := -1; ; {
		rows, err := rowsBehind(ctx, tx, last, atOnce)
		if err != nil || len(rows) == 0 {
			return damaged, x.failure("reading", err)
		}
		for _, row := range rows {
			last = row
			pictures, err := Filter{}.pictures(ctx, tx, row)
			if err != nil {
				return damaged, x.failure("reading", err)
			}
			if len(pictures) == 0 {
				continue // they are gone
			}
			e := Entry{Picture: pictures[0], Copies: []string{}}
			for _, p := range pictures[1:] {
				e.Copies = append(e.Copies, p.Source())
			}
			e.Vector, err = f.Vector(row)
			switch {
			case errors.Is(err, vectors.ErrDamaged):
				damaged++
				continue
			case err != nil:
				return damaged, x.broken(err)
			}
			if err := do(e); err != nil {
				return damaged, err
			}
		}
	}
}
