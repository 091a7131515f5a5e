//go:build !windows

package runtimes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A link to nothing is named: the library is not simply missing.
func TestDeadLinks(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"libllama.so.0", "libmtmd.so.0", "libggml-base.so.0"} {
		dir := t.TempDir()
		writeTree(t, dir, with(linuxRuntime(), name, nil))
		if err := os.Symlink(name+".0.1", filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if r := inspectPath(linuxHost(t), dir); r.Problem == nil || !strings.Contains(r.Problem.Error(), name+" is a link that leads nowhere") {
			t.Errorf("%s: %v", name, r.Problem)
		}
	}
}
