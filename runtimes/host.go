package runtimes

import (
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// host is what this machine offers to libraries. Tests put other machines in
// its place.
type host struct {
	goos, goarch string
	glibc        version // of Linux machines; zero if it isn't known
	musl         bool    // a Linux without glibc
	macOS        version // zero elsewhere
	linker       linker

	env  func(string) string // the environment
	root string              // before absolute paths; "" but in tests
}

// at is where a folder of this machine lies.
func (h host) at(path string) string { return h.root + path }

// thisHost looks at the machine once: it doesn't change while we run.
var thisHost = sync.OnceValue(func() host {
	h := host{goos: runtime.GOOS, goarch: runtime.GOARCH, env: os.Getenv}
	switch h.goos {
	case "linux":
		h.linker = systemLinker()
		if libc := findLibc(h.linker); libc != "" {
			h.glibc = glibcOf(libc)
		} else {
			loaders, _ := filepath.Glob("/lib/ld-musl-*.so.1")
			h.musl = len(loaders) > 0
		}
	case "darwin":
		h.macOS = macOSVersion()
	}
	return h
})
