package sessions

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"
)

// Hold says that a process has a session open. It ends with the process.
type Hold struct {
	lock *flock.Flock
	path string
}

// ErrHeld says that another process has a session open.
var ErrHeld = errors.New("another vlmchat has this conversation open")

// Hold tells other processes that a session is open here, or returns ErrHeld. It keeps
// nobody from writing: what two say is two branches. Where files can't be locked, as on
// some network file systems, nobody is told.
func (s *Store) Hold(session string) (*Hold, error) {
	if s.readOnly != nil {
		return nil, failure("opening a conversation", s.readOnly)
	}
	path, err := s.lockFile(session)
	if err != nil {
		return nil, err
	}
	const most = 100 // times that it may have been removed; where files are never the same, one has to do
	for tries := 1; ; tries++ {
		h := &Hold{flock.New(path, flock.SetPermissions(0o600)), path}
		locked, err := h.lock.TryLock()
		if err == nil && !locked {
			return nil, ErrHeld
		}
		if err != nil || h.inPlace() || tries == most {
			return h, nil
		}
		_ = h.lock.Unlock()
	}
}

// inPlace reports whether the file that is locked is the one that others will find: whoever
// held it before may have removed it after it was opened here.
func (h *Hold) inPlace() bool {
	ours, err := h.lock.Stat()
	there, missing := os.Stat(h.path)
	return err == nil && missing == nil && os.SameFile(ours, there)
}

// Release ends a hold. One that is nil does nothing.
func (h *Hold) Release() {
	if h == nil {
		return
	}
	// Removed while it is ours, nobody can take it before it is gone. Windows removes no
	// file that is open; there it is removed afterwards, unless somebody has it by then.
	err := os.Remove(h.path)
	_ = h.lock.Unlock()
	if err != nil && runtime.GOOS == "windows" {
		os.Remove(h.path)
	}
}

func (s *Store) lockFile(session string) (string, error) {
	if session == "" || filepath.Base(session) != session {
		return "", errors.New("this names no session")
	}
	dir := filepath.Join(s.dir, "open")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", failure("opening a conversation", err)
	}
	return filepath.Join(dir, session+".lock"), nil
}

// removeLock removes what a process that was killed has left of a hold.
func (s *Store) removeLock(session string) {
	if h, err := s.Hold(session); err == nil {
		h.Release()
	}
}
