package cli

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vlmchat/vlmchat/testdata/hostile"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// fixtures writes what a script can't hold as text: pictures, models and a
// runtime that can't be used.
func fixtures(ts *testscript.TestScript, _ bool, _ []string) {
	write := func(name string, content []byte) {
		path := ts.MkAbs(name)
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
		ts.Check(os.WriteFile(path, content, 0o600))
	}
	jpeg := []byte(ts.ReadFile(filepath.Join(ts.Getenv("SAMPLES"), "scene-05.jpg")))
	write("cut.jpg", jpeg[:len(jpeg)/2])
	write("bomb.png", pngHeader(30000, 30000))
	write("dot.png", pngHeader(1, 1))
	write("narrow/model.gguf", tinyvlm.Model)
	write("narrow/narrow-mmproj.gguf", hostile.NarrowProjector())
	write("blind/model.gguf", tinyvlm.Model)

	// One runtime without libmtmd, and one whose libmtmd is another library,
	// which only shows when it is loaded.
	runtime := ts.Getenv("RUNTIME")
	ts.Check(filepath.WalkDir(runtime, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		relative, err := filepath.Rel(runtime, path)
		if err != nil {
			return err
		}
		strange := ts.MkAbs(filepath.Join("strangeruntime", relative))
		if !strings.Contains(d.Name(), "mtmd") {
			blind := ts.MkAbs(filepath.Join("blindruntime", relative))
			return errors.Join(link(path, blind), link(path, strange))
		}
		other := strings.Replace(d.Name(), "mtmd", "llama", 1)
		return link(filepath.Join(filepath.Dir(path), other), strange)
	}))
}

// link makes a link to target, and the folder it lies in.
func link(target, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.Symlink(target, path)
}

// pngHeader is a PNG file that says a size and holds no pixels.
func pngHeader(width, height uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
		sum := crc32.ChecksumIEEE(append([]byte(kind), data...))
		b = append(append(b, kind...), data...)
		b = binary.BigEndian.AppendUint32(b, sum)
	}
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	chunk("IHDR", append(size, 8, 2, 0, 0, 0))
	chunk("IDAT", []byte{0x78, 0x9c, 0x01, 0, 0, 0xff, 0xff})
	chunk("IEND", nil)
	return b
}
