package index

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/vlmchat/vlmchat/vectors"
)

// prune removes files that are gone from below the roots.
func (u *updating) prune(ctx context.Context) error {
	for _, root := range u.Roots {
		if err := readable(root.Path); err != nil {
			continue // it was unplugged meanwhile
		}
		from, to := below(root.Path)
		for last := from; last != ""; {
			paths, err := u.x.texts(ctx, "SELECT path FROM files WHERE path>? AND path<? ORDER BY path LIMIT 1000", last, to)
			if err != nil {
				return err
			}
			last = ""
			var gone []string
			for _, path := range paths {
				last = path
				if isGone(path) {
					gone = append(gone, path)
				}
			}
			if err := u.remove(ctx, gone); err != nil {
				return err
			}
		}
	}
	return nil
}

// isGone reports whether there is no such file any more. One that can't be looked at may be there.
func isGone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func (u *updating) remove(ctx context.Context, paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	err := u.x.change(ctx, "changing", func(tx *sql.Tx) error {
		for _, path := range paths {
			if _, err := tx.ExecContext(ctx, "DELETE FROM files WHERE path=?", path); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		u.did(func(r *Report) { r.Removed += len(paths) })
	}
	return err
}

// texts reads the texts that a query is for.
func (x *Index) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := x.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, x.failure("reading", err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, x.failure("reading", err)
		}
		all = append(all, text)
	}
	return all, x.failure("reading", rows.Err())
}

// fewDead are as many vectors of pictures that are gone as are no reason to write all anew.
// Until then they are of use: who moves pictures, or unplugs a disk for a while, has none
// encoded again.
const fewDead = 1000

// tidy writes the vectors anew without those that no picture has any more, if these are many.
func (u *updating) tidy(ctx context.Context) error {
	var rows, live int
	err := u.x.db.QueryRowContext(ctx, "SELECT (SELECT rows FROM state), count(DISTINCT content) FROM pictures").Scan(&rows, &live)
	if err != nil || rows-live < max(fewDead, rows/4) {
		return u.x.failure("reading", err)
	}
	u.doing("putting the vectors in order")
	return u.x.compact(ctx)
}

// compact writes the vectors that pictures have to a new file, and has that count. Whoever
// searches meanwhile reads the old one.
func (x *Index) compact(ctx context.Context) error {
	err := x.change(ctx, "putting in order", func(tx *sql.Tx) error {
		s, err := stateIn(ctx, tx)
		if err != nil {
			return err
		}
		from, err := x.openVectors(s)
		if err != nil {
			return err
		}
		defer from.Close()
		if _, err := tx.ExecContext(ctx, "DELETE FROM contents WHERE id NOT IN (SELECT content FROM pictures)"); err != nil {
			return err
		}
		to, err := x.create(s.generation+1, s.Space)
		if err != nil {
			return err
		}
		defer to.Close()
		if err := move(ctx, tx, from, to); err != nil {
			return err
		}
		if err := to.Sync(); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE state SET generation=?, rows=?", s.generation+1, to.Rows())
		return err
	})
	if err == nil {
		x.sweep(ctx)
	}
	return err
}

// move copies the vectors that count from file to file, and names their new rows. These are
// never behind the old ones, so going upwards none is named twice.
func move(ctx context.Context, tx *sql.Tx, from, to *vectors.File) error {
	const atOnce = 1024
	for last := -1; ; {
		rows, err := rowsBehind(ctx, tx, last, atOnce)
		if err != nil || len(rows) == 0 {
			return err
		}
		last = rows[len(rows)-1]
		var block [][]float32
		var whole, damaged []int
		for _, row := range rows {
			v, err := from.Vector(row)
			switch {
			case errors.Is(err, vectors.ErrDamaged):
				damaged = append(damaged, row)
			case err != nil:
				return err
			default:
				block, whole = append(block, v), append(whole, row)
			}
		}
		if err := drop(ctx, tx, damaged); err != nil {
			return err
		}
		first, err := to.Append(block)
		if err != nil {
			return err
		}
		for i, row := range whole {
			if _, err := tx.ExecContext(ctx, "UPDATE contents SET row=? WHERE row=?", first+i, row); err != nil {
				return err
			}
		}
	}
}

// rowsBehind are those of contents that follow one.
func rowsBehind(ctx context.Context, tx *sql.Tx, last, most int) ([]int, error) {
	rows, err := tx.QueryContext(ctx, "SELECT row FROM contents WHERE row>? ORDER BY row LIMIT ?", last, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []int
	for rows.Next() {
		var row int
		if err := rows.Scan(&row); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// Problems are the files below some roots that can't be used, without any those in all of the
// index.
func (x *Index) Problems(ctx context.Context, roots []Root) ([]Problem, error) {
	query, args := "SELECT path, problem FROM files WHERE problem<>''", []any(nil)
	for i, root := range roots {
		from, to := below(root.Path)
		query += []string{" AND (", " OR "}[min(i, 1)] + "path=? OR path>=? AND path<?"
		args = append(args, root.Path, from, to)
	}
	if len(roots) > 0 {
		query += ")"
	}
	rows, err := x.db.QueryContext(ctx, query+" ORDER BY path", args...)
	if err != nil {
		return nil, x.failure("reading", err)
	}
	defer rows.Close()
	all := []Problem{}
	for rows.Next() {
		var p Problem
		if err := rows.Scan(&p.Path, &p.Why); err != nil {
			return nil, x.failure("reading", err)
		}
		all = append(all, p)
	}
	return all, x.failure("reading", rows.Err())
}
