package hub

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vlmchat/vlmchat/engine"
)

// margin is what stays free on a disk: other programs write to it, too.
const margin = 64 << 20

// checkSpace refuses to fetch what the disk has no room for, before the first byte comes.
func (c cache) checkSpace(n Name, missing int64) error {
	dir := c.dir
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	free, err := FreeSpace(dir)
	if err != nil || missing == 0 || free >= uint64(missing)+margin {
		return nil // where it can't be told, writing will
	}
	return &engine.Error{
		Kind:    engine.Failed,
		Message: fmt.Sprintf("there is no room for %s: %s are to come, and the disk of %s has %s free", n, bytesText(missing), c.dir, bytesText(int64(free))),
		Hint:    "make room there, or set HF_HUB_CACHE to a folder on another disk",
	}
}

// notWritable says why something could not be put into the cache.
func notWritable(dir string, err error) error {
	e := &engine.Error{Kind: engine.Failed, Err: err, Message: fmt.Sprintf("the cache of Hugging Face can't be written: %v", err), Hint: "set HF_HUB_CACHE to a folder that is yours"}
	if isFull(err) {
		e.Message = fmt.Sprintf("the disk of %s is full", dir)
		e.Hint = "make room, and pull again: what has come is kept"
	}
	var already *engine.Error
	if errors.As(err, &already) {
		return err
	}
	return e
}

// bytesText is a size as people say it.
func bytesText(n int64) string {
	units := []struct {
		size float64
		name string
	}{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}}
	for _, unit := range units {
		if float64(n) >= unit.size {
			return fmt.Sprintf("%.1f %s", float64(n)/unit.size, unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
