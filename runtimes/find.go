package runtimes

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// installHint is what to do when there is no runtime that can be used.
const installHint = "run 'vlmchat runtime install'"

// Find lists the runtimes there are, usable or not, those that are preferred
// first: the one that is named, if any ("" names none), the one that was chosen,
// the installed ones, the newest installation first, and then those of others, in
// the order of the Source constants. Each is listed once, however many ways lead
// to it.
func Find(named string) ([]Runtime, error) {
	root, err := Dir()
	if err != nil {
		return nil, err
	}
	return find(thisHost(), root, named)
}

func find(h host, root, named string) ([]Runtime, error) {
	chosen, err := readChoice(root)
	if err != nil {
		return nil, err
	}
	installed, err := findInstalled(h, root)
	if err != nil {
		return nil, err
	}
	all := append(installed, h.foreign()...)
	if chosen.made() {
		all = append([]Runtime{inspectChosen(h, root, chosen, all)}, all...)
	}
	if named != "" {
		all = append([]Runtime{inspectNamed(h, root, named)}, all...)
	}
	return unique(all), nil
}

// unique drops the runtimes whose libllama is that of one before them.
func unique(all []Runtime) []Runtime {
	var kept []Runtime
	seen := map[string]bool{}
	for _, r := range all {
		key := r.identity()
		if !seen[key] {
			seen[key] = true
			kept = append(kept, r)
		}
	}
	return kept
}

// identity is the same for two ways to one runtime.
func (r Runtime) identity() string {
	if r.Llama == "" {
		return realPath(r.Dir)
	}
	return realPath(r.Llama)
}

// inspectNamed looks at what a setting names. That is reason enough to load it.
func inspectNamed(h host, root, named string) Runtime {
	r := inspectPath(h, named)
	r.Source, r.Trusted = Named, true
	r.verifyInstalled(root)
	return r
}

// inspectChosen looks at what was chosen, which may be one of those that are
// found anyway.
func inspectChosen(h host, root string, c choice, found []Runtime) Runtime {
	r := inspectPath(h, c.dir(root))
	r.Source = Chosen
	for _, f := range found {
		if f.identity() == r.identity() {
			r.Source = f.Source
			if f.Source == Installed {
				r = f
			}
		}
	}
	r.Chosen, r.Trusted = true, true
	return r
}

// inspectPath looks at the folder a person named, or at the folder of the
// library they named.
func inspectPath(h host, path string) Runtime {
	dir, err := filepath.Abs(path)
	if err != nil {
		dir = path
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = missing("there is no such folder")
	case err != nil:
		err = missing("it cannot be read: %v", withoutPath(err))
	case !info.IsDir():
		dir = filepath.Dir(dir)
	}
	if err != nil {
		return Runtime{Name: filepath.Base(dir), Dir: dir, Problem: err}
	}
	return inspect(h, dir)
}

// findInstalled lists the runtimes in the data directory, and verifies them.
// Names that begin with a dot are installations or removals in progress.
func findInstalled(h host, root string) ([]Runtime, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the installed runtimes: %w", err)
	}
	known, err := readDigests(root)
	if err != nil {
		return nil, err
	}
	type dated struct {
		Runtime
		since time.Time
	}
	var all []dated
	for _, entry := range entries {
		dir := filepath.Join(root, entry.Name())
		info, err := os.Stat(dir)
		if err != nil || !info.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		one := dated{inspect(h, dir), info.ModTime()}
		one.Source = Installed
		one.Trusted = one.verify(known, entry.Name())
		if m, ok := readManifest(dir); ok {
			one.since = m.Installed
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b dated) int {
		return cmp.Or(b.since.Compare(a.since), cmp.Compare(b.Dir, a.Dir))
	})
	found := make([]Runtime, len(all))
	for i, one := range all {
		found[i] = one.Runtime
	}
	return found, nil
}

// inspect reads everything there is to know of the libraries in a folder.
func inspect(h host, dir string) Runtime {
	r := Runtime{Dir: dir}
	files := r.locate(h.goos)
	r.Name = nameOf(r)
	if r.Problem == nil {
		r.Problem = h.check(files)
	}
	return r
}

// verify holds r against what was installed in that folder, and reports whether
// that is known. A difference is r's Problem.
func (r *Runtime) verify(known *digests, folder string) bool {
	c, ok := known.Runtimes[folder]
	if !ok {
		return false
	}
	touched, err := c.verify(filepath.Join(filepath.Dir(known.path), folder))
	if touched {
		noteTimes(known, folder)
	}
	if err != nil {
		r.Problem = changed(err) // which is why anything else is wrong
	}
	return true
}

// verifyInstalled is verify for a runtime that may lie in the folder of one that
// is installed.
func (r *Runtime) verifyInstalled(root string) {
	below, err := filepath.Rel(realPath(root), realPath(r.Dir))
	if err != nil || !filepath.IsLocal(below) {
		return
	}
	folder, _, _ := strings.Cut(filepath.ToSlash(below), "/")
	if known, err := readDigests(root); err == nil {
		r.verify(known, folder)
	}
}

func missing(format string, args ...any) error {
	return &engine.Error{
		Kind:    engine.RuntimeMissing,
		Message: fmt.Sprintf(format, args...),
		Hint:    "name a folder that holds llama.cpp's libraries, or " + installHint,
	}
}

func incompatible(format string, args ...any) error {
	return &engine.Error{
		Kind:    engine.RuntimeIncompatible,
		Message: fmt.Sprintf(format, args...),
		Hint:    installHint + ", which takes one that fits this machine",
	}
}
