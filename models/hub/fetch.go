package hub

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// pieceSize is what is read and written at once.
const pieceSize = 256 << 10

// fetch is a file that is being fetched.
type fetch struct {
	client *Client
	sel    Selection
	file   File
	said   func(string)
	done   *atomic.Int64 // bytes of all files that are there

	out  *os.File
	note *recorder

	mu      sync.Mutex
	grown   *sync.Cond // the file is there further from its start
	have    spans
	todo    spans // what nobody is at, in order
	jobs    map[*job]bool
	workers int
	single  bool // the server sends no ranges: there is one connection
	away    *url.URL
	failed  error
}

// job is the piece that a connection is at.
type job struct {
	began time.Time
	from  int64
	at    int64 // what is before is there
	end   int64 // others may take the rest over
}

// left is how much has not come yet.
func (j *job) left() int64 { return j.end - j.at }

// isSlow reports whether the rest takes so long that it is worth another request.
func (j *job) isSlow() bool {
	const soon = time.Second
	elapsed := time.Since(j.began)
	return elapsed > soon/10 && float64(j.left())*elapsed.Seconds() > float64(j.at-j.from)*soon.Seconds()
}

// fileAddress is where the hub has a file.
func (c *Client) fileAddress(s Selection, path string) *url.URL {
	return c.address(s.Name.Repo, "resolve", s.Commit, escapePath(path))
}

// run fetches what is missing, and returns after all is there, or after the first error.
func (f *fetch) run(ctx context.Context) error {
	f.grown = sync.NewCond(&f.mu)
	f.jobs = map[*job]bool{}
	f.todo = f.have.missing(f.file.Size)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() { f.fail(context.Cause(ctx)) })
	defer stop()

	var hashing sync.WaitGroup
	var verified error
	hashing.Go(func() { verified = f.verify() })
	var all sync.WaitGroup
	start := func() {
		f.workers++
		all.Go(func() {
			if err := f.work(ctx); err != nil {
				f.fail(err)
				cancel(err)
			}
		})
	}
	if len(f.todo) > 0 {
		// One goes ahead: it finds out where the content is, and whether it comes in ranges.
		f.mu.Lock()
		start()
		for f.away == nil && !f.single && f.workers > 0 && f.failed == nil {
			f.grown.Wait()
		}
		if !f.single && f.failed == nil {
			useful := int((f.todo.size() + f.client.grain.share - 1) / f.client.grain.share)
			for range min(f.client.connections-1, useful) {
				start()
			}
		}
		f.mu.Unlock()
	}
	all.Wait()
	f.mu.Lock()
	err := f.failed
	if err == nil && f.have.prefix() < f.file.Size {
		err = fmt.Errorf("%s did not come whole", oneLine(f.file.Path))
	}
	f.mu.Unlock()
	if err != nil {
		f.fail(err)
		hashing.Wait()
		return err
	}
	hashing.Wait()
	return verified
}

// fail ends it all with the first error.
func (f *fetch) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed == nil {
		f.failed = err
	}
	f.grown.Broadcast()
}

// work fetches one piece after the other over one connection.
func (f *fetch) work(ctx context.Context) error {
	defer func() {
		f.mu.Lock()
		f.workers--
		f.grown.Broadcast()
		f.mu.Unlock()
	}()
	attempt := 0
	for {
		j, yet := f.next()
		if !yet {
			const often = 20 * time.Millisecond
			if err := sleep(ctx, often); err != nil {
				return err
			}
			continue
		}
		if j == nil {
			return nil
		}
		err := f.piece(ctx, j)
		f.giveBack(j)
		if err == nil {
			attempt = 0
			continue
		}
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		if j.at > j.from {
			attempt = 0
		}
		attempt++
		wait, ok := f.client.patience(err, attempt)
		switch {
		case !ok:
			return err
		case attempt >= attempts && f.others():
			return nil // they go on with the rest: perhaps there may be no more connections
		case attempt >= attempts:
			return err
		}
		f.said(fmt.Sprintf("trying again: %v", err))
		if err := sleep(ctx, wait); err != nil {
			return err
		}
		f.said(fetching(f.file))
	}
}

// fetching says what goes on.
func fetching(file File) string { return "fetching " + oneLine(file.name()) }

// others reports whether there are other connections. If so, the one that asks has ended.
func (f *fetch) others() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.workers > 1 && len(f.jobs) > 0
}

// next is the piece that is to be fetched next: a block, or where all are taken, half of what
// the slowest connection has to do still. Where it is too early to tell which is slow, there is
// none yet; where there is nothing to do any more, it is nil.
func (f *fetch) next() (j *job, yet bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed != nil {
		return nil, true
	}
	j = &job{began: time.Now()}
	switch {
	case len(f.todo) > 0:
		block := f.todo[0]
		if !f.single && block.size() > f.client.grain.block {
			block.end = block.start + f.client.grain.block
		}
		if f.todo[0].start = block.end; f.todo[0].size() == 0 {
			f.todo = f.todo[1:]
		}
		j.at, j.end = block.start, block.end
	case f.single:
		return nil, true
	default:
		var last *job
		for other := range f.jobs {
			if last == nil || other.left() > last.left() {
				last = other
			}
		}
		if last == nil || last.left() < 2*f.client.grain.share {
			return nil, true
		}
		if !last.isSlow() {
			return nil, false
		}
		j.end = last.end
		last.end -= last.left() / 2
		j.at = last.end
	}
	j.from = j.at
	f.jobs[j] = true
	return j, true
}

// giveBack leaves the rest of a piece to whoever is next.
func (f *fetch) giveBack(j *job) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.jobs, j)
	f.todo = f.todo.add(span{j.at, j.end})
}

// where is the address to ask: the one that the hub has redirected to, or else the hub's.
func (f *fetch) where() (u *url.URL, away bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away != nil {
		return f.away, true
	}
	return f.client.fileAddress(f.sel, f.file.Path), false
}

// found notes where the content is.
func (f *fetch) found(u *url.URL) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.away = u
	f.grown.Broadcast()
}

// isGone reports whether a status at the place that the hub redirected to says that one has
// to ask the hub again: the signed address has expired.
func isGone(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		return true
	}
	return false
}

// refused says why a file is not sent.
func (f *fetch) refused(resp *http.Response) error {
	u := resp.Request.URL
	if f.client.isHub(u) {
		return f.client.refusal(f.sel.Name, f.file.Path, resp)
	}
	status := resp.StatusCode
	e := &engine.Error{
		Kind:    engine.Failed,
		Message: fmt.Sprintf("%s, where the hub keeps %s, answers %d %s", u.Host, oneLine(f.file.Path), status, http.StatusText(status)),
		Hint:    "try again later",
	}
	if isGone(status) || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500 {
		e.Temporary = true
		e.RetryAfter = retryAfter(resp.Header)
	}
	return e
}
