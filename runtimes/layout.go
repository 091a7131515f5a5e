package runtimes

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// naming is how a system names its libraries. The patterns are tried in order;
// the name that programs link against comes first, because that is the one the
// other libraries ask the loader for.
type naming struct {
	goos, system string
	patterns     []string
}

var namings = []naming{
	{"linux", "Linux", []string{"lib%.so.0", "lib%.so", "lib%.so.*"}},
	{"darwin", "macOS", []string{"lib%.0.dylib", "lib%.dylib", "lib%.*.dylib"}},
	{"windows", "Windows", []string{"%.dll", "lib%.dll"}},
}

// layouts are the folders below a runtime's own that may hold libraries: all in
// one folder (release archives, Windows wheels), lib and bin beside each other
// (wheels, an installation prefix), a build in the source tree.
var layouts = []string{".", "lib", "lib64", "bin", filepath.Join("build", "bin")}

// maxChildren bounds the search of a folder that holds a runtime somewhere
// below, so that naming a home directory by mistake doesn't read all of it.
const maxChildren = 64

// backendFile matches the libraries that compute. Backends are modules and end
// in .so on macOS as well.
var backendFile = lazyregexp.New(`^(?:lib)?ggml-([a-z0-9]+)(?:[-_][a-z0-9._-]+?)?(?:\.so(?:\.[0-9]+)*|(?:\.[0-9]+)*\.dylib|\.dll)$`)

// files are the libraries of a runtime that check reads.
type files struct {
	core     []string // in load order
	compute  string   // the CPU backend, without which nothing runs
	backends []string // the others
}

// locate fills in the paths of r below r.Dir, or its Problem.
func (r *Runtime) locate(goos string) files {
	ours, others := splitNamings(goos)
	dead := ""
	for _, base := range bases(r.Dir) {
		for _, layout := range layouts {
			llama := ours.library(filepath.Join(base, layout), "llama")
			if llama == "" {
				dead = cmp.Or(dead, ours.deadLink(filepath.Join(base, layout), "llama"))
				continue
			}
			r.Llama = llama
			return r.locateRest(ours, neighbours(base, filepath.Join(base, layout)))
		}
	}
	r.Problem = missing("no libllama is in it")
	if dead != "" {
		r.Problem = leadsNowhere(dead)
		return files{}
	}
	for _, other := range others {
		for _, base := range bases(r.Dir) {
			for _, layout := range layouts {
				if lib := other.library(filepath.Join(base, layout), "llama"); lib != "" {
					r.Problem = incompatible("its libraries are for %s (%s)", other.system, filepath.Base(lib))
					return files{}
				}
			}
		}
	}
	return files{}
}

// neighbours are the folders in which the rest of a runtime may be whose libllama
// is in dir, a folder of base, the nearest first.
func neighbours(base, dir string) []string {
	join := filepath.Join
	dirs := []string{
		dir,
		join(dir, "ggml", "backends0"), join(dir, "ggml"), join(dir, "backends0"), // Debian's packages
		base, join(base, "lib"), join(base, "bin"), join(base, "..", "bin"), join(base, "..", "lib"),
	}
	// Homebrew has ggml in a package of its own, below opt, with the backends in
	// libexec. What is in dir may have come by a link from the package's own folder.
	for _, opt := range []string{
		join(dir, "..", "opt"),                   // from PREFIX/lib
		join(dir, "..", ".."),                    // from PREFIX/opt/llama.cpp/lib
		join(dir, "..", "..", "..", "..", "opt"), // from PREFIX/Cellar/llama.cpp/VERSION/lib
	} {
		dirs = append(dirs, join(opt, "ggml", "lib"), join(opt, "ggml", "libexec"))
	}
	return dirs
}

// locateRest finds what belongs to the libllama that was found, its own folder
// first.
func (r *Runtime) locateRest(n naming, dirs []string) files {
	for _, lib := range []struct {
		path *string
		name string
	}{{&r.GGMLBase, "ggml-base"}, {&r.GGML, "ggml"}, {&r.MTMD, "mtmd"}} {
		for _, dir := range dirs {
			if *lib.path = n.library(dir, lib.name); *lib.path != "" {
				break
			}
		}
	}
	var f files
	dead := ""
	seen := map[string]bool{}
	for _, dir := range dirs {
		dead = cmp.Or(dead, n.deadLink(dir, "mtmd"), n.deadLink(dir, "ggml"), n.deadLink(dir, "ggml-base"))
		for _, path := range backendsIn(dir) {
			name := backendFile().FindStringSubmatch(filepath.Base(path))[1]
			if name == "cpu" && r.BackendDir == "" {
				r.BackendDir = dir
				f.compute = path
			} else {
				f.backends = append(f.backends, path)
			}
			if !seen[name] {
				seen[name] = true
				r.Backends = append(r.Backends, name)
			}
		}
		if r.BackendDir != "" {
			break // a folder further away belongs to another build
		}
	}
	slices.SortFunc(r.Backends, func(a, b string) int {
		if (a == "cpu") != (b == "cpu") {
			return map[bool]int{true: -1, false: 1}[a == "cpu"]
		}
		return cmp.Compare(a, b)
	})
	for _, dir := range dirs {
		if r.Server = existing(filepath.Join(dir, "llama-server"), filepath.Join(dir, "llama-server.exe")); r.Server != "" {
			break
		}
	}
	switch {
	case dead != "" && (r.MTMD == "" || r.GGMLBase == "" || r.GGML == ""):
		r.Problem = leadsNowhere(dead)
	case r.MTMD == "":
		r.Problem = incompatible("it has libllama but not libmtmd, which vlmchat needs to see pictures; " +
			"libmtmd comes with llama.cpp builds since May 2025")
	case r.GGMLBase == "" || r.GGML == "":
		r.Problem = incompatible("it has libllama but not libggml and libggml-base, which belong to it")
	case r.BackendDir == "":
		r.Problem = incompatible("it has no libggml-cpu, the part of llama.cpp that computes")
	}
	f.core = r.Libraries()
	return f
}

// splitNamings returns this system's naming and the others. A system that is
// none of the three (a BSD) names its libraries as Linux does.
func splitNamings(goos string) (ours naming, others []naming) {
	ours = namings[0]
	for _, n := range namings {
		if n.goos == goos {
			ours = n
		}
	}
	for _, n := range namings {
		if n.goos != ours.goos {
			others = append(others, n)
		}
	}
	return ours, others
}

// bases are the folders whose layout is tried: dir, then the ones in it, the
// highest version first (llama-b11739 before llama-b11000).
func bases(dir string) []string {
	all := []string{dir}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return all
	}
	slices.Reverse(entries)
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") && len(all) <= maxChildren {
			all = append(all, filepath.Join(dir, entry.Name()))
		}
	}
	return all
}

// library returns the path of a library in dir, or "".
func (n naming) library(dir, name string) string {
	for _, pattern := range n.patterns {
		file := strings.Replace(pattern, "%", name, 1)
		if !strings.Contains(file, "*") {
			if path := existing(filepath.Join(dir, file)); path != "" {
				return path
			}
			continue
		}
		// A release archive whose links are lost still has libllama.so.0.0.9165.
		matches, _ := filepath.Glob(filepath.Join(quoteGlob(dir), file))
		slices.Reverse(matches)
		if path := existing(matches...); path != "" {
			return path
		}
	}
	return ""
}

// deadLink returns the name of a library in dir that is there and yet no file: a
// link whose target was not copied, or not unpacked.
func (n naming) deadLink(dir, name string) string {
	for _, pattern := range n.patterns {
		file := strings.Replace(pattern, "%", name, 1)
		if info, err := os.Lstat(filepath.Join(dir, file)); err == nil && info.Mode()&os.ModeSymlink != 0 && existing(filepath.Join(dir, file)) == "" {
			return file
		}
	}
	return ""
}

func leadsNowhere(name string) error {
	return incompatible("%s is a link that leads nowhere: the file that it means is not there", name)
}

// backendsIn lists the backend libraries of a folder, each file once however
// many names it has.
func backendsIn(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var paths []string
	seen := map[string]bool{}
	for _, entry := range entries {
		m := backendFile().FindStringSubmatch(entry.Name())
		if m == nil || m[1] == "base" {
			continue
		}
		path := existing(filepath.Join(dir, entry.Name()))
		real, err := filepath.EvalSymlinks(path)
		if path == "" || err != nil || seen[real] {
			continue
		}
		seen[real] = true
		paths = append(paths, path)
	}
	return paths
}

// existing returns the first of the paths that is a file, links followed.
func existing(paths ...string) string {
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}

// quoteGlob keeps a folder's own name from being read as a pattern.
func quoteGlob(dir string) string {
	if filepath.Separator == '\\' {
		// Windows has no escape, but a set of one; no file there is named with * or ?
		return strings.ReplaceAll(dir, "[", "[[]")
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}
