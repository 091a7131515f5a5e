package runtimes

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
)

// check says why this machine can't load a runtime, or nil. It reads headers
// only, so a nil is no promise that the libraries work; but what it refuses
// would not load, with a loader's message that helps nobody.
func (h host) check(f files) error {
	if h.goos == "linux" && h.musl {
		return incompatible("llama.cpp's libraries need glibc, and this system uses musl")
	}
	needed := append(slices.Clone(f.core), f.compute)
	for _, path := range needed {
		if err := h.checkPlatform(path); err != nil {
			return err
		}
	}
	if h.goos != "linux" {
		return nil
	}
	var every, core []elfFacts
	for _, path := range append(needed, f.backends...) {
		facts := readELF(path)
		every = append(every, facts)
		if len(core) < len(needed) {
			core = append(core, facts)
		}
	}
	if err := h.checkGlibc(every); err != nil {
		return err
	}
	// A backend that lacks its library (Vulkan's loader, CUDA's runtime) is
	// merely not there; the others do without it.
	return h.checkNeeded(core)
}

func (h host) checkPlatform(path string) error {
	name := filepath.Base(path)
	p, err := platformOf(path)
	switch {
	case err != nil:
		return incompatible("%s cannot be read: %v", name, withoutPath(err))
	case p.goos != h.goos:
		return incompatible("%s is for %s, and this is %s", name, systemName(p.goos), systemName(h.goos))
	case !slices.Contains(p.arches, h.goarch):
		return incompatible("%s is for %s processors, and this program runs on %s", name, archName(p.arches[0]), archName(h.goarch))
	case h.macOS.known() && p.macOS.compare(h.macOS) > 0:
		return incompatible("%s needs macOS %v, and this is macOS %v", name, p.macOS, h.macOS)
	}
	return nil
}

// withoutPath drops the path from a file's error, for messages that name it.
func withoutPath(err error) error {
	var wrapped *fs.PathError
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
