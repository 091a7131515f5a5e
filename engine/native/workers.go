package native

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/memory"
)

// Worker is a worker process of this user's, as 'vlmchat ps' shows it.
type Worker struct {
	status
	PID    int   `json:"pid,omitempty"`          // 0 if the system does not tell
	Memory int64 `json:"memory_bytes,omitempty"` // resident, what is mapped of the model included; 0 if not known
	// Silent says that it does not answer. Of its status nothing is known then.
	Silent bool `json:"silent,omitempty"`

	dir, key string
}

// statusPatience is how long a worker may take to tell its status, for which it
// need not wait for anything.
var statusPatience = 2 * time.Second

// Workers lists the workers that run, by model, and removes the files of those
// that don't any more.
func Workers(ctx context.Context) ([]Worker, error) {
	var workers []Worker
	for _, dir := range socketDirs() {
		sweep(dir)
		found := make([]*Worker, 0, 8)
		var all sync.WaitGroup
		for _, key := range keysIn(dir) {
			w := &Worker{dir: dir, key: key}
			found = append(found, w)
			all.Go(func() { w.look(ctx) })
		}
		all.Wait()
		for _, w := range found {
			if w.PID != 0 || w.Silent || w.Path != "" {
				workers = append(workers, *w)
			}
		}
	}
	slices.SortFunc(workers, func(a, b Worker) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), a.Started.Compare(b.Started), cmp.Compare(a.PID, b.PID))
	})
	return workers, ctx.Err()
}

// look asks the worker for its status. One that just ended is left empty.
func (w *Worker) look(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, statusPatience)
	defer cancel()
	var p peer
	defer p.release()
	resp, err := call(limited, w.dir, w.key, http.MethodGet, "/status", &p)
	if err == nil {
		err = json.Unmarshal(resp, &w.status)
	}
	if err != nil && limited.Err() == nil {
		return // nobody listens, or it is just ending
	}
	w.Silent = err != nil
	if w.PID = p.pid(); w.PID != 0 {
		w.Memory = memory.Resident(w.PID)
	}
}

// stopPatience is how long a worker may take to end that was asked to.
var stopPatience = 5 * time.Second

// Stop ends the worker: it is asked to, and killed if it does not react. It
// returns when the worker is gone.
func (w Worker) Stop(ctx context.Context) (killed bool, err error) {
	var p peer
	defer p.release()
	asked, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	_, _ = call(asked, w.dir, w.key, http.MethodPost, "/stop", &p)
	if w.wait(asked) {
		return false, nil
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if !p.kill() {
		return false, fmt.Errorf("the worker of %s (process %d) does not react and can't be ended", cmp.Or(w.Model, "a model"), w.PID)
	}
	dying, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	if !w.wait(dying) {
		return true, fmt.Errorf("the worker of %s (process %d) was killed and is not gone: it may hang in a driver or a disk", cmp.Or(w.Model, "a model"), w.PID)
	}
	return true, nil
}

// wait waits until the worker has let go of its lock, and removes what it left.
// It reports false if ctx ended before.
func (w Worker) wait(ctx context.Context) bool {
	for {
		if sweepOne(w.dir, w.key) {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// call makes one request of a worker and returns the answer's body. p, unless
// it is nil, remembers the worker's process.
func call(ctx context.Context, dir, key, method, path string, p *peer) ([]byte, error) {
	return callWith(ctx, dir, key, method, path, nil, p)
}

// callWith is call with a body of the request.
func callWith(ctx context.Context, dir, key, method, path string, body io.Reader, p *peer) ([]byte, error) {
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			c, err := d.DialContext(ctx, "unix", socketPath(dir, key))
			if err == nil && p != nil {
				p.see(c)
			}
			return c, err
		},
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://worker"+path, body)
	if err != nil {
		return nil, err
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(io.LimitReader(resp.Body, 1<<20))
}

// sweep removes the files of dead workers from a directory.
func sweep(dir string) {
	keys := keysIn(dir)
	locks, _ := filepath.Glob(filepath.Join(dir, "*.lock"))
	for _, lock := range locks {
		keys = append(keys, lock[len(dir)+1:len(lock)-len(".lock")])
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		sweepOne(dir, key)
	}
}

// sweepOne removes the files of a worker that is dead, and reports whether it is.
func sweepOne(dir, key string) bool {
	lock, got, err := takeLock(lockPath(dir, key))
	if errors.Is(err, fs.ErrNotExist) {
		return true // the directory went, too
	}
	if err != nil || !got {
		return false
	}
	defer func() { _ = lock.Unlock() }()
	if c, err := net.Dial("unix", socketPath(dir, key)); err == nil {
		c.Close() // somebody removed a living worker's lock
		return false
	}
	removeFiles(dir, key)
	return true
}
