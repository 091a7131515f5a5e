package llamacpp

import (
	"github.com/ebitengine/purego"
	"golang.org/x/sys/windows"
)

// openLibrary loads a DLL by its full path; the DLLs that it needs are looked
// for in its own folder first.
func openLibrary(path string) (uintptr, error) {
	h, err := windows.LoadLibraryEx(path, 0, windows.LOAD_WITH_ALTERED_SEARCH_PATH)
	return uintptr(h), err
}

func findSymbol(handle uintptr, name string) (uintptr, bool) {
	addr, err := windows.GetProcAddress(windows.Handle(handle), name)
	return addr, err == nil && addr != 0
}

// findStrlen returns the address of C's strlen in the C runtime.
func findStrlen(uintptr) (uintptr, bool) {
	h, err := windows.LoadLibraryEx("ucrtbase.dll", 0, windows.LOAD_LIBRARY_SEARCH_SYSTEM32)
	if err != nil {
		return 0, false
	}
	return findSymbol(uintptr(h), "strlen")
}

// progressCallback makes a C callback of type bool(float, void*). Windows
// passes the float in a register that Go callbacks can't read there, so f is
// told 0, as where it is not known.
func progressCallback(f func(progress float32) bool) uintptr {
	return purego.NewCallback(func(_, _ uintptr) uintptr {
		return cBool(f(0))
	})
}
