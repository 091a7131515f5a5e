package native

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/diskcache"
)

// forgetPatience is how long a worker may take to forget, or to end, before it is left
// behind.
var forgetPatience = 5 * time.Second

// Forget removes what is kept in the cache of a folder of sessions that were removed, and
// of pictures, by their SHA-256, that nothing needs any more: states of conversations and
// encoded pictures. Workers that run with that cache drop what they have of them, so that they
// don't keep it when they end. Other conversations may take longer to go on for it, and nothing else.
func Forget(ctx context.Context, dir string, sessions, pictures []string) error {
	req := forgetRequest{sessions, pictures, dir}
	if len(sessions)+len(pictures) == 0 {
		return nil
	}
	tellWorkers(ctx, req)
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	disk, err := diskcache.Open(dir, math.MaxInt64) // by looking at it, none of it goes
	if err != nil {
		return err
	}
	return req.forgetIn(disk)
}

// tellWorkers has the workers that run drop what was removed, and waits for those that
// are just ending: they keep what they have.
func tellWorkers(ctx context.Context, req forgetRequest) {
	body, err := json.Marshal(req)
	if err != nil {
		return // of texts alone there is none
	}
	ctx, cancel := context.WithTimeout(ctx, forgetPatience)
	defer cancel()
	var all sync.WaitGroup
	for _, dir := range socketDirs() {
		locks, _ := filepath.Glob(filepath.Join(dir, "*.lock"))
		for _, lock := range locks {
			key := strings.TrimSuffix(filepath.Base(lock), ".lock")
			all.Go(func() {
				for ctx.Err() == nil && !sweepOne(dir, key) {
					if _, err := callWith(ctx, dir, key, http.MethodPost, "/forget", bytes.NewReader(body), nil); err == nil {
						return
					}
					time.Sleep(pollInterval)
				}
			})
		}
	}
	all.Wait()
}

// names reports whether a state is of what was removed. One that can't be read may be.
func (f forgetRequest) names(note stateNote, readable bool) bool {
	if !readable || note.session != "" && slices.Contains(f.Sessions, note.session) {
		return true
	}
	return slices.ContainsFunc(f.Pictures, func(p string) bool { return slices.Contains(note.pictures, pictureNumber(p)) })
}

// concerns reports whether a conversation in the KV cache is of what was removed.
func (f forgetRequest) concerns(session string, units []unit) bool {
	return session != "" && slices.Contains(f.Sessions, session) ||
		slices.ContainsFunc(units, func(u unit) bool { return u.picture != "" && slices.Contains(f.Pictures, u.picture) })
}

// forgetIn removes from a cache what was kept.
func (f forgetRequest) forgetIn(disk *diskcache.Cache) error {
	err := disk.RemoveIf(StateKind, func(e diskcache.Entry) bool { return f.names(readStateNote(e.Note)) })
	if len(f.Pictures) == 0 {
		return err
	}
	for _, kind := range []string{encodingKind, seenKind} {
		err = errors.Join(err, disk.RemoveIf(kind, func(e diskcache.Entry) bool {
			_, tile, _ := strings.Cut(e.Key, "/") // see encodingStore.key
			return slices.Contains(f.Pictures, pictureOf(tile))
		}))
	}
	return err
}

func (w *worker) forget(rw http.ResponseWriter, r *http.Request) {
	var req forgetRequest
	if err := json.NewDecoder(http.MaxBytesReader(rw, r.Body, maxChatBytes)).Decode(&req); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case <-w.loaded:
		if w.runner != nil && w.spec.CacheDir == req.CacheDir {
			w.runner.forget(req)
		}
	default: // it has nothing yet
	}
	rw.WriteHeader(http.StatusNoContent)
}

// forget drops what the runner has of what was removed, in memory and on disk.
func (r *runner) forget(req forgetRequest) {
	select {
	case <-r.loop.errand(func() { r.loop.forget(req) }):
	case <-r.loop.over:
	}
	r.known.forget(req.Pictures)
	r.loop.states.wait()
	r.loop.states.forgetAll(func(n stateNote) bool { return req.names(n, true) })
	if r.disk != nil {
		if err := req.forgetIn(r.disk); err != nil {
			writeTrouble("forgetting what was removed: " + err.Error())
		}
	}
}

// forget drops the conversations of what was removed. Nothing of the requests that are
// at work on them is written to disk from here on.
func (l *loop) forget(req forgetRequest) {
	for _, j := range append(slices.Clone(l.waiting), l.running...) {
		if req.concerns(j.session, j.prompt.units) {
			j.private.Store(true)
		}
	}
	l.kv.drop(func(s *sequence) bool { return req.concerns(s.session, s.units()) })
}

// forgetAll lets go of the states of which gone reports true.
func (s *states) forgetAll(gone func(stateNote) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, known := range s.known {
		if gone(known.stateNote) {
			delete(s.known, key)
		}
	}
}
