package models

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// folder writes models and projectors by name and returns where.
func folder(t *testing.T, names ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "some [odd] folder*")
	if runtime.GOOS == "windows" {
		dir = strings.TrimSuffix(dir, "*") // no name there has one
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content := tinyvlm.Model
		if looksLikeProjector(name) {
			content = tinyvlm.Projector
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		files            []string
		model, projector string // as named
		want             string // the projector that is found
		kind             engine.ErrorKind
	}{
		{name: "alone", files: []string{"a.gguf"}, model: "a.gguf"},
		{name: "with its projector", files: []string{"a.gguf", "mmproj-a.gguf"}, model: "a.gguf", want: "mmproj-a.gguf"},
		{name: "a folder", files: []string{"a.gguf", "mmproj.gguf"}, model: "", want: "mmproj.gguf"},
		{name: "the projector of the same name", files: []string{"llava.gguf", "qwen.gguf", "mmproj-llava-f16.gguf", "qwen-mmproj.gguf"}, model: "qwen.gguf", want: "qwen-mmproj.gguf"},
		{name: "a projector by name", files: []string{"a.gguf", "mmproj-x.gguf", "mmproj-y.gguf"}, model: "a.gguf", projector: "mmproj-y.gguf", want: "mmproj-y.gguf"},
		{name: "two projectors alike", files: []string{"a.gguf", "mmproj-x.gguf", "mmproj-y.gguf"}, model: "a.gguf", kind: engine.ModelNotFound},
		{name: "two models in a folder", files: []string{"a.gguf", "b.gguf"}, model: "", kind: engine.ModelNotFound},
		{name: "an empty folder", model: "", kind: engine.ModelNotFound},
		{name: "missing", model: "a.gguf", kind: engine.ModelNotFound},
		{name: "a missing projector", files: []string{"a.gguf"}, model: "a.gguf", projector: "mmproj.gguf", kind: engine.ModelNotFound},
		{name: "a projector as the model", files: []string{"mmproj.gguf"}, model: "mmproj.gguf", kind: engine.ModelInvalid},
		{name: "a model as the projector", files: []string{"a.gguf", "b.gguf"}, model: "a.gguf", projector: "b.gguf", kind: engine.ModelInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, c.files...)
			projector := c.projector
			if projector != "" {
				projector = filepath.Join(dir, projector)
			}
			m, err := Find(filepath.Join(dir, c.model), projector)
			if c.kind != "" {
				if engine.KindOf(err) != c.kind {
					t.Errorf("found %+v, %v", m, err)
				}
				return
			}
			found := m.Projector
			if found != "" {
				found = filepath.Base(found)
			}
			if err != nil || found != c.want || m.Path == "" || (c.want != "") != (m.EncoderLayers == 4) {
				t.Errorf("found %+v, %v; want the projector %q", m, err, c.want)
			}
		})
	}
}

func TestProjectorWithoutItsModel(t *testing.T) {
	t.Parallel()
	_, err := Find("", "mine-mmproj.gguf")
	if engine.KindOf(err) != engine.ModelNotFound || !strings.Contains(err.Error(), "mine-mmproj.gguf") {
		t.Errorf("the error is %v", err)
	}
}

func TestNotGGUF(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "model.gguf")
	if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Find(path, "")
	if engine.KindOf(err) != engine.ModelInvalid || !errors.Is(err, ErrNotGGUF) || !strings.Contains(err.Error(), path) {
		t.Errorf("the error is %v", err)
	}
}

func TestDemo(t *testing.T) {
	t.Setenv("VLMCHAT_DATA_DIR", t.TempDir())
	for range 2 {
		m, err := Find("", "")
		if err != nil || !m.Demo || m.Name != DemoName {
			t.Fatalf("found %+v, %v", m, err)
		}
		b, err := os.ReadFile(m.Path)
		if err != nil || string(b) != string(tinyvlm.Model) {
			t.Errorf("the model has %d bytes, %v", len(b), err)
		}
		// What was damaged in between is mended.
		if err := os.WriteFile(m.Path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sum := sha256.Sum256(tinyvlm.Model)
	if !strings.HasPrefix(hex.EncodeToString(sum[:]), tinyvlm.Digest) {
		t.Errorf("the demo model's digest is %x", sum)
	}
	left, _ := filepath.Glob(filepath.Join(os.Getenv("VLMCHAT_DATA_DIR"), "models", "*", ".unpack-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestByNameInTheDataDirectory(t *testing.T) {
	data := t.TempDir()
	t.Setenv("VLMCHAT_DATA_DIR", data)
	dir := filepath.Join(data, "models", "mine")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.gguf"), tinyvlm.Model, 0o600); err != nil {
		t.Fatal(err)
	}
	if m, err := Find("mine", ""); err != nil || m.Path != filepath.Join(dir, "x.gguf") {
		t.Errorf("found %+v, %v", m, err)
	}
}
