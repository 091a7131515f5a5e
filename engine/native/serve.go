package native

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// requestPatience is how long the bytes of a request may keep the worker waiting,
// from one to the next.
var requestPatience = 10 * time.Second

const (
	// goodbyePatience is how long answers have to be cut short in an orderly way.
	goodbyePatience = time.Second
	// retirePatience is how long a worker that nobody can use may take to end.
	retirePatience = 2 * time.Second
	// abandonedInterval is how often a worker looks whether it can be found.
	abandonedInterval = 10 * time.Second
)

// runWorker runs the worker of a spec and returns the process's exit code.
func runWorker(s spec) int {
	dir, err := socketDir()
	if err != nil {
		writeFatal(err.Error())
		return exitFailed
	}
	// The lock is held for life: whoever has it may replace a stale socket.
	lock, got, err := takeLock(lockPath(dir, s.Key))
	if err != nil {
		writeFatal("locking " + lockPath(dir, s.Key) + ": " + err.Error())
		return exitFailed
	}
	if !got {
		return exitTaken
	}
	_ = os.Truncate(errPath(dir, s.Key), 0) // what is in it is a dead worker's
	openJournal(logPath(dir, s.Key))
	here, listener, err := listen(dir, s.Key)
	if err != nil {
		writeFatal(err.Error())
		return exitFailed
	}
	w := newWorker(s)
	w.place = here
	go boundStderr(errPath(dir, s.Key), w.busy, w.finished)
	go watchdog{pulse: pulseFunc(w.pulse), exertion: exertion, limit: hangLimit, bark: func(reason string) {
		writeFatal(reason)
		os.Exit(exitFailed)
	}}.run(nil) // the end may get stuck, too
	go w.lookAround()
	go func() {
		// Their memory may be wanted for this model.
		retireOthers(dir, s.Key)
		w.load()
	}()
	w.serve(listener)
	w.close()
	// Unless something refers to the lock, the collector lets go of it.
	here.leave(lock)
	return exitOK
}

// serve answers until the worker is finished.
func (w *worker) serve(listener net.Listener) {
	ctx, cancel := context.WithCancel(context.Background())
	server := &http.Server{
		Handler:           w.handler(),
		ReadHeaderTimeout: requestPatience,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-w.finished
		// The socket goes first, so that nobody connects to a worker that ends.
		w.place.hide()
		cancel()
		goodbye, done := context.WithTimeout(context.Background(), goodbyePatience)
		defer done()
		_ = server.Shutdown(goodbye)
		_ = server.Close()
	}()
	_ = server.Serve(listener)
	<-ended
}

// lookAround ends the worker some time after nobody can find it any more.
func (w *worker) lookAround() {
	ticker := time.NewTicker(abandonedInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			w.endIfAbandoned()
		case <-w.finished:
			return
		}
	}
}

// takeLock takes the lock of a file, if no other process has it. The file that
// is there then is the one locked: who ends removes it.
func takeLock(path string) (lock *flock.Flock, got bool, err error) {
	for {
		lock = flock.New(path, flock.SetPermissions(0o600))
		if got, err = lock.TryLock(); err != nil || !got {
			_ = lock.Close()
			return nil, false, err
		}
		held, err := lock.Stat()
		if err != nil {
			_ = lock.Close()
			return nil, false, err
		}
		if there, err := os.Stat(path); err == nil && os.SameFile(held, there) {
			return lock, true, nil
		}
		_ = lock.Close()
	}
}

// place is where a worker listens: its socket, with the files beside it.
type place struct {
	dir, key string
	socket   fs.FileInfo // as it was made
}

// listen makes the socket, in place of a dead worker's.
func listen(dir, key string) (*place, net.Listener, error) {
	path := socketPath(dir, key)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, errors.New("the worker's socket can't be made: something else is in its place: " + err.Error())
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, nil, errors.New(listenReason(err))
	}
	// Another worker's may be in its place when this one ends.
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = os.Chmod(path, 0o600) // the directory is private already
	socket, err := os.Lstat(path)
	if err != nil {
		return nil, nil, err
	}
	return &place{dir, key, socket}, listener, nil
}

// ours reports whether the socket that clients find is this worker's.
func (p *place) ours() bool {
	there, err := os.Lstat(socketPath(p.dir, p.key))
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return runtime.GOOS == "windows" || os.SameFile(p.socket, there)
}

// hide removes the socket.
func (p *place) hide() {
	if p.ours() {
		_ = os.Remove(socketPath(p.dir, p.key))
	}
}

// leave removes the other files and lets go of the lock. They are not removed
// where the lock's file is another one by now.
func (p *place) leave(lock *flock.Flock) {
	held, err1 := lock.Stat()
	there, err2 := os.Stat(lock.Path())
	if err1 == nil && err2 == nil && os.SameFile(held, there) {
		removeFiles(p.dir, p.key)
	}
	_ = lock.Unlock()
}

// removeFiles removes what a worker leaves, for one who holds its lock.
func removeFiles(dir, key string) {
	for _, path := range []string{socketPath(dir, key), logPath(dir, key), errPath(dir, key), lockPath(dir, key)} {
		_ = os.Remove(path)
	}
}

// retireOthers asks the other workers to end if nobody can use them any more, as
// after an upgrade, and waits until those are gone.
func retireOthers(dir, key string) {
	ctx, cancel := context.WithTimeout(context.Background(), retirePatience)
	defer cancel()
	var all sync.WaitGroup
	for _, other := range keysIn(dir) {
		if other != key {
			all.Go(func() { _, _ = call(ctx, dir, other, http.MethodPost, "/retire", nil) })
		}
	}
	all.Wait()
}

// keysIn lists the keys of the workers that listen in a directory, or did.
func keysIn(dir string) []string {
	paths, _ := filepath.Glob(filepath.Join(dir, "*.sock"))
	var keys []string
	for _, path := range paths {
		keys = append(keys, strings.TrimSuffix(filepath.Base(path), ".sock"))
	}
	return keys
}

// steadyBody is a request's body that fails when nothing more comes for a while.
type steadyBody struct {
	io.ReadCloser
	control *http.ResponseController
}

func (b *steadyBody) Read(p []byte) (int, error) {
	_ = b.control.SetReadDeadline(time.Now().Add(requestPatience))
	n, err := b.ReadCloser.Read(p)
	if err == nil || errors.Is(err, io.EOF) {
		// The server reads on, to see the client leave, for as long as that takes.
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
