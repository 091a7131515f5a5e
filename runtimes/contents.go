package runtimes

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/lazyregexp"
)

// contents are the libraries of an installed runtime as they came out of the
// archive, by their path below its folder, with slashes.
type contents map[string]fingerprint

// fingerprint is a file's digest, and what shows without reading it that the
// file is still the same.
type fingerprint struct {
	SHA256   string    `json:"sha256"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
}

// libraryFile matches what a loader may be asked to load.
var libraryFile = lazyregexp.New(`(?:\.so(?:\.[0-9]+)*|\.dylib|\.dll)$`)

// readContents takes the digests of a runtime's libraries.
func readContents(dir string) (contents, error) {
	c := contents{}
	err := eachLibrary(dir, func(name string, info fs.FileInfo) error {
		digest, err := fileSHA256(filepath.Join(dir, filepath.FromSlash(name)))
		c[name] = fingerprint{digest, info.Size(), info.ModTime().UTC()}
		return err
	})
	return c, err
}

// eachLibrary calls visit with every library below dir. A link is visited as
// the file that it means, which has to be below dir as well.
func eachLibrary(dir string, visit func(name string, info fs.FileInfo) error) error {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !libraryFile().MatchString(entry.Name()) {
			return err
		}
		real, err := filepath.EvalSymlinks(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a dead link, which check names where it matters
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, real)
		if err != nil || !filepath.IsLocal(name) {
			return fmt.Errorf("%s is a link to %s, which is outside", entry.Name(), real)
		}
		if seen[name] {
			return nil
		}
		seen[name] = true
		info, err := os.Stat(real)
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		return visit(filepath.ToSlash(name), info)
	})
}

// verify compares the libraries below dir with what was installed. A file whose
// size and time are as noted is taken for the same one; any other is read. With
// touched it reports that some are the same with another time, which are then
// noted in c.
func (c contents) verify(dir string) (touched bool, err error) {
	found := map[string]bool{}
	err = eachLibrary(dir, func(name string, info fs.FileInfo) error {
		found[name] = true
		noted, ok := c[name]
		switch {
		case !ok:
			return fmt.Errorf("%s is not what was installed: it came later", name)
		case info.Size() != noted.Size:
			return fmt.Errorf("%s is not what was installed: it had %d bytes and has %d", name, noted.Size, info.Size())
		case info.ModTime().Equal(noted.Modified):
			return nil
		}
		digest, err := fileSHA256(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if digest != noted.SHA256 {
			return fmt.Errorf("%s is not what was installed: its sha256 was %s and is %s", name, noted.SHA256, digest)
		}
		noted.Modified = info.ModTime().UTC()
		c[name] = noted
		touched = true
		return nil
	})
	if err != nil {
		return touched, err
	}
	for _, name := range c.names() {
		if !found[name] {
			return touched, fmt.Errorf("%s is gone", name)
		}
	}
	return touched, nil
}

func (c contents) names() []string {
	var names []string
	for name := range c {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// changed is the problem of an installed runtime whose files are not those that
// were installed.
func changed(err error) error {
	return &engine.Error{
		Kind:    engine.RuntimeIncompatible,
		Message: err.Error(),
		Hint:    "install it again: vlmchat runtime install --force",
		Err:     err,
	}
}
