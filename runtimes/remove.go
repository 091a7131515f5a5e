package runtimes

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vlmchat/vlmchat/engine"
)

// Remove deletes an installed runtime and returns what it was. Only what Install
// put there is deleted. A worker that has the libraries loaded keeps them until it
// ends; on Windows it has to end first.
//
// The folder is moved aside before it is deleted: half a runtime is never found,
// and what an interrupted removal leaves the next installation clears away.
func Remove(ctx context.Context, what string) (Runtime, error) {
	root, err := Dir()
	if err != nil {
		return Runtime{}, err
	}
	return remove(ctx, thisHost(), root, what)
}

func remove(ctx context.Context, h host, root, what string) (Runtime, error) {
	r, err := resolve(h, root, what)
	if err != nil {
		return Runtime{}, err
	}
	if err := removable(root, r); err != nil {
		return Runtime{}, err
	}
	unlock, err := lockRoot(ctx, root, nil)
	if err != nil {
		return Runtime{}, err
	}
	defer unlock()
	removeStale(root)

	folder := filepath.Base(r.Dir)
	aside, err := os.MkdirTemp(root, tempPrefix)
	if err != nil {
		return Runtime{}, fmt.Errorf("cannot write in %s: %w", root, err)
	}
	if err := os.Rename(r.Dir, filepath.Join(aside, folder)); err != nil {
		_ = os.Remove(aside)
		return Runtime{}, fmt.Errorf("cannot remove %s: %w%s", r.Dir, err, inUse)
	}
	// From here on it is gone, whatever else fails.
	known, err := readDigests(root)
	if err == nil {
		err = known.removeRuntime(folder)
	}
	if c, failed := readChoice(root); failed == nil && c.Installed == folder {
		err = errors.Join(err, forget(root))
	}
	if failed := os.RemoveAll(aside); failed != nil {
		err = errors.Join(err, fmt.Errorf("not all of its files could be deleted (the next installation will): %w", failed))
	}
	return r, err
}

// inUse says why a folder may not be movable.
const inUse = " (if it is in use: a model stays loaded for its keep-alive after the last answer; then try again)"

// removable refuses what Install did not make, with what to do instead.
func removable(root string, r Runtime) error {
	refused := func(hint string) error {
		return &engine.Error{
			Kind:    engine.RuntimeMissing,
			Message: fmt.Sprintf("%s was not installed by vlmchat, so vlmchat does not remove it", r.Dir),
			Hint:    hint,
		}
	}
	switch {
	case r.Source != Installed && r.Source != Chosen:
		return refused(fmt.Sprintf("remove it as you installed it (%s); vlmchat uses it only if you chose it: 'vlmchat runtime use auto' forgets that", r.Source.Title()))
	case r.Source != Installed:
		return refused("delete the folder yourself; 'vlmchat runtime use auto' forgets that you chose it")
	}
	info, err := os.Lstat(r.Dir)
	if err != nil {
		return err
	}
	if _, made := readManifest(r.Dir); !made || !info.IsDir() || filepath.Dir(r.Dir) != root {
		return refused("delete it from the data directory yourself")
	}
	return nil
}
