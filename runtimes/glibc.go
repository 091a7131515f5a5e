package runtimes

import (
	"bufio"
	"debug/elf"
	"os"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// abiMarkers are needs that glibc states in words instead of a number.
var abiMarkers = map[string]version{
	"GLIBC_ABI_DT_RELR": {2, 36},
}

// glibcVersion reads a symbol version's name such as GLIBC_2.38.
func glibcVersion(symbol string) (version, bool) {
	if v, ok := abiMarkers[symbol]; ok {
		return v, true
	}
	number, ok := strings.CutPrefix(symbol, "GLIBC_")
	if !ok {
		return version{}, false
	}
	return parseVersion(number)
}

// newestGlibc is the newest glibc among symbol versions. For a library's needs
// it is the oldest glibc that will do; for a libc.so.6 it is its own version.
func newestGlibc(symbols []string) version {
	var newest version
	for _, symbol := range symbols {
		if v, ok := glibcVersion(symbol); ok && v.compare(newest) > 0 {
			newest = v
		}
	}
	return newest
}

// glibcOf is the version of a libc.so.6.
func glibcOf(libc string) version {
	f, err := elf.Open(libc)
	if err != nil {
		return version{}
	}
	defer func() { _ = f.Close() }()
	return newestGlibc(readDynamic(f).defines)
}

func (h host) checkGlibc(libraries []elfFacts) error {
	var newest elfFacts
	for _, l := range libraries {
		if l.glibc.compare(newest.glibc) > 0 {
			newest = l
		}
	}
	if h.glibc.known() && newest.glibc.compare(h.glibc) > 0 {
		return incompatible("it needs glibc %v (%s), and this machine has glibc %v", newest.glibc, filepath.Base(newest.path), h.glibc)
	}
	return nil
}

// mappedLibc matches the C library among a process's mapped files; before 2.34
// libc.so.6 was a link to libc-2.33.so.
var mappedLibc = lazyregexp.New(`\S*/libc(?:\.so\.6|-2\.[0-9]+\.so)$`)

// findLibc returns the C library of this machine. The one that this process
// runs with is the one that counts; a build without it asks the linker.
func findLibc(l linker) string {
	if maps, err := os.Open("/proc/self/maps"); err == nil {
		defer maps.Close()
		for lines := bufio.NewScanner(maps); lines.Scan(); {
			if path := mappedLibc().FindString(lines.Text()); path != "" {
				return path
			}
		}
	}
	return l.find("libc.so.6")
}
