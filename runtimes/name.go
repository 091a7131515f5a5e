package runtimes

import (
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

var (
	buildInPath = lazyregexp.New(`^(?:llama(?:\.cpp)?[-_])?(b[0-9]{3,6})(?:[-_.].*)?$`)
	buildInFile = lazyregexp.New(`^libllama\.(?:so\.)?0\.0\.([0-9]{3,6})(?:\.dylib)?$`)
	// llama.cpp has versions since 2026, and its files are named after them; what
	// begins with 0.0 is a build without one.
	versionInFile = lazyregexp.New(`^libllama\.(?:so\.)?([0-9]+\.[0-9]+\.[0-9]+)(?:\.dylib)?$`)
	// Homebrew's Cellar/llama.cpp/9165/lib, the Nix store's HASH-llama-cpp-9165/lib.
	versionInPath = lazyregexp.New(`/(?:Cellar/llama\.cpp/|[0-9a-z]{32}-llama-cpp(?:-[a-z]+)*-)([0-9]+(?:\.[0-9]+)*)(?:_[0-9]+)?/`)
	distInfo      = lazyregexp.New(`^(.+)-([0-9][^-]*)\.dist-info$`)
)

// nameOf says what a runtime is, from the surest sign to the weakest: what
// Install wrote beside it, the build number in libllama's own file name, the
// one in a folder's name, the Python package that it came in.
func nameOf(r Runtime) string {
	if m, ok := readManifest(r.Dir); ok && m.Name != "" {
		return m.Name
	}
	if r.Llama == "" {
		return filepath.Base(r.Dir)
	}
	real := realPath(r.Llama)
	if m := buildInFile().FindStringSubmatch(filepath.Base(real)); m != nil {
		return "llama.cpp b" + m[1]
	}
	if m := versionInFile().FindStringSubmatch(filepath.Base(real)); m != nil && !strings.HasPrefix(m[1], "0.0.") {
		return "llama.cpp " + m[1]
	}
	if m := versionInPath().FindStringSubmatch(filepath.ToSlash(real)); m != nil {
		if strings.Contains(m[1], ".") {
			return "llama.cpp " + m[1]
		}
		return "llama.cpp b" + m[1]
	}
	for _, path := range []string{r.Llama, real} {
		dir := filepath.Dir(path)
		for range 3 { // the library's folder, build/bin's parents
			if m := buildInPath().FindStringSubmatch(filepath.Base(dir)); m != nil {
				return "llama.cpp " + m[1]
			}
			if name := packageName(dir); name != "" {
				return name
			}
			dir = filepath.Dir(dir)
		}
	}
	return filepath.Base(r.Dir)
}

// packageName reads the name and version of the Python package that dir is the
// folder of, from the record that pip keeps beside it.
func packageName(dir string) string {
	records, _ := filepath.Glob(filepath.Join(quoteGlob(filepath.Dir(dir)), quoteGlob(filepath.Base(dir))+"-*.dist-info"))
	for _, record := range records {
		if m := distInfo().FindStringSubmatch(filepath.Base(record)); m != nil && m[1] == filepath.Base(dir) {
			return strings.ReplaceAll(m[1], "_", "-") + " " + m[2]
		}
	}
	return ""
}
