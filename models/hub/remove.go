package hub

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
)

// Remove takes a model out of the cache: its files in the snapshots, and their contents where
// no other file has the same. A repository with one model need not be told which; of an
// encoder all goes. Freed is in bytes of the disk.
func Remove(n Name) (freed int64, err error) { return cache{CacheDir()}.remove(n) }

func (c cache) remove(n Name) (freed int64, err error) {
	if n, err = checkName(n); err != nil {
		return 0, &engine.Error{Kind: engine.ModelNotFound, Message: err.Error()}
	}
	known := c.inRepo(n.Repo)
	if len(known) == 0 && n.Variant == "" {
		if _, err := os.Stat(c.repo(n.Repo)); err == nil {
			return c.removeRepo(n.Repo)
		}
	}
	known = slices.DeleteFunc(known, func(k Cached) bool { return !k.is(n) })
	switch len(known) {
	case 0:
		_, err := c.find(n)
		if err == nil { // by a looser spelling than a removal should go by
			err = &engine.Error{Kind: engine.ModelNotFound, Message: fmt.Sprintf("%s is not the name of one model in the cache", n), Hint: "'vlmchat models list' has their names"}
		}
		return 0, err
	case 1:
	default:
		var names []string
		for _, k := range known {
			names = append(names, k.Name.String())
		}
		return 0, &engine.Error{
			Kind:    engine.ModelNotFound,
			Message: fmt.Sprintf("%s could be several models: %s", n, list(names)),
			Hint:    "name the one that is to go",
		}
	}
	return c.removeModel(known[0])
}

// removeModel removes one model from all snapshots that have its content.
func (c cache) removeModel(k Cached) (freed int64, err error) {
	release, err := c.holdPartials(k.Name, c.partialsOf(k))
	if err != nil {
		return 0, err
	}
	defer release()
	content, _ := filepath.EvalSymlinks(k.Model) // of one that has not begun to come there is none
	gone := map[string]bool{}
	var failed []error
	unlink := func(path string) {
		fi, err := os.Lstat(path)
		if err == nil && fi.Mode().IsRegular() { // where there are no links
			freed += fi.Size()
		} else if content, err := filepath.EvalSymlinks(path); err == nil && isIn(content, c.repo(k.Name.Repo)) {
			gone[content] = true
		}
		failed = append(failed, os.Remove(path))
	}
	for _, s := range c.snapshots(k.Name.Repo) {
		files := s.files()
		groups := groupModels(files)
		rest := slices.DeleteFunc(slices.Clone(groups), func(g group) bool {
			same, err := filepath.EvalSymlinks(s.path(g.files[0]))
			return err == nil && same == content
		})
		if len(rest) == len(groups) {
			continue
		}
		for _, f := range files {
			belongs := isModel(f.Path) && !slices.ContainsFunc(rest, func(g group) bool { return slices.Contains(g.files, f) })
			if belongs || isProjector(f.Path) && len(rest) == 0 {
				unlink(s.path(f))
			}
		}
		removeEmpty(s.dir)
	}
	for _, s := range c.snapshots(k.Name.Repo) {
		for _, f := range s.files() {
			if content, err := filepath.EvalSymlinks(s.path(f)); err == nil {
				delete(gone, content)
			}
		}
	}
	for content := range gone {
		if fi, err := os.Stat(content); err == nil {
			if err := os.Remove(content); err != nil {
				failed = append(failed, err)
				continue
			}
			freed += fi.Size()
		}
	}
	for _, p := range c.partialsOf(k) {
		freed += p.have.size()
		c.forget(k.Name.Repo, File{Path: p.Path, SHA256: p.ETag})
	}
	if len(c.snapshots(k.Name.Repo)) == 0 && len(c.partials(k.Name.Repo)) == 0 {
		more, err := c.removeRepo(k.Name.Repo)
		freed += more
		failed = append(failed, err)
	}
	if err := errors.Join(failed...); err != nil {
		return freed, notWritable(c.dir, err)
	}
	return freed, nil
}

// holdPartials holds the locks of what has not come whole, or says that it is coming just now.
func (c cache) holdPartials(n Name, partials []partial) (release func(), err error) {
	var held []func()
	release = func() {
		for _, r := range held {
			r()
		}
	}
	for _, p := range partials {
		r, ok := c.tryHold(n.Repo, p.ETag)
		if !ok {
			release()
			return nil, &engine.Error{Kind: engine.Failed, Message: fmt.Sprintf("%s is being fetched just now", n), Hint: "stop that first"}
		}
		held = append(held, r)
	}
	return release, nil
}

// removeRepo removes all of a repository.
func (c cache) removeRepo(repo string) (freed int64, err error) {
	partials := c.partials(repo)
	release, err := c.holdPartials(Name{Repo: repo}, partials)
	if err != nil {
		return 0, err
	}
	defer release()
	_ = filepath.WalkDir(c.repo(repo), func(_ string, d os.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if fi, err := d.Info(); err == nil && fi.Mode().IsRegular() && !strings.HasSuffix(d.Name(), partialEnding) {
			freed += fi.Size()
		}
		return nil
	})
	for _, p := range partials { // they have holes
		freed += p.have.size()
	}
	if err := os.RemoveAll(c.repo(repo)); err != nil {
		return 0, notWritable(c.dir, err)
	}
	return freed, nil
}

// isIn reports whether a path is below a folder, which may itself be reached by a link.
func isIn(path, dir string) bool {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}

// removeEmpty removes a folder and those in it as far as they are empty.
func removeEmpty(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if entry.IsDir() {
			removeEmpty(filepath.Join(dir, entry.Name()))
		}
	}
	_ = os.Remove(dir) // which fails if something is left
}
