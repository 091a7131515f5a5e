package qdrant

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/index"
)

// batch is how many points are sent at once.
const batch = 256

// point is a content of an index, named by it.
type point struct {
	ID      string    `json:"id"`
	Vector  []float32 `json:"vector"`
	Payload payload   `json:"payload"`
}

// Export puts all of an index into the collection, which is made if there is none, and removes
// what an earlier export of the same index has put there and is gone since. Points are named
// by their content, so another export changes nothing that is the same. origin tells the
// index from others; progress is told how many points were sent.
func (c Collection) Export(ctx context.Context, x *index.Index, origin string, progress func(sent int)) (sent, damaged int, err error) {
	s, err := x.State(ctx)
	if err != nil {
		return 0, 0, err
	}
	if err := c.prepare(ctx, s.Space); err != nil {
		return 0, 0, err
	}
	run := time.Now().UTC().Format(time.RFC3339Nano)
	var points []point
	send := func() error {
		if len(points) == 0 {
			return nil
		}
		err := c.call(ctx, http.MethodPut, "/points?wait=true", map[string]any{"points": points}, nil)
		sent += len(points)
		points = points[:0]
		progress(sent)
		return err
	}
	damaged, err = x.Entries(ctx, func(e index.Entry) error {
		points = append(points, point{idOf(e.SHA256), e.Vector, payload{
			Path: e.Source(), Copies: e.Copies, Folders: foldersOf(append([]string{e.Path}, e.Copies...)), SHA256: e.SHA256, Taken: e.Taken.UTC(),
			Bytes: e.Bytes, Width: e.Width, Height: e.Height, Model: s.Space.Model, Space: s.Space.ID, Index: origin, Run: run,
		}})
		if len(points) < batch {
			return nil
		}
		return send()
	})
	if err == nil {
		err = send()
	}
	if err != nil {
		return sent, damaged, c.named(err)
	}
	gone := map[string]any{"must": []any{matches("index", origin)}, "must_not": []any{matches("run", run)}}
	return sent, damaged, c.named(c.call(ctx, http.MethodPost, "/points/delete?wait=true", map[string]any{"filter": gone}, nil))
}

// prepare makes the collection, or makes sure that it is of the space.
func (c Collection) prepare(ctx context.Context, space engine.Space) error {
	err := c.fits(ctx, space)
	if !errors.Is(err, errMissing) {
		return err
	}
	vectors := map[string]any{"size": space.Dimensions, "distance": "Cosine"}
	if err := c.call(ctx, http.MethodPut, "", map[string]any{"vectors": vectors}, nil); err != nil {
		return c.named(err)
	}
	for field, kind := range map[string]string{"space": "keyword", "index": "keyword", "run": "keyword", "folders": "keyword", "taken": "datetime"} {
		if err := c.call(ctx, http.MethodPut, "/index?wait=true", map[string]any{"field_name": field, "field_schema": kind}, nil); err != nil {
			return c.named(err)
		}
	}
	return nil
}

// named says of which collection it is that there is none.
func (c Collection) named(err error) error {
	if errors.Is(err, errMissing) {
		return c.failure(engine.Failed, "there is none", "vlmchat index export --qdrant makes it", err)
	}
	return err
}

// idOf makes a point's ID of a content's SHA-256: Qdrant takes UUIDs.
func idOf(sha256 string) string {
	b, err := hex.DecodeString(sha256)
	if err != nil || len(b) < 16 {
		return ""
	}
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80 // version 8, whose bits are anybody's (RFC 9562, 5.8)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// foldersOf are the folders in which files lie, all the way up, each once.
func foldersOf(paths []string) []string {
	var all []string
	seen := map[string]bool{}
	for _, path := range paths {
		for dir := filepath.Dir(path); !seen[dir]; dir = filepath.Dir(dir) {
			seen[dir] = true
			all = append(all, dir)
		}
	}
	return all
}
