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
// first: the one that is named, if any ("" names none), then the installed
// ones, the newest installation first.
func Find(named string) ([]Runtime, error) {
	root, err := Dir()
	if err != nil {
		return nil, err
	}
	return find(thisHost(), root, named)
}

// Use chooses the runtime to load. One that is named is used or refused, never
// passed over; otherwise it is the first installed one that is usable. The
// error is an *engine.Error.
func Use(named string) (Runtime, error) {
	if named != "" {
		return choose([]Runtime{inspectNamed(thisHost(), named)})
	}
	found, err := Find("")
	if err != nil {
		return Runtime{}, &engine.Error{Kind: engine.RuntimeMissing, Message: err.Error(), Hint: installHint, Err: err}
	}
	return choose(found)
}

// choose picks from what find found.
func choose(found []Runtime) (Runtime, error) {
	if len(found) == 0 {
		return Runtime{}, &engine.Error{
			Kind:    engine.RuntimeMissing,
			Message: "no llama.cpp runtime is installed",
			Hint:    installHint,
		}
	}
	for _, r := range found {
		if r.Problem == nil {
			return r, nil
		}
		if r.Source == Named {
			break
		}
	}
	first := found[0]
	refusal := &engine.Error{
		Kind:    engine.KindOf(first.Problem),
		Message: fmt.Sprintf("the llama.cpp runtime %s cannot be used: %v", first.Dir, first.Problem),
		Hint:    installHint,
		Err:     first.Problem,
	}
	var problem *engine.Error
	switch {
	case first.Source == Named:
		refusal.Hint = "name another folder, or leave --runtime and VLMCHAT_RUNTIME out and " + installHint
	case errors.As(first.Problem, &problem) && problem.Hint != "":
		refusal.Hint = problem.Hint
	}
	return Runtime{}, refusal
}

func find(h host, root, named string) ([]Runtime, error) {
	var found []Runtime
	if named != "" {
		found = append(found, inspectNamed(h, named))
	}
	installed, err := findInstalled(h, root)
	return append(found, installed...), err
}

// inspectNamed looks at the folder a person named, or at the folder of the
// library they named.
func inspectNamed(h host, named string) Runtime {
	dir, err := filepath.Abs(named)
	if err != nil {
		dir = named
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
		return Runtime{Name: filepath.Base(dir), Source: Named, Dir: dir, Problem: err}
	}
	r := inspect(h, dir)
	r.Source = Named
	return r
}

// findInstalled lists the runtimes in the data directory. Names that begin
// with a dot are installations in progress.
func findInstalled(h host, root string) ([]Runtime, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the installed runtimes: %w", err)
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
