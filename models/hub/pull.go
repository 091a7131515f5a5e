package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// Pull brings a model into the cache. What is there already is used, and what was begun is
// gone on with. The sequence ends after all is there, the last event with Done equal to Total,
// or after the first error; leaving it stops the transfer, and what has come is kept.
func (c *Client) Pull(ctx context.Context, n Name) iter.Seq2[engine.PullProgress, error] {
	return func(yield func(engine.PullProgress, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		p := &pull{client: c, name: n, news: make(chan struct{}, 1)}
		finished := make(chan error, 1)
		var running sync.WaitGroup
		running.Go(func() { finished <- p.run(ctx) })
		const often = 100 * time.Millisecond
		ticks := time.NewTicker(often)
		defer ticks.Stop()
		var last engine.PullProgress
		for {
			select {
			case err := <-finished:
				if err != nil {
					yield(engine.PullProgress{}, stopped(ctx, n, err))
					return
				}
				yield(p.progress(), nil)
				return
			case <-p.news:
			case <-ticks.C:
			}
			if now := p.progress(); now != last {
				last = now
				if !yield(now, nil) {
					cancel(errLeft)
					running.Wait()
					return
				}
			}
		}
	}
}

// errLeft ends a pull that nobody listens to any more.
var errLeft = errors.New("left")

// stopped makes the end of a context an error for people.
func stopped(ctx context.Context, n Name, err error) error {
	var e *engine.Error
	switch {
	case ctx.Err() == nil || errors.As(err, &e):
		return err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &engine.Error{Kind: engine.TimedOut, Message: fmt.Sprintf("the time for %s is over", n), Hint: "pull it again: what has come is kept", Err: ctx.Err()}
	}
	return &engine.Error{Kind: engine.Cancelled, Message: "stopped", Err: ctx.Err()}
}

// pull is a model that is being fetched.
type pull struct {
	client *Client
	name   Name
	news   chan struct{} // there is another status
	done   atomic.Int64
	total  atomic.Int64

	mu     sync.Mutex
	status string
}

func (p *pull) progress() engine.PullProgress {
	p.mu.Lock()
	defer p.mu.Unlock()
	return engine.PullProgress{Status: p.status, Done: p.done.Load(), Total: p.total.Load()}
}

// say tells what goes on.
func (p *pull) say(status string) {
	p.mu.Lock()
	p.status = status
	p.mu.Unlock()
	select {
	case p.news <- struct{}{}:
	default:
	}
}

func (p *pull) run(ctx context.Context) error {
	c := p.client
	if variable := offline(); variable != "" {
		return p.fromCache(variable)
	}
	p.say("asking " + c.endpoint.Host)
	s, err := c.selects(ctx, p.name, p.say)
	if err != nil {
		return err
	}
	p.total.Store(s.Size())
	missing := int64(0)
	for _, f := range s.Files() {
		missing += f.Size - c.cache.there(s.Name.Repo, s.Commit, f)
	}
	if err := c.cache.checkSpace(p.name, missing); err != nil {
		return err
	}
	for _, f := range s.Files() {
		if err := p.file(ctx, s, f); err != nil {
			return err
		}
	}
	// Only now the branch is said to be there: until then an older commit of it can be used. A
	// cache that can't be written has all it needs.
	_ = c.cache.setRef(s.Name.Repo, s.Name.revision(), s.Commit)
	p.say("success")
	return nil
}

// fromCache is what comes of a pull where nobody may be asked.
func (p *pull) fromCache(variable string) error {
	found, err := p.client.cache.find(p.name)
	if err == nil {
		p.total.Store(found.Size)
		p.done.Store(found.Size)
		p.say("success")
		return nil
	}
	if folder, ok := p.client.cache.newest(p.name.Repo, hasCheckpoint); ok && p.name.Variant == "" {
		size := int64(0)
		for _, f := range checkpointFiles((snapshot{dir: folder}).files()) {
			size += f.Size
		}
		p.total.Store(size)
		p.done.Store(size)
		p.say("success")
		return nil
	}
	return forbidden(err.Error(), variable)
}

// there is how much of a file the cache has.
func (c cache) there(repo, commit string, f File) int64 {
	blob := c.blob(repo, f.etag())
	if isFile(c.pointer(repo, commit, f.Path), f.Size) || isFile(blob, f.Size) {
		return f.Size
	}
	if p, ok := c.begun(repo, f); ok {
		return p.have.size()
	}
	if fi, err := os.Stat(blob + olderEnding); err == nil && fi.Size() <= f.Size {
		return fi.Size()
	}
	return 0
}

// begun is the record of a file of which a part is there.
func (c cache) begun(repo string, f File) (partial, bool) {
	blob := c.blob(repo, f.etag())
	p, ok := loadRecord(blob+recordEnding, f.etag(), f.Size)
	return p, ok && isFile(blob+partialEnding, f.Size)
}

// file brings one file into the snapshot.
func (p *pull) file(ctx context.Context, s Selection, f File) error {
	c := p.client.cache
	repo := s.Name.Repo
	if isFile(c.pointer(repo, s.Commit, f.Path), f.Size) {
		p.done.Add(f.Size)
		return nil
	}
	if err := c.prepare(repo, s.Commit, f.Path, f.etag()); err != nil {
		return err
	}
	release, err := c.hold(ctx, repo, f.etag(), func() {
		p.say("waiting for another program that fetches " + oneLine(f.name()))
	})
	if err != nil {
		return err
	}
	defer release()
	if !isFile(c.blob(repo, f.etag()), f.Size) && !isFile(c.pointer(repo, s.Commit, f.Path), f.Size) {
		if err := p.content(ctx, s, f); err != nil {
			return err
		}
	} else {
		p.done.Add(f.Size)
	}
	if err := c.link(repo, s.Commit, f); err != nil {
		return err
	}
	return checkHeader(c.pointer(repo, s.Commit, f.Path), f)
}

// content fetches a file into the blobs.
func (p *pull) content(ctx context.Context, s Selection, f File) error {
	before := p.done.Load()
	for {
		resumed, err := p.attempt(ctx, s, f)
		var wrong errWrongBytes
		if !errors.As(err, &wrong) {
			return err
		}
		// What came earlier may be what is wrong. Of one that came at once, it is the way.
		p.done.Store(before)
		p.client.cache.forget(s.Name.Repo, f)
		if !resumed {
			return err
		}
		p.say("what had come of " + oneLine(f.name()) + " is damaged: fetching it anew")
	}
}

// attempt fetches what is missing of a file, and moves it to the blobs if it is right.
func (p *pull) attempt(ctx context.Context, s Selection, f File) (resumed bool, err error) {
	c := p.client.cache
	repo := s.Name.Repo
	blob := c.blob(repo, f.etag())
	state := c.adopt(repo, f)
	state.Name, state.Commit, state.Path, state.Size, state.ETag = s.Name.String(), s.Commit, f.Path, f.Size, f.etag()
	out, err := os.OpenFile(blob+partialEnding, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return false, notWritable(c.dir, err)
	}
	defer out.Close()
	if err := out.Truncate(f.Size); err != nil {
		return false, notWritable(c.dir, err)
	}
	note, err := newRecorder(blob+recordEnding, state)
	if err != nil {
		return false, notWritable(c.dir, err)
	}
	defer func() { _ = note.close() }()
	p.done.Add(state.have.size())
	p.say(fetching(f))
	resumed = len(state.have) > 0
	job := &fetch{client: p.client, sel: s, file: f, said: p.say, done: &p.done, out: out, note: note, have: state.have}
	if err := job.run(ctx); err != nil {
		return resumed, err
	}
	if err := errors.Join(out.Sync(), out.Close(), note.close()); err != nil {
		return resumed, notWritable(c.dir, err)
	}
	if err := os.Rename(blob+partialEnding, blob); err != nil {
		return resumed, notWritable(c.dir, err)
	}
	_ = os.Remove(blob + recordEnding)
	return resumed, nil
}

// adopt finds what has come of a file earlier: by us, or by the hub's client, whose remains
// become ours.
func (c cache) adopt(repo string, f File) partial {
	if p, ok := c.begun(repo, f); ok {
		return p
	}
	blob := c.blob(repo, f.etag())
	_ = os.Remove(blob + recordEnding)
	_ = os.Remove(blob + partialEnding)
	fi, err := os.Stat(blob + olderEnding)
	if err != nil || !fi.Mode().IsRegular() || fi.Size() > f.Size || os.Rename(blob+olderEnding, blob+partialEnding) != nil {
		return partial{}
	}
	return partial{have: spans{}.add(span{0, fi.Size()})}
}

// forget throws away what has come of a file.
func (c cache) forget(repo string, f File) {
	blob := c.blob(repo, f.etag())
	_ = os.Remove(blob + recordEnding)
	_ = os.Remove(blob + partialEnding)
}

// checkHeader looks whether what was published as a GGUF file is one. More of it is looked at
// when it is used.
func checkHeader(path string, f File) error {
	const magic = "GGUF"
	if !isGGUF(f.Path) {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(file, head); err == nil && string(head) == magic {
		return nil
	}
	return &engine.Error{
		Kind:    engine.ModelInvalid,
		Message: fmt.Sprintf("%s is as it was published, and it is no GGUF file", oneLine(f.Path)),
		Hint:    "tell those who publish it, and remove it with 'vlmchat models rm'",
	}
}
