//go:build !windows

package sessions

import (
	"errors"
	"syscall"
)

// isFull tells that a disk has no room, or the user no right to more of it.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// isReadOnly tells a disk that nothing can be written to.
func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }
