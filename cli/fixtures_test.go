package cli

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
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
	write("adapter.gguf", hostile.LoRA(1).Bytes())
	write("other.gguf", hostile.LoRA(2).Bytes())

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

// installRuntime puts a runtime's libraries into a data directory under a name, as
// 'runtime install' does, but for the GPU's, which are large.
func installRuntime(data, name, from string) error {
	root := filepath.Join(data, "runtimes")
	libraries := map[string]any{}
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		relative, failed := filepath.Rel(from, path)
		manifest := d.Name() == "vlmchat-runtime.json"
		if err != nil || failed != nil || d.IsDir() || strings.Contains(d.Name(), "vulkan") || !manifest && !strings.Contains(d.Name(), ".so") {
			return errors.Join(err, failed)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(root, name, relative)
		if err := errors.Join(os.MkdirAll(filepath.Dir(target), 0o700), os.WriteFile(target, content, 0o600)); err != nil || manifest {
			return err
		}
		info, err := os.Stat(target)
		if err != nil {
			return err
		}
		libraries[filepath.ToSlash(relative)] = map[string]any{
			"sha256": fmt.Sprintf("%x", sha256.Sum256(content)), "size": info.Size(), "modified": info.ModTime(),
		}
		return nil
	})
	if err != nil {
		return err
	}
	lock, err := json.Marshal(map[string]any{"runtimes": map[string]any{name: libraries}})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "lock.json"), lock, 0o600)
}

// installed gives a script a data directory of its own with a runtime in it:
// installed NAME
func installed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: installed NAME")
	}
	data := ts.MkAbs("data")
	ts.Check(installRuntime(data, args[0], ts.Getenv("RUNTIME")))
	ts.Setenv("VLMCHAT_DATA_DIR", data)
	ts.Setenv("VLMCHAT_RUNTIME", "")
}

// change spoils a file: append FILE
func change(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: append FILE")
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY|os.O_APPEND, 0)
	ts.Check(err)
	_, err = f.Write([]byte{0})
	ts.Check(errors.Join(err, f.Close()))
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
