package runtimes

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
)

// linker knows where Linux's dynamic linker looks for a library by its name.
type linker struct {
	arch  string              // this processor: a machine may hold libraries for several
	dirs  []string            // searched in order
	cache map[string][]string // name to paths, from ld.so.cache; nil if there is none
}

// systemLinker reads this machine's configuration.
func systemLinker() linker {
	dirs := filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))
	dirs = append(dirs, "/lib64", "/usr/lib64", "/lib", "/usr/lib")
	multiarch, _ := filepath.Glob("/usr/lib/*-linux-gnu")
	data, _ := os.ReadFile("/etc/ld.so.cache")
	return linker{arch: runtime.GOARCH, dirs: append(dirs, multiarch...), cache: parseLinkerCache(data)}
}

// find returns the path of a library for this processor, or "".
func (l linker) find(name string) string {
	candidates := append([]string(nil), l.cache[name]...)
	for _, dir := range l.dirs {
		if dir != "" {
			candidates = append(candidates, filepath.Join(dir, name))
		}
	}
	for _, path := range candidates {
		if p, err := platformOf(path); err == nil && p.goos == "linux" && p.arches[0] == l.arch {
			return path
		}
	}
	return ""
}

// certain reports whether a library that find doesn't know is really absent.
// Systems without the cache (NixOS, some containers) hide libraries in places
// that only a program's own search path names.
func (l linker) certain() bool { return l.cache != nil }

// parseLinkerCache reads the "glibc-ld.so.cache1.1" format: a header, entries of
// 24 bytes with offsets of name and path, the strings. Older caches carry it
// behind a table in the old format. Anything else is nil.
func parseLinkerCache(data []byte) map[string][]string {
	const headerSize, entrySize = 48, 24
	start := bytes.Index(data, []byte("glibc-ld.so.cache1.1"))
	if start < 0 || len(data)-start < headerSize {
		return nil
	}
	data = data[start:]
	text := func(offset uint32) string {
		if uint64(offset) >= uint64(len(data)) {
			return ""
		}
		s, _, _ := bytes.Cut(data[offset:], []byte{0})
		return string(s)
	}
	cache := map[string][]string{}
	count := int64(binary.NativeEndian.Uint32(data[20:]))
	for entry := data[headerSize:]; count > 0 && len(entry) >= entrySize; count, entry = count-1, entry[entrySize:] {
		name := text(binary.NativeEndian.Uint32(entry[4:]))
		path := text(binary.NativeEndian.Uint32(entry[8:]))
		if name != "" && filepath.IsAbs(path) {
			cache[name] = append(cache[name], path)
		}
	}
	return cache
}
