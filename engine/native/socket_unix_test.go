//go:build !windows

package native

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A runtime directory that can't be used is not used: the temporary directory
// serves as well.
func TestSocketDir(t *testing.T) {
	// Not parallel: it sets the environment.
	root, err := os.MkdirTemp("", "s") // t.TempDir's path is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	open := filepath.Join(root, "open", "vlmchat")
	if err := errors.Join(os.MkdirAll(open, 0o700), os.Chmod(open, 0o755), os.Mkdir(filepath.Join(root, "good"), 0o700)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tmp := filepath.Join(root, "tmp")
	long := filepath.Join(root, strings.Repeat("l", 100))
	for _, c := range []struct{ runtimeDir, tmp, want string }{
		{filepath.Join(root, "good"), tmp, filepath.Join(root, "good")},
		{filepath.Join(root, "open"), tmp, tmp},
		{file, tmp, tmp},
		{long, tmp, tmp},
		{"relative", tmp, tmp},
		{"", tmp, tmp},
		{"", long, ""},
	} {
		t.Setenv("XDG_RUNTIME_DIR", c.runtimeDir)
		t.Setenv("TMPDIR", c.tmp)
		dir, err := socketDir()
		if c.want == "" {
			if err == nil || !strings.Contains(err.Error(), "too long") {
				t.Errorf("in %s: %s, %v", c.tmp, dir, err)
			}
			continue
		}
		if err != nil || filepath.Dir(dir) != c.want {
			t.Errorf("with XDG_RUNTIME_DIR %q the directory is %s, %v; want one in %s", c.runtimeDir, dir, err, c.want)
		}
	}
}
