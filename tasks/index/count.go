package index

import (
	"context"
	"os"
	"path/filepath"
)

// Counts are how much is in an index.
type Counts struct {
	Files    int   `json:"files"`    // with pictures
	Pictures int   `json:"pictures"` // with each page and frame
	Contents int   `json:"contents"` // the same picture in several files once
	Problems int   `json:"problems"` // files that can't be used
	Bytes    int64 `json:"bytes"`    // that the index takes on the disk
	Oldest   int64 `json:"-"`        // when the first was taken, in milliseconds since 1970
	Newest   int64 `json:"-"`
}

// Count counts what is in the index.
func (x *Index) Count(ctx context.Context) (c Counts, err error) {
	err = x.db.QueryRowContext(ctx, `SELECT count(DISTINCT file), count(*), count(DISTINCT content), coalesce(min(`+taken+`), 0), coalesce(max(`+taken+`), 0),
		(SELECT count(*) FROM files WHERE problem<>'') FROM pictures JOIN files ON files.id=file`).
		Scan(&c.Files, &c.Pictures, &c.Contents, &c.Oldest, &c.Newest, &c.Problems)
	if err != nil {
		return c, x.failure("reading", err)
	}
	entries, err := os.ReadDir(x.dir)
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(x.dir, e.Name())); err == nil && info.Mode().IsRegular() {
			c.Bytes += info.Size()
		}
	}
	return c, err
}
