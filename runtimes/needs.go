package runtimes

import (
	"debug/elf"
	"path/filepath"
	"strings"
)

// elfFacts is what a Linux library says of its needs.
type elfFacts struct {
	path     string
	names    []string // that others may ask for it by
	needed   []string // names of the libraries it asks for
	runPaths []string // folders in which it wants them looked for
	glibc    version  // the oldest glibc it runs with
}

// readELF reads a library's dynamic section. What can't be read is left out: a
// missing fact is no reason to refuse a library.
func readELF(path string) elfFacts {
	facts := elfFacts{path: path, names: []string{filepath.Base(path)}}
	f, err := elf.Open(path)
	if err != nil {
		return facts
	}
	defer func() { _ = f.Close() }()
	d := readDynamic(f)
	facts.names = append(facts.names, d.strings[elf.DT_SONAME]...)
	facts.needed = d.strings[elf.DT_NEEDED]
	origin := strings.NewReplacer("$ORIGIN", filepath.Dir(path), "${ORIGIN}", filepath.Dir(path))
	for _, list := range append(d.strings[elf.DT_RUNPATH], d.strings[elf.DT_RPATH]...) {
		for dir := range strings.SplitSeq(list, ":") {
			if dir = origin.Replace(dir); filepath.IsAbs(dir) {
				facts.runPaths = append(facts.runPaths, dir)
			}
		}
	}
	facts.glibc = newestGlibc(d.needs)
	return facts
}

// checkNeeded looks for a library that the given ones need and that is nowhere
// to be found.
func (h host) checkNeeded(libraries []elfFacts) error {
	if !h.linker.certain() {
		return nil
	}
	own := map[string]bool{} // loaded before it is asked for
	for _, l := range libraries {
		for _, name := range l.names {
			own[name] = true
		}
	}
	for _, l := range libraries {
		for _, name := range l.needed {
			if own[name] {
				continue
			}
			if !h.finds(name, append(l.runPaths, filepath.Dir(l.path))) {
				return incompatible("%s needs %s, which is not on this machine", filepath.Base(l.path), name)
			}
			own[name] = true // most of them need the same
		}
	}
	return nil
}

func (h host) finds(name string, dirs []string) bool {
	for _, dir := range dirs {
		if existing(filepath.Join(dir, name)) != "" {
			return true
		}
	}
	return h.linker.find(name) != ""
}
