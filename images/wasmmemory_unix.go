//go:build unix

package images

import "golang.org/x/sys/unix"

// reserve takes memory from the system that is zero and not there until it is used.
func reserve(size int) ([]byte, error) {
	return unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
}

// release gives it back.
func release(space []byte) { _ = unix.Munmap(space) }
