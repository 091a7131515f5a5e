package runtimes

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// lockFile holds the digests that archives had when they were first installed.
const lockFile = "lock.json"

// digests is the lock file. GitHub names a digest for each file, which proves
// that a download is whole; that nobody has exchanged the file and its digest
// since, only what we noted ourselves can tell.
type digests struct {
	path     string
	Releases map[string]map[string]string `json:"releases"` // tag, asset, sha256
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
		return nil, fmt.Errorf("cannot read the digests of earlier installations (remove the file if it is damaged): %s: %w", d.path, err)
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

// add notes a digest, through a temporary file so that the lock file is always
// whole.
func (d *digests) add(tag, asset, digest string) error {
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
	data, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(d.path), tempPrefix)
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(append(data, '\n'))
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), d.path)
}
