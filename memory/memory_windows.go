package memory

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// memoryStatus is MEMORYSTATUSEX of sysinfoapi.h.
type memoryStatus struct {
	length, load                                 uint32
	totalPhys, availPhys, totalPage, availPage   uint64
	totalVirtual, availVirtual, availExtendedVir uint64
}

// Read asks the system.
func Read() Facts {
	var s memoryStatus
	s.length = uint32(unsafe.Sizeof(s))
	call := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")
	if ok, _, _ := call.Call(uintptr(unsafe.Pointer(&s))); ok == 0 {
		return Facts{}
	}
	return Facts{Total: s.totalPhys, Available: s.availPhys}
}
