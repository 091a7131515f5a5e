package runtimes

import (
	"debug/elf"
	"debug/macho"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

func TestProblems(t *testing.T) {
	t.Parallel()
	good := linuxRuntime()
	newer := func(l elfLibrary) []byte {
		l.needs = append(l.needs, "GLIBC_2.17", "GLIBC_2.38")
		return l.bytes()
	}
	mac := map[string][]byte{}
	for _, name := range []string{"libggml-base.0.dylib", "libggml.0.dylib", "libllama.0.dylib", "libmtmd.0.dylib", "libggml-cpu.so"} {
		mac[name] = machoLibrary(macho.CpuArm64, version{14, 0})
	}
	tests := []struct {
		name  string
		files map[string][]byte
		host  func(*host)
		says  []string // nil: it is usable
	}{
		{"good", good, nil, nil},
		{"empty", nil, nil, []string{"no libllama"}},
		{"no libmtmd", with(good, "libmtmd.so.0", nil), nil, []string{"has libllama but not libmtmd", "to see pictures"}},
		{"no ggml", with(good, "libggml-base.so.0", nil), nil, []string{"not libggml"}},
		{"no CPU backend", with(good, "libggml-cpu.so", nil), nil, []string{"no libggml-cpu"}},
		{"arm64 here", good, func(h *host) { h.goarch = "arm64" }, []string{"is for x86-64 processors", "arm64"}},
		{"arm64 backend", with(good, "libggml-cpu.so", elfLibrary{machine: elf.EM_AARCH64}.bytes()), nil, []string{"libggml-cpu.so is for arm64 processors"}},
		{"another processor", with(good, "libllama.so.0", elfLibrary{machine: elf.EM_RISCV}.bytes()), nil, []string{"libllama.so.0 is for EM_RISCV processors"}},
		{"for macOS", mac, nil, []string{"for macOS", "libllama.0.dylib"}},
		{"for Windows", map[string][]byte{"bin/llama.dll": peLibrary()}, nil, []string{"for Windows"}},
		{"named for Linux, made for Windows", with(good, "libmtmd.so.0", peLibrary()), nil, []string{"libmtmd.so.0 is for Windows, and this is Linux"}},
		{"an empty file", with(good, "libllama.so.0", []byte{}), nil, []string{"libllama.so.0 cannot be read", "damaged"}},
		{"text", with(good, "libllama.so.0", []byte("version https://git-lfs.github.com/spec/v1")), nil, []string{"no library"}},
		{"cut", with(good, "libllama.so.0", good["libllama.so.0"][:200]), nil, []string{"damaged"}},
		{"newer glibc", with(good, "libggml.so.0", newer(elfLibrary{})), nil, []string{"needs glibc 2.38 (libggml.so.0)", "has glibc 2.36"}},
		{"newer glibc of a backend", with(good, "libggml-rpc.so", newer(elfLibrary{})), nil, []string{"needs glibc 2.38 (libggml-rpc.so)"}},
		{"newer glibc, not insisted on", with(good, "libggml.so.0", newer(elfLibrary{weak: true})), nil, nil},
		{"newer glibc, unknown here", with(good, "libggml.so.0", newer(elfLibrary{})), func(h *host) { h.glibc = version{} }, nil},
		{"newer glibc here", with(good, "libggml.so.0", newer(elfLibrary{})), func(h *host) { h.glibc = version{3, 0} }, nil},
		{"relative relocations", with(good, "libggml.so.0", elfLibrary{needs: []string{"GLIBC_ABI_DT_RELR"}}.bytes()), func(h *host) { h.glibc = version{2, 35} }, []string{"glibc 2.36"}},
		{"musl", good, func(h *host) { h.musl, h.glibc = true, version{} }, []string{"musl"}},
		{"a library missing", with(good, "libmtmd.so.0", elfLibrary{needed: []string{"libfoo.so.7"}}.bytes()), nil, []string{"libmtmd.so.0 needs libfoo.so.7"}},
		{"a library of the CPU backend missing", with(good, "libggml-cpu.so", elfLibrary{needed: []string{"libgomp.so.1"}}.bytes()), nil, []string{"libggml-cpu.so needs libgomp.so.1"}},
		{"a library of a GPU backend missing", with(good, "libggml-vulkan.so", elfLibrary{needed: []string{"libvulkan.so.1"}}.bytes()), nil, nil},
		{"a library in the search path", with(with(good, "libmtmd.so.0", elfLibrary{needed: []string{"libfoo.so.7"}, runpath: "/nowhere:$ORIGIN/deps"}.bytes()), "deps/libfoo.so.7", elfLibrary{}.bytes()), nil, nil},
		{"a library missing, perhaps", with(good, "libmtmd.so.0", elfLibrary{needed: []string{"libfoo.so.7"}}.bytes()), func(h *host) { h.linker.cache = nil }, nil},
		{"macOS", mac, func(h *host) { h.goos, h.goarch, h.macOS = "darwin", "arm64", version{14, 0} }, nil},
		{"older macOS", mac, func(h *host) { h.goos, h.goarch, h.macOS = "darwin", "arm64", version{13, 6} }, []string{"needs macOS 14.0", "this is macOS 13.6"}},
		{"Intel Mac", mac, func(h *host) { h.goos, h.goarch = "darwin", "amd64" }, []string{"is for arm64 processors, and this program runs on x86-64"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir, h := t.TempDir(), linuxHost(t)
			writeTree(t, dir, test.files)
			if test.host != nil {
				test.host(&h)
			}
			r := inspectPath(h, dir)
			if len(test.says) == 0 {
				if r.Problem != nil {
					t.Fatal(r.Problem)
				}
				return
			}
			if r.Problem == nil {
				t.Fatal("it is said to be usable")
			}
			if kind := engine.KindOf(r.Problem); kind != engine.RuntimeIncompatible && kind != engine.RuntimeMissing {
				t.Errorf("kind %s", kind)
			}
			for _, part := range test.says {
				if !strings.Contains(r.Problem.Error(), part) {
					t.Errorf("%q does not say %q", r.Problem, part)
				}
			}
		})
	}
}

func TestGlibcOf(t *testing.T) {
	t.Parallel()
	libc := filepath.Join(t.TempDir(), "libc.so.6")
	writeTree(t, filepath.Dir(libc), map[string][]byte{
		"libc.so.6": elfLibrary{defines: []string{"libc.so.6", "GLIBC_2.2.5", "GLIBC_2.9", "GLIBC_2.36", "GLIBC_2.10", "GLIBC_PRIVATE"}}.bytes(),
	})
	if got := glibcOf(libc); got != (version{2, 36}) {
		t.Errorf("glibc %v, want 2.36", got)
	}
	if got := glibcOf(libc + ".absent"); got.known() {
		t.Errorf("an absent file is glibc %v", got)
	}
}

// TestThisHost holds the fixtures against reality: this test runs somewhere.
func TestThisHost(t *testing.T) {
	t.Parallel()
	h := thisHost()
	if h.goos == "linux" && !h.musl && !h.glibc.known() {
		t.Errorf("%+v: a Linux with no C library", h)
	}
	if h.goos == "darwin" && !h.macOS.known() {
		t.Error("a macOS with no version")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if p, err := platformOf(self); err != nil || p.goos != h.goos || !slices.Contains(p.arches, h.goarch) {
		t.Errorf("this program is for %+v (%v), on %s/%s", p, err, h.goos, h.goarch)
	}
}

// linkerCache makes an ld.so.cache of names and paths.
func linkerCache(pairs ...string) []byte {
	ne := binary.NativeEndian
	header := make([]byte, 48)
	copy(header, "glibc-ld.so.cache1.1")
	ne.PutUint32(header[20:], uint32(len(pairs)/2))
	var table, text []byte
	for i := 0; i < len(pairs); i += 2 {
		at := uint32(48 + 24*len(pairs)/2 + len(text))
		table = ne.AppendUint32(table, 0)
		table = ne.AppendUint32(table, at)
		table = ne.AppendUint32(table, at+uint32(len(pairs[i]))+1)
		table = append(table, make([]byte, 12)...)
		text = append(append(text, pairs[i]...), 0)
		text = append(append(text, pairs[i+1]...), 0)
	}
	return slices.Concat(header, table, text)
}

func TestLinkerCache(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTree(t, dir, map[string][]byte{
		"32/libfoo.so.1": elfLibrary{machine: elf.EM_386}.bytes(),
		"64/libfoo.so.1": elfLibrary{}.bytes(),
	})
	small, right := filepath.Join(dir, "32", "libfoo.so.1"), filepath.Join(dir, "64", "libfoo.so.1")
	plain := linkerCache("libfoo.so.1", small, "libfoo.so.1", right, "libgone.so.1", filepath.Join(dir, "gone"))
	for name, data := range map[string][]byte{"new": plain, "behind an old table": append([]byte("ld.so-1.7.0\x00\x00\x00\x00\x00"), plain...)} {
		l := linker{arch: "amd64", cache: parseLinkerCache(data)}
		if got := l.find("libfoo.so.1"); got != right {
			t.Errorf("%s: found %q, want %q", name, got, right)
		}
		if got := l.find("libgone.so.1"); got != "" {
			t.Errorf("%s: found %q, which is gone", name, got)
		}
		if !l.certain() {
			t.Errorf("%s: not certain", name)
		}
	}
	if (linker{cache: parseLinkerCache([]byte("something else"))}).certain() {
		t.Error("certain of a cache that can't be read")
	}
}

func FuzzReadHeaders(f *testing.F) {
	f.Add(elfLibrary{soname: "a", needed: []string{"b"}, needs: []string{"GLIBC_2.38"}, defines: []string{"GLIBC_2.1", "V"}}.bytes())
	f.Add(machoLibrary(macho.CpuArm64, version{14, 0}))
	f.Add(peLibrary())
	f.Add(linkerCache("libc.so.6", "/lib/libc.so.6"))
	f.Fuzz(func(t *testing.T, data []byte) {
		parseLinkerCache(data)
		path := filepath.Join(t.TempDir(), "lib")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = platformOf(path)
		readELF(path)
		glibcOf(path)
	})
}
