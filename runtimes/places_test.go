package runtimes

import (
	"debug/macho"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// machine is a host whose folders lie below a test's own.
func machine(t testing.TB, goos string) (host, string) {
	t.Helper()
	root := t.TempDir()
	environment := map[string]string{
		"HOME": filepath.Join(root, "home", "me"), "USER": "me",
		"USERPROFILE":  filepath.Join(root, "Users", "me"),
		"LOCALAPPDATA": filepath.Join(root, "Users", "me", "AppData", "Local"),
		"PATH":         strings.Join([]string{filepath.Join(root, "usr", "bin"), filepath.Join(root, "tools", "bin")}, string(os.PathListSeparator)),
	}
	h := linuxHost(t)
	h.goos, h.root, h.env = goos, root, func(name string) string { return environment[name] }
	if goos == "darwin" {
		h.goarch, h.macOS = "arm64", version{15, 0}
	}
	return h, root
}

// split is a runtime with its core libraries in one folder and its backends in
// another.
func split(core, backends string, files map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name, data := range files {
		folder := core
		if m := backendFile().FindStringSubmatch(name); m != nil && m[1] != "base" {
			folder = backends
		}
		if !strings.HasPrefix(name, "llama-server") {
			out[folder+"/"+name] = data
		}
	}
	return out
}

func macRuntime(cpu macho.Cpu) map[string][]byte {
	library := machoLibrary(cpu, version{14, 0})
	out := map[string][]byte{"libggml-cpu-apple_m1.so": library, "libggml-metal.so": library}
	for _, name := range []string{"ggml-base", "ggml", "llama", "mtmd"} {
		out["lib"+name+".0.dylib"] = library
	}
	return out
}

func windowsRuntime() map[string][]byte {
	out := map[string][]byte{"llama-server.exe": peLibrary()}
	for _, name := range []string{"ggml-base", "ggml", "llama", "mtmd", "ggml-cpu-haswell", "ggml-vulkan"} {
		out[name+".dll"] = peLibrary()
	}
	return out
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	linux, mac, windows := linuxRuntime(), macRuntime(macho.CpuArm64), windowsRuntime()
	debian := split("usr/lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/ggml/backends0", linux)
	tests := []struct {
		name, goos string
		files      map[string][]byte
		env        map[string]string // {} is the machine's root
		source     Source
		dir        string // below the root
		backends   string // folder, below the root
	}{
		{"Homebrew", "darwin", split("opt/homebrew/lib", "opt/homebrew/opt/ggml/libexec", mac), nil, Homebrew, "opt/homebrew/lib", "opt/homebrew/opt/ggml/libexec"},
		{"Homebrew's formulas", "darwin", func() map[string][]byte {
			files := split("opt/homebrew/opt/ggml/lib", "opt/homebrew/opt/ggml/libexec", mac)
			for _, name := range []string{"libllama.0.dylib", "libmtmd.0.dylib"} {
				files["opt/homebrew/opt/llama.cpp/lib/"+name] = mac[name]
				delete(files, "opt/homebrew/opt/ggml/lib/"+name)
			}
			return files
		}(), nil, Homebrew, "opt/homebrew/opt/llama.cpp/lib", "opt/homebrew/opt/ggml/libexec"},
		{"Homebrew on Intel", "darwin", moved("usr/local/opt/llama.cpp/lib", macRuntime(macho.CpuAmd64)), nil, Homebrew, "usr/local/opt/llama.cpp/lib", "usr/local/opt/llama.cpp/lib"},
		{"Homebrew on Linux", "linux", moved("home/linuxbrew/.linuxbrew/lib", linux), nil, Homebrew, "home/linuxbrew/.linuxbrew/lib", "home/linuxbrew/.linuxbrew/lib"},
		{"Homebrew elsewhere", "linux", moved("brew/lib", linux), map[string]string{"HOMEBREW_PREFIX": "{}/brew"}, Homebrew, "brew/lib", "brew/lib"},
		{"MacPorts", "darwin", moved("opt/local/lib", mac), nil, MacPorts, "opt/local/lib", "opt/local/lib"},
		{"Nix profile", "linux", moved("home/me/.nix-profile/lib", linux), nil, Nix, "home/me/.nix-profile/lib", "home/me/.nix-profile/lib"},
		{"NixOS", "linux", moved("run/current-system/sw/lib", linux), nil, Nix, "run/current-system/sw/lib", "run/current-system/sw/lib"},
		{"Nix for all", "darwin", moved("nix/var/nix/profiles/default/lib", mac), nil, Nix, "nix/var/nix/profiles/default/lib", "nix/var/nix/profiles/default/lib"},
		{"home-manager", "linux", moved("etc/profiles/per-user/me/lib", linux), nil, Nix, "etc/profiles/per-user/me/lib", "etc/profiles/per-user/me/lib"},
		{"an odd user", "linux", moved("etc/lib", linux), map[string]string{"USER": "../.."}, "", "", ""},
		{"Debian", "linux", debian, nil, System, "usr/lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/ggml/backends0"},
		{"Fedora", "linux", moved("usr/lib64", linux), nil, System, "usr/lib64", "usr/lib64"},
		{"Arch", "linux", moved("usr/lib", linux), nil, System, "usr/lib", "usr/lib"},
		{"self-made", "linux", moved("usr/local/lib", linux), nil, System, "usr/local/lib", "usr/local/lib"},
		{"self-made on a Mac", "darwin", moved("usr/local/lib", mac), nil, System, "usr/local/lib", "usr/local/lib"},
		{"beside llama-server", "linux", moved("tools/bin", linux), nil, Path, "tools/bin", "tools/bin"},
		{"lib beside llama-server's bin", "linux", func() map[string][]byte {
			files := split("tools/lib", "tools/bin", linux)
			files["tools/bin/llama-server"] = linux["llama-server"]
			return files
		}(), nil, Path, "tools/lib", "tools/bin"},
		{"no llama-server", "linux", with(moved("tools/bin", linux), "tools/bin/llama-server", nil), nil, "", "", ""},
		{"winget", "windows", moved("Users/me/AppData/Local/Microsoft/WinGet/Packages/ggml.llamacpp_Microsoft.Winget.Source_8wekyb3d8bbwe", windows), nil, Winget,
			"Users/me/AppData/Local/Microsoft/WinGet/Packages/ggml.llamacpp_Microsoft.Winget.Source_8wekyb3d8bbwe",
			"Users/me/AppData/Local/Microsoft/WinGet/Packages/ggml.llamacpp_Microsoft.Winget.Source_8wekyb3d8bbwe"},
		{"winget for all", "windows", moved("Program Files/WinGet/Packages/ggml.llamacpp", windows), map[string]string{"ProgramFiles": "{}/Program Files"}, Winget,
			"Program Files/WinGet/Packages/ggml.llamacpp", "Program Files/WinGet/Packages/ggml.llamacpp"},
		{"another package of winget's", "windows", moved("Users/me/AppData/Local/Microsoft/WinGet/Packages/Ollama.Ollama", windows), nil, "", "", ""},
		{"scoop", "windows", moved("Users/me/scoop/apps/llama.cpp/current", windows), nil, Scoop, "Users/me/scoop/apps/llama.cpp/current", "Users/me/scoop/apps/llama.cpp/current"},
		{"scoop elsewhere", "windows", moved("apps/scoop/apps/llama.cpp/current", windows), map[string]string{"SCOOP": "{}/apps/scoop"}, Scoop, "apps/scoop/apps/llama.cpp/current", "apps/scoop/apps/llama.cpp/current"},
		{"Windows' PATH", "windows", moved("tools/bin", windows), nil, Path, "tools/bin", "tools/bin"},
		{"a relative PATH", "linux", moved("tools/bin", linux), map[string]string{"PATH": "tools/bin:."}, "", "", ""},
		{"nothing", "linux", nil, nil, "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h, root := machine(t, test.goos)
			old := h.env
			h.env = func(name string) string {
				if value, ok := test.env[name]; ok {
					return strings.ReplaceAll(value, "{}", root)
				}
				return old(name)
			}
			if test.goos == "windows" || strings.HasSuffix(test.name, "Intel") {
				h.goarch = "amd64"
			}
			writeTree(t, root, test.files)
			found := h.foreign()
			if test.source == "" {
				if len(found) > 0 {
					t.Fatalf("found %+v", found)
				}
				return
			}
			if len(found) != 1 {
				t.Fatalf("found %d: %+v", len(found), found)
			}
			r := found[0]
			if r.Problem != nil || r.Source != test.source || r.Name != "llama.cpp" ||
				r.Dir != filepath.Join(root, test.dir) || filepath.Clean(r.BackendDir) != filepath.Join(root, test.backends) {
				t.Errorf("found %+v", r)
			}
			// The folder leads to the same when a person names it.
			if named := inspectPath(h, r.Dir); !slices.Equal(named.Libraries(), r.Libraries()) || named.BackendDir != r.BackendDir {
				t.Errorf("named, it is %+v, found it is %+v", named, r)
			}
		})
	}
}

func TestLinkerKnows(t *testing.T) {
	t.Parallel()
	h, root := machine(t, "linux")
	cached, searched := filepath.Join(root, "opt", "a"), filepath.Join(root, "opt", "b")
	writeTree(t, cached, linuxRuntime())
	writeTree(t, searched, with(linuxRuntime(), "libmtmd.so.0", nil))
	h.linker.cache = parseLinkerCache(linkerCache("libllama.so.0", filepath.Join(cached, "libllama.so.0"), "libllama.so", filepath.Join(cached, "libllama.so")))
	h.linker.dirs = append(h.linker.dirs, searched, "relative")
	found := h.foreign()
	if len(found) != 2 || found[0].Dir != cached || found[1].Dir != searched || found[0].Source != Linker {
		t.Fatalf("found %+v", found)
	}
	// What can't be used is found, too, and says why.
	if found[0].Problem != nil || found[1].Problem == nil {
		t.Errorf("problems %v, %v", found[0].Problem, found[1].Problem)
	}
}

func TestVersionedNames(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]string{
		"homebrew/Cellar/llama.cpp/9165/lib":                               "llama.cpp b9165",
		"homebrew/Cellar/llama.cpp/0.5.0_1/lib":                            "llama.cpp 0.5.0",
		"nix/store/0123456789abcdfghijklmnpqrsvwxyz-llama-cpp-9165/lib":    "llama.cpp b9165",
		"nix/store/0123456789abcdfghijklmnpqrsvwxyz-llama-cpp-cuda-12/lib": "llama.cpp b12",
		"scoop/apps/llama.cpp/b9165":                                       "llama.cpp b9165",
	} {
		dir := filepath.Join(t.TempDir(), filepath.FromSlash(folder))
		writeTree(t, dir, linuxRuntime())
		if got := inspect(linuxHost(t), dir).Name; got != want {
			t.Errorf("%s is called %q, want %q", folder, got, want)
		}
	}
	dir := filepath.Join(t.TempDir(), "own")
	for file, want := range map[string]string{"libllama.so.0.5.1": "llama.cpp 0.5.1", "libllama.0.1.2.dylib": "llama.cpp 0.1.2", "libllama.so.0.0.0": "own"} {
		writeTree(t, dir, map[string][]byte{file: nil})
		if got := nameOf(Runtime{Dir: dir, Llama: filepath.Join(dir, file)}); got != want {
			t.Errorf("by its file's name %s it is %q, want %q", file, got, want)
		}
	}
}
