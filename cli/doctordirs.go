package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine/native"
	"github.com/vlmchat/vlmchat/models/hub"
)

// checkDirectories checks where vlmchat writes.
func (d *doctor) checkDirectories(context.Context) []check {
	checks := []check{checkData()}
	if d.native() {
		checks = append(checks, d.checkCache(), checkSockets())
	}
	return checks
}

// little is less space than a model and a runtime need.
const little = 2e9

func checkData() check {
	dir, err := config.DataDir()
	if err != nil {
		return failure("data", "set VLMCHAT_DATA_DIR to a directory of yours", err)
	}
	here := existingParent(dir)
	c := fine("data", "%s", dir)
	free, err := hub.FreeSpace(here)
	if err == nil {
		c.Message += fmt.Sprintf(", %s free", size(free))
	}
	if here != dir {
		c.Message += "; it is made when it is needed"
	}
	switch unwritable := tryWriting(here); {
	case unwritable != nil:
		return warning("data", "nothing can be installed there: give yourself the right to write, or set VLMCHAT_DATA_DIR to a directory of yours",
			"%s can't be written to: %v", here, unwritable)
	case err == nil && free < little:
		return warning("data", "free some space, or set VLMCHAT_DATA_DIR to a directory on another disk", "%s", c.Message)
	}
	return c
}

// existingParent is the directory itself, or the first above it that exists.
func existingParent(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// tryWriting says why a directory can't be written to.
func tryWriting(dir string) error {
	f, err := os.CreateTemp(dir, ".vlmchat-doctor-*")
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			return at.Err
		}
		return err
	}
	defer os.Remove(f.Name())
	return f.Close()
}

// checkSockets checks the directory by which commands talk to workers.
func checkSockets() check {
	dir, err := native.SocketDir()
	if err == nil {
		err = tryWriting(dir)
	}
	if err != nil {
		return failure("sockets", "set XDG_RUNTIME_DIR to a directory of yours that only you can enter",
			fmt.Errorf("the native engine's worker has no place for its socket: %w", err))
	}
	if wanted := os.Getenv("XDG_RUNTIME_DIR"); wanted != "" && filepath.Dir(dir) != filepath.Clean(wanted) {
		return warning("sockets", "make XDG_RUNTIME_DIR a directory of yours that only you can enter (mode 700)",
			"%s is used, as XDG_RUNTIME_DIR names %s, which can't be", dir, wanted)
	}
	return fine("sockets", "%s, which only you can enter", dir)
}

// checkCache checks where the native engine keeps what it needn't compute twice.
// Without it everything works, only slower.
func (d *doctor) checkCache() check {
	limit, err := d.config.Bytes(config.DiskCache)
	if err != nil || limit == 0 { // a wrong setting is the configuration's fault
		return note("cache", "off: disk-cache is %s (from %s)", d.config.String(config.DiskCache), d.config[config.DiskCache].Origin)
	}
	dir, used, err := cacheUse()
	if err != nil {
		return warning("cache", "until then what was computed is not kept for the next command; VLMCHAT_CACHE_DIR names another place", "%v", err)
	}
	here := existingParent(dir)
	if err := tryWriting(here); err != nil {
		return warning("cache", "give yourself the right to write, or set VLMCHAT_CACHE_DIR to a directory of yours: until then what was computed is not kept for the next command",
			"%s can't be written to: %v", here, err)
	}
	c := fine("cache", "%s: %s of at most %s", dir, used, size(uint64(limit)))
	if free, err := hub.FreeSpace(here); err == nil && free < uint64(limit) {
		c.Message += fmt.Sprintf(", and the disk has %s free", size(free))
	}
	return c
}
