package hub

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// hold takes the lock of a content, which whoever fetches it holds: other vlmchats, and the
// hub's client in Python, which locks the same files in the same way. Waiting is called if
// another one has it. Where a file system has no locks, none is held.
func (c cache) hold(ctx context.Context, repo, etag string, waiting func()) (release func(), err error) {
	lock := flock.New(c.lock(repo, etag), flock.SetPermissions(0o664))
	got, err := lock.TryLock()
	if err == nil && !got {
		waiting()
		got, err = lock.TryLockContext(ctx, 200*time.Millisecond)
	}
	switch {
	case got:
		return func() { _ = lock.Close() }, nil // it stays there: others may wait for it
	case context.Cause(ctx) != nil:
		return nil, context.Cause(ctx)
	case isUnsupported(err):
		return func() {}, nil
	}
	return nil, notWritable(c.dir, err)
}

// tryHold is hold for one who does not wait.
func (c cache) tryHold(repo, etag string) (release func(), ok bool) {
	if err := os.MkdirAll(filepath.Dir(c.lock(repo, etag)), 0o777); err != nil {
		return nil, false
	}
	lock := flock.New(c.lock(repo, etag), flock.SetPermissions(0o664))
	got, err := lock.TryLock()
	if isUnsupported(err) {
		return func() {}, true
	}
	return func() { _ = lock.Close() }, got
}

// isUnsupported reports whether a file system has no locks.
func isUnsupported(err error) bool {
	return errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOLCK)
}
