package llamacpp

import (
	"debug/pe"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/windows"
)

// openLibrary loads a DLL by its full path; the DLLs that it needs are looked
// for in its own folder first.
func openLibrary(path string) (uintptr, error) {
	h, err := windows.LoadLibraryEx(path, 0, windows.LOAD_WITH_ALTERED_SEARCH_PATH)
	if errors.Is(err, windows.ERROR_MOD_NOT_FOUND) {
		err = explainMissing(path, err)
	}
	return uintptr(h), err
}

// explainMissing names the DLL that a library needs and that is not there:
// Windows says only that there is one.
func explainMissing(path string, err error) error {
	for _, name := range importedDLLs(path) {
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), name)); err == nil {
			continue
		}
		h, failure := windows.LoadLibraryEx(name, 0, 0)
		if failure == nil {
			_ = windows.FreeLibrary(h)
			continue
		}
		advice := ""
		if compilerDLL.MatchString(name) {
			advice = "; it is part of the Microsoft Visual C++ Redistributable, which Microsoft offers for download"
		}
		return fmt.Errorf("it needs %s, which is not on this machine%s", name, advice)
	}
	return err
}

// compilerDLL matches what programs need that Microsoft's compiler made.
var compilerDLL = regexp.MustCompile(`(?i)^(vcruntime|msvcp|vcomp|concrt)\d+.*\.dll$`)

// importedDLLs reads the names of the DLLs that a library needs, each once.
func importedDLLs(path string) []string {
	f, err := pe.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	symbols, _ := f.ImportedSymbols() // "symbol:dll"
	var names []string
	seen := map[string]bool{}
	for _, symbol := range symbols {
		_, name, _ := strings.Cut(symbol, ":")
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

func findSymbol(handle uintptr, name string) (uintptr, bool) {
	addr, err := windows.GetProcAddress(windows.Handle(handle), name)
	return addr, err == nil && addr != 0
}

// clashes is about systems where symbols of all libraries are one namespace.
func clashes(uintptr, uintptr) bool { return false }

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
