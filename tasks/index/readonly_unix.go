//go:build !windows

package index

import (
	"errors"
	"syscall"
)

// isReadOnly tells a disk that nothing can be written to.
func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }
