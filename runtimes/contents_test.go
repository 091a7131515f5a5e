package runtimes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

func TestChangedContents(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(t *testing.T, dir string)
		says   string // "": it is used
	}{
		{"nothing", func(*testing.T, string) {}, ""},
		{"another time", func(t *testing.T, dir string) { touch(t, filepath.Join(dir, "libllama.so.0")) }, ""},
		{"another file of the same size", func(t *testing.T, dir string) {
			data := linuxRuntime()["libmtmd.so.0"]
			data[len(data)-1] ^= 1
			writeTree(t, dir, map[string][]byte{"libmtmd.so.0": data})
			touch(t, filepath.Join(dir, "libmtmd.so.0"))
		}, "libmtmd.so.0 is not what was installed: its sha256 was"},
		{"another size", func(t *testing.T, dir string) {
			writeTree(t, dir, map[string][]byte{"libggml.so.0": elfLibrary{needed: []string{"libevil.so"}}.bytes()})
		}, "libggml.so.0 is not what was installed: it had"},
		{"a backend more", func(t *testing.T, dir string) {
			writeTree(t, dir, map[string][]byte{"libggml-evil.so": elfLibrary{}.bytes()})
		}, "libggml-evil.so is not what was installed: it came later"},
		{"a helper gone", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "deps", "libgomp.so.1")); err != nil {
				t.Fatal(err)
			}
		}, "deps/libgomp.so.1 is gone"},
		{"a file that is no library", func(t *testing.T, dir string) { writeTree(t, dir, map[string][]byte{"notes.txt": nil}) }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h, root := linuxHost(t), t.TempDir()
			dir := filepath.Join(root, "one")
			writeTree(t, dir, map[string][]byte{"deps/libgomp.so.1": elfLibrary{}.bytes()})
			installedAt(t, root, "one")
			test.change(t, dir)
			byName, err := resolve(h, root, "one")
			if err != nil {
				t.Fatal(err)
			}
			for _, named := range []string{"", dir, filepath.Join(dir, "libllama.so.0")} {
				r, err := use(h, root, named)
				if test.says == "" {
					if err != nil || !r.Trusted {
						t.Errorf("named %q: %+v (%v)", named, r, err)
					}
					continue
				}
				refuses(t, err, engine.RuntimeIncompatible, test.says)
			}
			if test.says != "" {
				refuses(t, byName.Problem, engine.RuntimeIncompatible, test.says, "vlmchat runtime install --force")
			}
		})
	}
}

func touch(t *testing.T, path string) {
	t.Helper()
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
}

// A file that is read again because of its time is not read again the next time.
func TestTimesAreNoted(t *testing.T) {
	t.Parallel()
	h, root := linuxHost(t), t.TempDir()
	dir := installedAt(t, root, "one")
	touch(t, filepath.Join(dir, "libllama.so.0"))
	before, err := readDigests(root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := use(h, root, ""); err != nil {
		t.Fatal(err)
	}
	after, err := readDigests(root)
	if err != nil {
		t.Fatal(err)
	}
	old, now := before.Runtimes["one"]["libllama.so.0"], after.Runtimes["one"]["libllama.so.0"]
	if now.Modified.Equal(old.Modified) || now.SHA256 != old.SHA256 || now.Size != old.Size {
		t.Errorf("noted %+v before, %+v after", old, now)
	}
	// What is as noted is not read: the cheap half of the check.
	data := linuxRuntime()["libllama.so.0"]
	data[len(data)-1] ^= 1
	writeTree(t, dir, map[string][]byte{"libllama.so.0": data})
	if err := os.Chtimes(filepath.Join(dir, "libllama.so.0"), now.Modified, now.Modified); err != nil {
		t.Fatal(err)
	}
	if _, err := use(h, root, ""); err != nil {
		t.Errorf("a file of the noted size and time was read: %v", err)
	}
}

func TestDamagedLockFile(t *testing.T) {
	t.Parallel()
	h, root := linuxHost(t), t.TempDir()
	installedAt(t, root, "one")
	writeTree(t, root, map[string][]byte{lockFile: []byte("{")})
	_, err := use(h, root, "")
	refuses(t, err, engine.RuntimeMissing, lockFile, "remove it and install again")
	if _, err := find(h, root, ""); err == nil || !strings.Contains(err.Error(), lockFile) {
		t.Errorf("error %v", err)
	}
}
