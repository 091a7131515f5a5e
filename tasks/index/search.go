package index

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"github.com/vlmchat/vlmchat/vectors"
)

// Query is what is searched for.
type Query struct {
	Vector   []float32 // of unit length
	K        int       // as many pictures as are wanted
	MinScore float64   // no picture with a lower cosine; -1 takes all
	Filter
}

// Filter says among which pictures is searched. Its zero value means all.
type Filter struct {
	Under []string  // folders or files, absolute
	Globs []string  // patterns of paths (Matches), of which one has to fit
	Since time.Time // taken then or later
	Until time.Time // taken before
}

func (f Filter) all() bool {
	return len(f.Under) == 0 && len(f.Globs) == 0 && f.Since.IsZero() && f.Until.IsZero()
}

// Picture is one in the index.
type Picture struct {
	Path   string    `json:"path"`             // absolute
	Part   string    `json:"part,omitempty"`   // of the file, behind its path: "#3"
	SHA256 string    `json:"sha256"`           // of the file, or of a part's pixels
	Taken  time.Time `json:"taken"`            // by its own word, or when the file was changed
	Bytes  int64     `json:"bytes"`            // of the file
	Width  int       `json:"width"`            // in pixels, upright
	Height int       `json:"height"`           //
	Format string    `json:"format,omitempty"` // none of a part
}

// Source is by what name the picture is read.
func (p Picture) Source() string { return p.Path + p.Part }

// Hit is a picture that was found.
type Hit struct {
	Score float64 `json:"score"` // the cosine of its vector with the query
	Picture
	Copies []string `json:"copies,omitempty"` // other files with the same content, among which was searched
}

// Found is what a search has found.
type Found struct {
	Hits    []Hit    // the best first, each content once
	Gone    []string // files that would have been found, and are not there any more
	Damaged int      // vectors that were left out, as they are not as they were written
}

// Search finds the pictures whose vectors are nearest to the query's, among those that the
// filter means: all of them, so there are as many as are wanted if there are so many. The
// order of equally near ones is that in which they came into the index.
func (x *Index) Search(ctx context.Context, q Query) (Found, error) {
	found, err := x.search(ctx, q)
	var broken *Broken
	if errors.As(err, &broken) { // or another process has just put it in order
		found, err = x.search(ctx, q)
	}
	return found, err
}

func (x *Index) search(ctx context.Context, q Query) (found Found, err error) {
	tx, err := x.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return found, x.failure("searching", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	s, err := stateIn(ctx, tx)
	if err != nil || s.Empty() || q.K < 1 {
		return found, x.failure("searching", err)
	}
	f, err := x.openVectors(s)
	if err != nil {
		return found, err
	}
	defer f.Close()
	keep, err := q.rows(ctx, tx)
	if err != nil {
		return found, x.failure("searching", err)
	}
	rows := x.searcher(s, f)
	// Rows of pictures that are gone are among those that are found: the more so, the more
	// are asked for.
	for k := q.K + 8; ; k *= 4 {
		result, err := rows.Search(ctx, [][]float32{q.Vector}, min(k, max(s.rows, 1)), keep)
		if err != nil {
			return found, x.broken(err)
		}
		damaged, err := counting(ctx, tx, result.Damaged)
		if err != nil {
			return found, x.failure("searching", err)
		}
		found = Found{Damaged: len(damaged)}
		enough, err := q.resolve(ctx, tx, result.Hits[0], &found)
		if err != nil {
			return found, x.failure("searching", err)
		}
		if enough || k >= s.rows {
			return found, nil
		}
	}
}

// rows are those of the pictures that the filter means, nil for all.
func (f Filter) rows(ctx context.Context, tx *sql.Tx) (*vectors.Set, error) {
	if f.all() {
		return nil, nil
	}
	keep := vectors.NewSet()
	query := "SELECT row, path FROM pictures JOIN files ON files.id=file JOIN contents ON contents.id=content"
	where, args := f.where()
	rows, err := tx.QueryContext(ctx, query+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row int
		var path string
		if err := rows.Scan(&row, &path); err != nil {
			return nil, err
		}
		if f.fits(path) {
			keep.Add(row)
		}
	}
	return keep, rows.Err()
}

// taken is when a picture was taken, in a query.
const taken = "coalesce(nullif(taken, 0), mtime/1000000)"

// where is what a query says of a filter, but for its patterns.
func (f Filter) where() (where string, args []any) {
	where = " WHERE true"
	if !f.Since.IsZero() {
		where, args = where+" AND "+taken+">=?", append(args, f.Since.UnixMilli())
	}
	if !f.Until.IsZero() {
		where, args = where+" AND "+taken+"<?", append(args, f.Until.UnixMilli())
	}
	for i, path := range f.Under {
		if i == 0 {
			where += " AND (false"
		}
		from, to := below(path)
		where, args = where+" OR path=? OR path>=? AND path<?", append(args, path, from, to)
	}
	if len(f.Under) > 0 {
		where += ")"
	}
	return where, args
}

// fits tells whether a path is one of those that the patterns mean.
func (f Filter) fits(path string) bool {
	return len(f.Globs) == 0 || (Options{Globs: f.Globs}).wants(path)
}

// resolve finds the files of rows, until there are enough.
func (q Query) resolve(ctx context.Context, tx *sql.Tx, hits []vectors.Hit, found *Found) (enough bool, err error) {
	for _, hit := range hits {
		if float64(hit.Score) < q.MinScore {
			return true, nil
		}
		pictures, err := q.pictures(ctx, tx, hit.Row)
		if err != nil {
			return false, err
		}
		one := Hit{Score: rounded(hit.Score)}
		for _, p := range pictures {
			switch {
			case isGone(p.Path):
				found.Gone = append(found.Gone, p.Path)
			case one.Path == "":
				one.Picture = p
			default:
				one.Copies = append(one.Copies, p.Source())
			}
		}
		if one.Path != "" {
			found.Hits = append(found.Hits, one)
		}
		if len(found.Hits) == q.K {
			return true, nil
		}
	}
	return false, nil
}

// rounded is a score with as many digits as float16 vectors are good for.
func rounded(score float32) float64 { return math.Round(float64(score)*1e5) / 1e5 }

// pictures are those with the content of a row, by their paths.
func (f Filter) pictures(ctx context.Context, q querier, row int) ([]Picture, error) {
	where, args := f.where()
	all, err := picturesIn(ctx, q, where+" AND row=?", append(args, row)...)
	kept := all[:0]
	for _, p := range all {
		if f.fits(p.Path) {
			kept = append(kept, p)
		}
	}
	return kept, err
}

// picturesIn reads the pictures that a condition means, by their paths.
func picturesIn(ctx context.Context, q querier, where string, args ...any) ([]Picture, error) {
	rows, err := q.QueryContext(ctx, "SELECT path, part, contents.sha256, "+taken+`, size, width, height, format
		FROM contents JOIN pictures ON content=contents.id JOIN files ON files.id=file`+where+" ORDER BY path, length(part), part", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Picture
	for rows.Next() {
		var p Picture
		var at int64
		if err := rows.Scan(&p.Path, &p.Part, &p.SHA256, &at, &p.Bytes, &p.Width, &p.Height, &p.Format); err != nil {
			return nil, err
		}
		p.Taken = time.UnixMilli(at).UTC()
		all = append(all, p)
	}
	return all, rows.Err()
}

// Mean is the direction between vectors of unit length: their normalised mean.
func Mean(vectors ...[]float32) []float32 { return Combine(vectors, nil) }

// Combine is the direction towards some vectors, and away from others: the mean of the ones
// without that of the others, normalised. It is nil if these cancel out.
func Combine(towards, away [][]float32) []float32 {
	var sum []float64
	add := func(vectors [][]float32, weight float64) {
		for _, v := range vectors {
			if sum == nil {
				sum = make([]float64, len(v))
			}
			for i, x := range v {
				sum[i] += weight / float64(len(vectors)) * float64(x)
			}
		}
	}
	add(towards, 1)
	add(away, -1)
	length := 0.0
	for _, x := range sum {
		length += x * x
	}
	if length = math.Sqrt(length); length < 1e-6 {
		return nil
	}
	mean := make([]float32, len(sum))
	for i, x := range sum {
		mean[i] = float32(x / length)
	}
	return mean
}
