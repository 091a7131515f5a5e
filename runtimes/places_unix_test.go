//go:build !windows

package runtimes

import (
	"os"
	"path/filepath"
	"testing"
)

func symlink(t testing.TB, target, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

// Homebrew's libraries are reached by opt, by lib, by the linker and from the
// llama-server on PATH; they are listed once, by the way that stays when they
// are upgraded.
func TestOneByFourWays(t *testing.T) {
	t.Parallel()
	h, root := machine(t, "linux")
	prefix := filepath.Join(root, "home", "linuxbrew", ".linuxbrew")
	files := linuxRuntime()
	cellar := filepath.Join(prefix, "Cellar", "llama.cpp", "9165")
	writeTree(t, prefix, moved("Cellar/ggml/0.26/libexec", map[string][]byte{"libggml-cpu-haswell.so": files["libggml-cpu.so"]}))
	writeTree(t, cellar, map[string][]byte{"bin/llama-server": files["llama-server"]})
	symlink(t, "../Cellar/llama.cpp/9165", filepath.Join(prefix, "opt", "llama.cpp"))
	symlink(t, "../Cellar/ggml/0.26", filepath.Join(prefix, "opt", "ggml"))
	for name, formula := range map[string]string{
		"libllama.so.0": "llama.cpp/9165", "libmtmd.so.0": "llama.cpp/9165", "libggml.so.0": "ggml/0.26", "libggml-base.so.0": "ggml/0.26",
	} {
		writeTree(t, prefix, map[string][]byte{"Cellar/" + formula + "/lib/" + name: files[name]})
		symlink(t, "../Cellar/"+formula+"/lib/"+name, filepath.Join(prefix, "lib", name))
	}
	symlink(t, filepath.Join(cellar, "bin", "llama-server"), filepath.Join(root, "usr", "bin", "llama-server"))
	h.linker.dirs = append(h.linker.dirs, filepath.Join(prefix, "lib"))

	found := h.foreign()
	if len(found) != 1 {
		t.Fatalf("found %d: %+v", len(found), found)
	}
	r := found[0]
	if r.Problem != nil || r.Name != "llama.cpp b9165" || r.Source != Homebrew || r.Dir != filepath.Join(prefix, "opt", "llama.cpp", "lib") {
		t.Errorf("found %+v", r)
	}
	for _, dir := range []string{filepath.Join(prefix, "lib"), filepath.Join(cellar, "lib")} {
		if named := inspectPath(h, dir); named.Problem != nil {
			t.Errorf("%s: %v", dir, named.Problem)
		}
	}
}

// A llama-server on PATH is often a link to where it is.
func TestServerBehindLink(t *testing.T) {
	t.Parallel()
	h, root := machine(t, "linux")
	writeTree(t, filepath.Join(root, "src", "build", "bin"), linuxRuntime())
	symlink(t, "../../src/build/bin/llama-server", filepath.Join(root, "usr", "bin", "llama-server"))
	found := h.foreign()
	if len(found) != 1 || found[0].Source != Path || found[0].Dir != filepath.Join(root, "src", "build", "bin") {
		t.Errorf("found %+v", found)
	}
}
