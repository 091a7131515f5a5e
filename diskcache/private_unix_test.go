//go:build !windows

package diskcache

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestFolderOfOthers(t *testing.T) {
	t.Parallel()
	foreign := "/" // root's, or anybody's but ours
	if os.Getuid() == 0 {
		foreign = t.TempDir()
		if err := os.Chown(foreign, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	shared := func(mode os.FileMode) string {
		dir := t.TempDir()
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		foreign: "not a folder of yours", link: "not a folder of yours",
		shared(0o770): "others may write", shared(0o702): "others may write",
	} {
		if _, err := Open(dir, 1000); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", dir, err)
		}
		if entries, _ := os.ReadDir(dir); dir != foreign && len(entries) != 0 {
			t.Errorf("%s: there is %v", dir, entries)
		}
	}

	readable := shared(0o755)
	c := open(t, readable, 1000)
	if fi, err := os.Stat(readable); err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("a folder that others could read has the mode %v, %v", fi.Mode(), err)
	}
	// What was private may be so no longer.
	if err := os.Chmod(readable, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := c.Put("state", "k", nil, bytesOf(nil)); err == nil {
		t.Error("it writes where others may")
	}
	if _, _, err := c.Get("state", "k"); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("it reads where others may write: %v", err)
	}
}

// Links, pipes and folders in an entry's place are never followed, waited for or
// taken for an entry.
func TestPlantedFiles(t *testing.T) {
	t.Parallel()
	elsewhere := open(t, t.TempDir(), 1000)
	put(t, elsewhere, "state", "k", "", []byte("foreign"))
	target := filepath.Join(elsewhere.dir, fileName("state", "k"))
	for name, plant := range map[string]func(path string) error{
		"a link":             func(path string) error { return os.Symlink(target, path) },
		"a link to nothing":  func(path string) error { return os.Symlink(target+"x", path) },
		"a link to a folder": func(path string) error { return os.Symlink(elsewhere.dir, path) },
		"a pipe":             func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a folder":           func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		dir := t.TempDir()
		c := open(t, dir, 1000)
		path := filepath.Join(dir, fileName("state", "k"))
		for what, use := range map[string]func() error{
			"Get": func() error {
				_, _, err := c.Get("state", "k")
				if !errors.Is(err, ErrNotFound) {
					return errors.Join(errors.New("Get finds something"), err)
				}
				return nil
			},
			"List": func() error {
				entries, err := c.List("state")
				if len(entries) != 0 {
					return errors.New("List finds something")
				}
				return err
			},
			"Clear": c.Clear,
			"Open":  func() error { _, err := Open(dir, 1000); return err },
		} {
			if err := plant(path); err != nil {
				t.Fatal(err)
			}
			if err := use(); err != nil {
				t.Errorf("%s, %s: %v", name, what, err)
			}
			if _, err := os.Lstat(path); err == nil {
				t.Errorf("%s is still there after %s", name, what)
			}
		}
		for _, at := range []string{path, filepath.Join(dir, lockName)} {
			_ = os.Remove(at)
			if err := plant(at); err != nil {
				t.Fatal(err)
			}
		}
		if name == "a folder" {
			_ = os.Remove(path) // no rename replaces one
		}
		put(t, c, "state", "k", "", []byte("own"))
		if !holds(c, "state", "k", "", []byte("own")) {
			t.Errorf("%s: what is put in its place is not there", name)
		}
	}
	if !holds(elsewhere, "state", "k", "", []byte("foreign")) || len(files(t, elsewhere.dir)) != 1 {
		t.Errorf("something reached out of the folder: %q", files(t, elsewhere.dir))
	}
}
