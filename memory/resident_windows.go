package memory

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// memoryCounters is PROCESS_MEMORY_COUNTERS of psapi.h.
type memoryCounters struct {
	length, pageFaults              uint32
	peakWorkingSet, workingSet      uintptr
	quota                           [4]uintptr
	pagefileUsage, peakPagefileUsed uintptr
}

// Resident is what a process has in memory, in bytes, 0 if that is not
// known.
func Resident(pid int) int64 {
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return 0
	}
	defer func() { _ = windows.CloseHandle(process) }()
	var m memoryCounters
	m.length = uint32(unsafe.Sizeof(m))
	call := windows.NewLazySystemDLL("kernel32.dll").NewProc("K32GetProcessMemoryInfo")
	if ok, _, _ := call.Call(uintptr(process), uintptr(unsafe.Pointer(&m)), uintptr(m.length)); ok == 0 {
		return 0
	}
	return int64(m.workingSet)
}
