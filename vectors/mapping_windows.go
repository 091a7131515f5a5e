package vectors

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// mapping is the bytes of a file, in memory as far as they are read.
type mapping struct {
	data []byte
}

// mapFile maps the first bytes of a file to be read.
func mapFile(file *os.File, size int64) (mapping, error) {
	h, err := windows.CreateFileMapping(windows.Handle(file.Fd()), nil, windows.PAGE_READONLY, uint32(size>>32), uint32(size), nil)
	if err != nil {
		return mapping{}, os.NewSyscallError("CreateFileMapping", err)
	}
	address, err := windows.MapViewOfFile(h, windows.FILE_MAP_READ, 0, 0, uintptr(size))
	_ = windows.CloseHandle(h) // the view keeps what it needs
	if err != nil {
		return mapping{}, os.NewSyscallError("MapViewOfFile", err)
	}
	// The address is no Go memory's; vet wants to see that it is not computed with.
	return mapping{unsafe.Slice(*(**byte)(unsafe.Pointer(&address)), int(size))}, nil
}

func (m *mapping) unmap() error {
	if m.data == nil {
		return nil
	}
	address := uintptr(unsafe.Pointer(unsafe.SliceData(m.data)))
	m.data = nil
	return os.NewSyscallError("UnmapViewOfFile", windows.UnmapViewOfFile(address))
}

// syncFolder has nothing to do: NTFS keeps names in its journal.
func syncFolder(string) {}
