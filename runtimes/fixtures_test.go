package runtimes

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// elfLibrary is a Linux library made for a test: headers and the few sections
// that the linker reads, no code.
type elfLibrary struct {
	machine elf.Machine // amd64 if it is 0
	soname  string
	needed  []string
	runpath string
	needs   []string // symbol versions of libc.so.6
	weak    bool     // it can do without them
	defines []string
}

func (l elfLibrary) bytes() []byte {
	if l.machine == 0 {
		l.machine = elf.EM_X86_64
	}
	text := []byte{0}
	add := func(s string) uint32 {
		at := uint32(len(text))
		text = append(append(text, s...), 0)
		return at
	}
	le := binary.LittleEndian
	var dynamic []byte
	tag := func(t elf.DynTag, s string) {
		if s != "" {
			dynamic = le.AppendUint64(le.AppendUint64(dynamic, uint64(t)), uint64(add(s)))
		}
	}
	tag(elf.DT_SONAME, l.soname)
	tag(elf.DT_RUNPATH, l.runpath)
	for _, name := range l.needed {
		tag(elf.DT_NEEDED, name)
	}
	dynamic = append(dynamic, make([]byte, 16)...)

	var needs []byte
	if len(l.needs) > 0 {
		needs = le.AppendUint16(needs, 1)
		needs = le.AppendUint16(needs, uint16(len(l.needs)))
		needs = le.AppendUint32(needs, add("libc.so.6"))
		needs = le.AppendUint32(needs, 16)
		needs = le.AppendUint32(needs, 0)
		for i, version := range l.needs {
			flags, next := uint16(0), uint32(16)
			if l.weak {
				flags = uint16(elf.VER_FLG_WEAK)
			}
			if i == len(l.needs)-1 {
				next = 0
			}
			needs = le.AppendUint32(needs, 0)
			needs = le.AppendUint16(needs, flags)
			needs = le.AppendUint16(needs, uint16(i+2))
			needs = le.AppendUint32(needs, add(version))
			needs = le.AppendUint32(needs, next)
		}
	}
	var defines []byte
	for i, version := range l.defines {
		next := uint32(28)
		if i == len(l.defines)-1 {
			next = 0
		}
		for _, v := range []uint16{1, 0, uint16(i + 1), 1} {
			defines = le.AppendUint16(defines, v)
		}
		for _, v := range []uint32{0, 20, next, add(version), 0} {
			defines = le.AppendUint32(defines, v)
		}
	}

	sections := []struct {
		kind elf.SectionType
		data []byte
	}{
		{elf.SHT_NULL, nil},
		{elf.SHT_STRTAB, text},
		{elf.SHT_DYNAMIC, dynamic},
		{elf.SHT_GNU_VERNEED, needs},
		{elf.SHT_GNU_VERDEF, defines},
	}
	var out bytes.Buffer
	header := elf.Header64{
		Type: uint16(elf.ET_DYN), Machine: uint16(l.machine), Version: 1,
		Shoff: 64, Ehsize: 64, Shentsize: 64, Shnum: uint16(len(sections)), Shstrndx: 1,
	}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS] = byte(elf.ELFCLASS64)
	header.Ident[elf.EI_DATA] = byte(elf.ELFDATA2LSB)
	header.Ident[elf.EI_VERSION] = 1
	_ = binary.Write(&out, le, header)
	at := uint64(64 + 64*len(sections))
	for _, s := range sections {
		kind := s.kind
		if len(s.data) == 0 {
			kind = elf.SHT_NULL
		}
		_ = binary.Write(&out, le, elf.Section64{Type: uint32(kind), Off: at, Size: uint64(len(s.data)), Link: 1})
		at += uint64(len(s.data))
	}
	for _, s := range sections {
		out.Write(s.data)
	}
	return out.Bytes()
}

// machoLibrary is a macOS library of headers only.
func machoLibrary(cpu macho.Cpu, least version) []byte {
	le := binary.LittleEndian
	var out []byte
	for _, v := range []uint32{macho.Magic64, uint32(cpu), 0, uint32(macho.TypeDylib), 1, 24, 0, 0} {
		out = le.AppendUint32(out, v)
	}
	for _, v := range []uint32{0x32, 24, 1, uint32(least.major)<<16 | uint32(least.minor)<<8, 0, 0} {
		out = le.AppendUint32(out, v)
	}
	return out
}

// peLibrary is an x86-64 Windows library of headers only.
func peLibrary() []byte {
	out := make([]byte, 0x60)
	copy(out, "MZ")
	out[0x3c] = 0x60
	out = append(out, "PE\x00\x00"...)
	var header bytes.Buffer
	_ = binary.Write(&header, binary.LittleEndian, pe.FileHeader{Machine: pe.IMAGE_FILE_MACHINE_AMD64})
	return append(append(out, header.Bytes()...), make([]byte, 64)...)
}

// linuxRuntime is the files of a small Linux runtime in one folder.
func linuxRuntime() map[string][]byte {
	library := func(soname string, needed ...string) []byte {
		return elfLibrary{soname: soname, needed: append(needed, "libc.so.6"), runpath: "$ORIGIN", needs: []string{"GLIBC_2.17", "GLIBC_2.28"}}.bytes()
	}
	return map[string][]byte{
		"libggml-base.so.0": library("libggml-base.so.0"),
		"libggml.so.0":      library("libggml.so.0", "libggml-base.so.0"),
		"libllama.so.0":     library("libllama.so.0", "libggml.so.0", "libggml-base.so.0"),
		"libmtmd.so.0":      library("libmtmd.so.0", "libllama.so.0"),
		"libggml-cpu.so":    library("", "libggml-base.so.0"),
		"llama-server":      elfLibrary{}.bytes(),
	}
}

// moved puts all files into a folder.
func moved(folder string, contents map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name, data := range contents {
		out[folder+"/"+name] = data
	}
	return out
}

// with returns files with some replaced; nil data removes one.
func with(contents map[string][]byte, name string, data []byte) map[string][]byte {
	out := map[string][]byte{}
	for n, d := range contents {
		out[n] = d
	}
	out[name] = data
	if data == nil {
		delete(out, name)
	}
	return out
}

// linuxHost is a machine with glibc 2.36 whose linker knows libc alone.
func linuxHost(t testing.TB) host {
	t.Helper()
	system := t.TempDir()
	writeTree(t, system, map[string][]byte{"libc.so.6": elfLibrary{soname: "libc.so.6"}.bytes()})
	return host{
		goos: "linux", goarch: "amd64", glibc: version{2, 36},
		linker: linker{arch: "amd64", dirs: []string{system}, cache: map[string][]string{}},
		env:    func(string) string { return "" }, root: system,
	}
}

func writeTree(t testing.TB, dir string, contents map[string][]byte) {
	t.Helper()
	for name, data := range contents {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// known notes the contents of runtimes in root as an installation does.
func known(t testing.TB, root string, folders ...string) {
	t.Helper()
	d, err := readDigests(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		c, err := readContents(filepath.Join(root, folder))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.addRuntime(folder, c); err != nil {
			t.Fatal(err)
		}
	}
}

// entry is one of a test's archive.
type entry struct {
	name string
	data []byte
	mode fs.FileMode // type and permissions
	link string
	kind byte // a tar type that mode can't say
}

func entries(contents map[string][]byte) []entry {
	var out []entry
	for name, data := range contents {
		out = append(out, entry{name: name, data: data, mode: 0o644})
	}
	return out
}

func makeTarGz(t testing.TB, list []entry) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for _, e := range list {
		h := &tar.Header{Name: e.name, Mode: int64(e.mode.Perm()), Size: int64(len(e.data)), Typeflag: tar.TypeReg, Linkname: e.link}
		switch {
		case e.kind != 0:
			h.Typeflag = e.kind
		case e.mode.IsDir():
			h.Typeflag = tar.TypeDir
		case e.mode&fs.ModeSymlink != 0:
			h.Typeflag = tar.TypeSymlink
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func makeZip(t testing.TB, list []entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range list {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode)
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		data := e.data
		if e.link != "" {
			data = []byte(e.link)
		}
		if _, err := f.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
