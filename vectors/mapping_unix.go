//go:build unix

package vectors

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapping is the bytes of a file, in memory as far as they are read.
type mapping struct {
	data []byte
}

// mapFile maps the first bytes of a file to be read.
func mapFile(file *os.File, size int64) (mapping, error) {
	data, err := unix.Mmap(int(file.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return mapping{}, os.NewSyscallError("mmap", err)
	}
	return mapping{data}, nil
}

func (m *mapping) unmap() error {
	if m.data == nil {
		return nil
	}
	data := m.data
	m.data = nil
	return os.NewSyscallError("munmap", unix.Munmap(data))
}

// syncFolder makes the names in a folder durable, where the file system can.
func syncFolder(path string) {
	if d, err := os.Open(path); err == nil {
		_ = d.Sync()
		d.Close()
	}
}
