//go:build !windows

package llamacpp

import (
	"github.com/ebitengine/purego"
)

// openLibrary loads a shared library by its full path. Its symbols stay local,
// so that two libraries of the same name elsewhere in the process can't mix.
func openLibrary(path string) (uintptr, error) {
	return purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
}

func findSymbol(handle uintptr, name string) (uintptr, bool) {
	addr, err := purego.Dlsym(handle, name)
	return addr, err == nil && addr != 0
}

// clashes reports whether a library exports another C++ standard library than
// the one that base uses. Each has its own numbering of a locale's parts, and
// yet they share the variables that hold the numbers.
func clashes(library, base uintptr) bool {
	const constructor = "_ZNSt6localeC1Ev" // std::locale::locale(), of GNU's library
	theirs, ok1 := findSymbol(library, constructor)
	others, ok2 := findSymbol(base, constructor)
	return ok1 && ok2 && theirs != others
}

// findStrlen returns the address of C's strlen, which any library loaded here
// has brought along.
func findStrlen(uintptr) (uintptr, bool) {
	return findSymbol(purego.RTLD_DEFAULT, "strlen")
}

// progressCallback makes a C callback of type bool(float, void*). Callbacks are
// never freed, so one is made for a process.
func progressCallback(f func(progress float32) bool) uintptr {
	return purego.NewCallback(func(progress float32, _ uintptr) uintptr {
		return cBool(f(progress))
	})
}
