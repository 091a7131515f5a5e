package images

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// reserve takes memory from the system that is zero and not there until it is used.
func reserve(size int) ([]byte, error) {
	address, err := windows.VirtualAlloc(0, uintptr(size), windows.MEM_RESERVE|windows.MEM_COMMIT, windows.PAGE_READWRITE)
	if err != nil {
		return nil, err
	}
	// The memory is not Go's, so its address is no pointer yet.
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&address)), size), nil
}

// release gives it back.
func release(space []byte) {
	_ = windows.VirtualFree(uintptr(unsafe.Pointer(unsafe.SliceData(space))), 0, windows.MEM_RELEASE)
}
