package measure

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// WorkersGone waits until all of this run's workers have ended: the next cold
// start shall be cold, and not compete with a worker on its way out. A worker
// holds its lock for life. Nobody may be starting one meanwhile.
func (b *Bench) WorkersGone() error {
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		locks, err := filepath.Glob(filepath.Join(b.Dir, "vlmchat", "*.lock"))
		if err != nil {
			return err
		}
		if !anyHeld(locks) {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.New("a worker does not end")
		}
	}
}

func anyHeld(locks []string) bool {
	for _, path := range locks {
		lock := flock.New(path)
		got, err := lock.TryLock()
		_ = lock.Close()
		if err != nil || !got {
			return true
		}
	}
	return false
}
