package index

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/vectors"
)

// A batch of pictures is closed at so many of them, or so many bytes of their pixels: the
// memory that an update takes does not grow with the number of files.
const (
	batchPictures = 32
	batchPixels   = 64 << 20
)

// picture is one that was found in a file.
type picture struct {
	part          string // of the file: "" for the whole, or "#3"
	content       string // its SHA-256
	width, height int
	format        string
	taken         time.Time
	pixels        *images.Picture // nil if the index has its vector
	vector        []float32
}

// read is a file that was looked at, or some of the pages of one.
type read struct {
	found
	sha256   string
	pictures []picture
	problem  string
	stale    bool // it has to be looked at anew
	more     bool // follows pages of the same file that went before
}

// encode looks at all files below the roots: some readers decode pictures while a batch of
// them is encoded and the one before is written.
func (u *updating) encode(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	todo, done := make(chan found), make(chan read)
	var walking, reading sync.WaitGroup
	walking.Go(func() {
		defer close(todo)
		for _, root := range u.Roots {
			err := walk(ctx, root, func(f unread) { u.did(func(*Report) { u.note("%s can't be read: %v", f.path, withoutPath(f.err)) }) }, func(f found) error {
				return u.hand(ctx, f, todo)
			})
			if err != nil {
				stop(err)
				return
			}
		}
	})
	readers := u.Readers
	if readers <= 0 {
		readers = 4
	}
	for range readers {
		reading.Go(func() {
			for f := range todo {
				err := u.read(ctx, f, func(r read) error {
					select {
					case done <- r:
						return nil
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				})
				if err != nil {
					stop(err)
					return
				}
			}
		})
	}
	go func() { reading.Wait(); close(done) }()
	err := u.take(ctx, done)
	if err != nil {
		stop(err)
	}
	for range done { // readers that have something in hand end
	}
	walking.Wait()
	if cause := context.Cause(ctx); err == nil && cause != nil {
		err = cause
	}
	return err
}

// hand hands on a file that has to be looked at.
func (u *updating) hand(ctx context.Context, f found, todo chan<- found) error {
	same, err := u.x.same(ctx, f, u.Retry)
	if err != nil {
		return err
	}
	if same {
		u.did(func(r *Report) { r.Files++; r.Same++ })
		return nil
	}
	select {
	case todo <- f:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// same reports whether a file is in the index as it is now.
func (x *Index) same(ctx context.Context, f found, retry bool) (bool, error) {
	var size, mtime int64
	var problem string
	var stale bool
	err := x.db.QueryRowContext(ctx, "SELECT size, mtime, problem, stale FROM files WHERE path=?", f.path).Scan(&size, &mtime, &problem, &stale)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil && size == f.size && mtime == f.mtime && !stale && (!retry || problem == ""), x.failure("reading", err)
}

// take encodes what was read, batch by batch, and writes it down.
func (u *updating) take(ctx context.Context, done <-chan read) error {
	var batch []read
	pictures, bytes := 0, 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := u.vectors(ctx, batch); err != nil {
			return err
		}
		if err := u.write(ctx, batch); err != nil {
			return err
		}
		clear(batch)
		batch, pictures, bytes = batch[:0], 0, 0
		return nil
	}
	for r := range done {
		batch = append(batch, r)
		for _, p := range r.pictures {
			if p.pixels != nil {
				pictures++
				bytes += len(p.pixels.RGB())
			}
		}
		if pictures >= batchPictures || bytes >= batchPixels || len(batch) >= 16*batchPictures {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return flush()
}

// vectors has the encoder make those of a batch. Where it refuses the whole it is asked for
// each picture, to know which it can't take.
func (u *updating) vectors(ctx context.Context, batch []read) error {
	var all []*images.Picture
	var of []*picture
	var in []*read
	for i := range batch {
		for j := range batch[i].pictures {
			if p := &batch[i].pictures[j]; p.pixels != nil {
				all, of, in = append(all, p.pixels), append(of, p), append(in, &batch[i])
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	made, err := u.Encoder.EncodePictures(ctx, all)
	if err == nil {
		for i := range of {
			of[i].got(made[i], in[i])
		}
		return nil
	}
	if !refused(err) {
		return err
	}
	for i, p := range all {
		made, err := u.Encoder.EncodePictures(ctx, []*images.Picture{p})
		switch {
		case err == nil:
			of[i].got(made[0], in[i])
		case refused(err):
			in[i].problem = err.Error()
		default:
			return err
		}
		of[i].pixels = nil
	}
	return nil
}

// got takes the vector of a picture, if it is one.
func (p *picture) got(vector []float32, in *read) {
	p.pixels = nil
	sum := 0.0
	for _, x := range vector {
		sum += float64(x) * float64(x)
	}
	if !(math.Abs(math.Sqrt(sum)-1) <= vectors.Tolerance) { // as of NaN
		in.problem = "the model makes no vector of it"
		return
	}
	p.vector = vector
}

// refused tells errors that are about a picture from those that any other would meet, too.
func refused(err error) bool {
	_, picture := errors.AsType[*images.Error](err)
	return picture || engine.KindOf(err) == engine.BadPicture
}

// read looks into a file, and hands on what is there. What is wrong with it is handed on, too.
func (u *updating) read(ctx context.Context, f found, hand func(read) error) error {
	r := read{found: f}
	var err error
	if r.sha256, err = digestOf(f.path); err != nil {
		return r.failed(ctx, fmt.Errorf("it can't be read: %w", withoutPath(err)), hand)
	}
	if r.pictures, err = u.x.known(ctx, r.sha256); err != nil {
		return err
	}
	if r.pictures != nil {
		return hand(r)
	}
	return u.pictures(ctx, r, hand)
}

// failed hands on why a file has no pictures.
func (r read) failed(ctx context.Context, why error, hand func(read) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.pictures, r.problem, r.stale, r.more = nil, why.Error(), true, false
	if e, ok := errors.AsType[*images.Error](why); ok {
		r.problem = e.Detail
		r.stale = e.Reason == images.Unreadable || e.Reason == images.NoFFmpeg || e.Reason == images.Missing // it may be otherwise the next time
	}
	return hand(r)
}

// pagesAtOnce is how many pages of a document are in memory.
const pagesAtOnce = 8

// pictures reads those of a file: itself, or its pages or frames, some at a time: all but the
// last of these leave the file stale.
func (u *updating) pictures(ctx context.Context, r read, hand func(read) error) error {
	names := []string{r.path}
	if images.MayHavePages(r.path) || images.MayMove(r.path) {
		var err error
		if names, err = u.Loader.Names(ctx, r.path); err != nil {
			return r.failed(ctx, err, hand)
		}
	}
	whole := r.sha256
	for i, name := range names {
		p, err := u.picture(ctx, r.path, name)
		if err != nil {
			return r.failed(ctx, err, hand)
		}
		r.pictures = append(r.pictures, p)
		if last := i == len(names)-1; last || len(r.pictures) == pagesAtOnce {
			if r.stale, r.sha256 = true, ""; last && r.unchanged() {
				r.stale, r.sha256 = false, whole
			}
			if err := hand(r); err != nil {
				return err
			}
			r.pictures, r.more = nil, true
		}
	}
	return nil
}

// unchanged reports whether a file is as it was found. Of one that was written to while it was
// read, what was read may not be what its digest says, by which copies of it are known.
func (f found) unchanged() bool {
	info, err := os.Stat(f.path)
	return err == nil && info.Size() == f.size && info.ModTime().UnixNano() == f.mtime
}

// picture reads one. If the index has its vector, its pixels are let go.
func (u *updating) picture(ctx context.Context, path, name string) (picture, error) {
	loaded, err := u.Loader.Load(ctx, name)
	if err != nil {
		return picture{}, err
	}
	p := loaded[0]
	one := picture{part: strings.TrimPrefix(name, path), content: p.SHA256, width: p.Width, height: p.Height, format: p.Format, taken: p.Taken(), pixels: p}
	known, err := u.x.has(ctx, p.SHA256)
	if known {
		one.pixels = nil
	}
	return one, err
}

// digestOf is the SHA-256 of a file.
func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// withoutPath is an operating system's error without the path, which the message has.
func withoutPath(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
