package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Options say which pictures below a folder are put into an index.
type Options struct {
	Globs     []string `json:"globs,omitempty"`     // of their names, or of their paths below the folder; all if there are none
	Documents bool     `json:"documents,omitempty"` // also the pages of PDFs
	Moving    bool     `json:"moving,omitempty"`    // also frames of videos
}

// wants tells by its path below the root whether a file is meant.
func (o Options) wants(below string) bool {
	return len(o.Globs) == 0 || slices.ContainsFunc(o.Globs, func(glob string) bool { return Matches(glob, below) })
}

// CheckGlob returns what is wrong with a pattern.
func CheckGlob(glob string) error {
	_, err := path.Match(filepath.ToSlash(glob), "")
	return err
}

// Matches tells whether a pattern means a path: one with no separator its last name, another as
// many names at its end; ** stands for any number of folders. Upper and lower case are the same.
func Matches(glob, file string) bool {
	names := strings.Split(strings.Trim(strings.ToLower(filepath.ToSlash(file)), "/"), "/")
	wanted := strings.Split(strings.Trim(strings.ToLower(filepath.ToSlash(glob)), "/"), "/")
	return endsWith(names, wanted)
}

func endsWith(names, wanted []string) bool {
	if len(wanted) == 0 {
		return true
	}
	last := wanted[len(wanted)-1]
	if last == "**" {
		return endsWith(names, wanted[:len(wanted)-1]) || len(names) > 0 && endsWith(names[:len(names)-1], wanted)
	}
	if len(names) == 0 {
		return false
	}
	matches, _ := path.Match(last, names[len(names)-1])
	return matches && endsWith(names[:len(names)-1], wanted[:len(wanted)-1])
}

// Root is a folder, or a file, whose pictures are in an index.
type Root struct {
	Path    string // absolute
	Options Options
}

// Roots are the folders and files that were put into the index.
func (x *Index) Roots(ctx context.Context) ([]Root, error) {
	rows, err := x.db.QueryContext(ctx, "SELECT path, options FROM roots ORDER BY path")
	if err != nil {
		return nil, x.failure("reading", err)
	}
	defer rows.Close()
	var all []Root
	for rows.Next() {
		var r Root
		var options string
		if err := rows.Scan(&r.Path, &options); err != nil {
			return nil, x.failure("reading", err)
		}
		if err := json.Unmarshal([]byte(options), &r.Options); err != nil {
			return nil, &Broken{x.dir, err}
		}
		all = append(all, r)
	}
	return all, x.failure("reading", rows.Err())
}

// remember writes down what was put into the index.
func remember(ctx context.Context, tx *sql.Tx, roots []Root) error {
	for _, r := range roots {
		options, err := json.Marshal(r.Options)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO roots VALUES (?, ?) ON CONFLICT DO UPDATE SET options=excluded.options", r.Path, string(options)); err != nil {
			return err
		}
	}
	return nil
}

// Forget takes a folder or a file out of the index, with all that lies below, and tells how
// many files these were.
func (x *Index) Forget(ctx context.Context, path string) (files int, err error) {
	err = x.change(ctx, "changing", func(tx *sql.Tx) error {
		from, to := below(path)
		result, err := tx.ExecContext(ctx, "DELETE FROM files WHERE path=? OR path>=? AND path<?", path, from, to)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		files = int(n)
		_, err = tx.ExecContext(ctx, "DELETE FROM roots WHERE path=? OR path>=? AND path<?", path, from, to)
		return err
	})
	return files, err
}

// below are the bounds of all paths in a folder: the first one, and what follows the last.
func below(folder string) (from, to string) {
	folder = strings.TrimSuffix(folder, string(filepath.Separator)) // of the root of a disk
	return folder + string(filepath.Separator), folder + string(filepath.Separator+1)
}
