package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/vectors"
)

// write puts what was read into the index: the vectors, then the transaction that names them.
func (u *updating) write(ctx context.Context, batch []read) error {
	var encoded, known int
	err := u.x.change(ctx, "writing", func(tx *sql.Tx) error {
		s, err := stateIn(ctx, tx)
		if err != nil {
			return err
		}
		if s.Space.ID != u.space.ID { // another process has begun it anew
			return &OtherSpace{u.x.dir, s.Space, u.space}
		}
		if encoded, err = u.x.add(ctx, tx, s, batch); err != nil {
			return err
		}
		for _, r := range batch {
			n, err := r.write(ctx, tx)
			if err != nil {
				return err
			}
			known += n
		}
		return nil
	})
	if err != nil {
		return err
	}
	u.did(func(r *Report) {
		r.Encoded += encoded
		r.Known += known - encoded
		for _, one := range batch {
			if !one.more {
				r.Files++
			}
		}
	})
	return nil
}

// add appends the vectors of contents that the index has not, and names them.
func (x *Index) add(ctx context.Context, tx *sql.Tx, s State, batch []read) (int, error) {
	var rows [][]float32
	var names []string
	new := map[string]bool{}
	for _, r := range batch {
		for _, p := range r.pictures {
			if p.vector == nil || r.problem != "" || new[p.content] {
				continue
			}
			has, err := hasIn(ctx, tx, p.content)
			if err != nil {
				return 0, err
			}
			if !has { // else another process was faster
				new[p.content] = true
				rows, names = append(rows, p.vector), append(names, p.content)
			}
		}
	}
	if len(rows) == 0 {
		return 0, nil
	}
	first, err := x.append(s, rows)
	if err != nil {
		return 0, err
	}
	for i, name := range names {
		if _, err := tx.ExecContext(ctx, "INSERT INTO contents (sha256, row) VALUES (?, ?)", name, first+i); err != nil {
			return 0, err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE state SET rows=?, updated=?", s.rows+len(rows), time.Now().UnixMilli())
	return len(rows), err
}

// append makes vectors durable behind those that count.
func (x *Index) append(s State, rows [][]float32) (first int, err error) {
	f, err := x.openVectors(s)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if first, err = f.Append(rows); err == nil {
		err = f.Sync()
	}
	return first, err
}

// write puts a file into the database, and returns how many pictures it has there.
func (r read) write(ctx context.Context, tx *sql.Tx) (int, error) {
	if r.problem != "" {
		r.pictures, r.sha256 = nil, ""
	}
	var id int64
	err := tx.QueryRowContext(ctx, `INSERT INTO files (path, size, mtime, stale, sha256, problem) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (path) DO UPDATE SET size=excluded.size, mtime=excluded.mtime, stale=excluded.stale, sha256=excluded.sha256, problem=excluded.problem
		RETURNING id`, r.path, r.size, r.mtime, r.stale, r.sha256, r.problem).Scan(&id)
	if err != nil {
		return 0, err
	}
	if !r.more {
		if _, err := tx.ExecContext(ctx, "DELETE FROM pictures WHERE file=?", id); err != nil {
			return 0, err
		}
	}
	for _, p := range r.pictures {
		taken := int64(0)
		if !p.taken.IsZero() {
			taken = p.taken.UnixMilli()
		}
		result, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO pictures (file, part, content, width, height, format, taken)
			SELECT ?, ?, id, ?, ?, ?, ? FROM contents WHERE sha256=?`, id, p.part, p.width, p.height, p.format, taken, p.content)
		if err != nil {
			return 0, err
		}
		if n, err := result.RowsAffected(); err != nil {
			return 0, err
		} else if n == 0 { // its vector was taken out while the file was read
			if _, err := tx.ExecContext(ctx, "UPDATE files SET stale=1, sha256='' WHERE id=?", id); err != nil {
				return 0, err
			}
		}
	}
	return len(r.pictures), nil
}

// has reports whether the index has the vector of a content.
func (x *Index) has(ctx context.Context, sha256 string) (bool, error) {
	has, err := hasIn(ctx, x.db, sha256)
	return has, x.failure("reading", err)
}

func hasIn(ctx context.Context, q querier, sha256 string) (bool, error) {
	var one int
	err := q.QueryRowContext(ctx, "SELECT 1 FROM contents WHERE sha256=?", sha256).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// known returns the pictures of a file with some content, if there is one that was read whole.
func (x *Index) known(ctx context.Context, sha256 string) ([]picture, error) {
	rows, err := x.db.QueryContext(ctx, `SELECT part, contents.sha256, width, height, format, taken FROM pictures JOIN contents ON contents.id=content
		WHERE file=(SELECT id FROM files WHERE sha256=? AND problem='' AND NOT stale LIMIT 1)`, sha256)
	if err != nil {
		return nil, x.failure("reading", err)
	}
	defer rows.Close()
	var all []picture
	for rows.Next() {
		var p picture
		var taken int64
		if err := rows.Scan(&p.part, &p.content, &p.width, &p.height, &p.format, &taken); err != nil {
			return nil, x.failure("reading", err)
		}
		if taken != 0 {
			p.taken = time.UnixMilli(taken)
		}
		all = append(all, p)
	}
	return all, x.failure("reading", rows.Err())
}

// renew begins a new file of vectors, of some space, and has all files looked at anew.
func (x *Index) renew(ctx context.Context, tx *sql.Tx, s State, space engine.Space, setting string) error {
	f, err := x.create(s.generation+1, space)
	if err != nil {
		return err
	}
	f.Close()
	text, err := json.Marshal(space)
	if err != nil {
		return err
	}
	for _, query := range []string{"DELETE FROM contents", "UPDATE files SET stale=1, sha256=''"} {
		if _, err := tx.ExecContext(ctx, query); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE state SET generation=?, rows=0, space=?, encoder=?", s.generation+1, string(text), setting)
	return err
}

// create makes the file of a generation. One that is there was left by who was killed before
// it counted.
func (x *Index) create(generation int, space engine.Space) (*vectors.File, error) {
	path := x.file(generation)
	os.Remove(path)
	f, err := vectors.Create(path, space.ID, space.Dimensions)
	if err != nil {
		return nil, fmt.Errorf("beginning a file of vectors in %s: %w", x.dir, withoutPath(err))
	}
	return f, nil
}

// sweep removes the files of generations that were. One that is open elsewhere stays, where the
// system wants that, until the next time.
func (x *Index) sweep(ctx context.Context) {
	s, err := x.State(ctx)
	if err != nil {
		return
	}
	files, _ := os.ReadDir(x.dir)
	for _, file := range files {
		var generation int
		if n, _ := fmt.Sscanf(file.Name(), "vectors-%d", &generation); n == 1 && generation < s.generation {
			os.Remove(filepath.Join(x.dir, file.Name()))
		}
	}
}
