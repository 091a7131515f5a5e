//go:build unix

package models

import (
	"io/fs"
	"syscall"
)

// links is how many names a file has.
func links(fi fs.FileInfo) uint64 {
	if s, ok := fi.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Nlink) //nolint:unconvert // on macOS it is a uint16
	}
	return 1
}
