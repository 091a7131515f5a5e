//go:build !windows

package hub

import (
	"errors"

	"golang.org/x/sys/unix"
)

// FreeSpace is how much a user may still write to the disk of a directory.
func FreeSpace(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}

// isFull reports whether an error is that of a full disk, or of a quota that is used up.
func isFull(err error) bool { return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) }
