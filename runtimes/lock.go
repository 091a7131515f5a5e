package runtimes

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockFile holds the digests of what was installed: of the archives, as they
// were when they were first seen, and of the libraries that came out of them.
const lockFile = "lock.json"

// digests is the lock file. GitHub names a digest for each archive, which proves
// that a download is whole; that nobody has exchanged the file and its digest
// since, only what we noted ourselves can tell.
type digests struct {
	path     string
	Releases map[string]map[string]string `json:"releases,omitempty"` // tag, asset, sha256
	Runtimes map[string]contents          `json:"runtimes,omitempty"` // by the name of its folder
}

func readDigests(root string) (*digests, error) {
	d := &digests{path: filepath.Join(root, lockFile)}
	data, err := os.ReadFile(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err == nil {
		err = json.Unmarshal(data, d)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the digests of what was installed (if the file is damaged, remove it and install again): %s: %w", d.path, withoutPath(err))
	}
	return d, nil
}

// compare refuses a digest that is another than the first one seen.
func (d *digests) compare(tag, asset, digest string) error {
	known := d.Releases[tag][asset]
	if known == "" || known == digest {
		return nil
	}
	return fmt.Errorf("%s of release %s has changed since it was first installed: its sha256 was %s (%s) and is now said to be %s; nothing was installed",
		asset, tag, known, d.path, digest)
}

// addArchive notes an archive's digest.
func (d *digests) addArchive(tag, asset, digest string) error {
	if d.Releases[tag][asset] == digest {
		return nil
	}
	if d.Releases == nil {
		d.Releases = map[string]map[string]string{}
	}
	if d.Releases[tag] == nil {
		d.Releases[tag] = map[string]string{}
	}
	d.Releases[tag][asset] = digest
	return d.write()
}

// addRuntime notes what an installed runtime consists of.
func (d *digests) addRuntime(folder string, c contents) error {
	if d.Runtimes == nil {
		d.Runtimes = map[string]contents{}
	}
	d.Runtimes[folder] = c
	return d.write()
}

// removeRuntime forgets a runtime.
func (d *digests) removeRuntime(folder string) error {
	if _, ok := d.Runtimes[folder]; !ok {
		return nil
	}
	delete(d.Runtimes, folder)
	return d.write()
}

// write replaces the lock file. Its caller holds the lock on the folder.
func (d *digests) write() error {
	if err := writeJSON(d.path, d); err != nil {
		return fmt.Errorf("cannot note the digests of what is installed: %w", err)
	}
	return nil
}

// noteTimes notes that a runtime's files have other times than when they were
// installed and are the same nevertheless, so that they needn't be read again. It
// is a saving and not worth waiting or failing for.
func noteTimes(seen *digests, folder string) {
	root := filepath.Dir(seen.path)
	l := flock.New(filepath.Join(root, installLock))
	if locked, err := l.TryLock(); err != nil || !locked {
		return
	}
	defer func() { _ = l.Unlock() }()
	now, err := readDigests(root)
	if err != nil {
		return
	}
	for name, f := range seen.Runtimes[folder] {
		if now.Runtimes[folder][name].SHA256 == f.SHA256 {
			now.Runtimes[folder][name] = f
		}
	}
	_ = now.write()
}
