package models

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

func TestImport(t *testing.T) {
	t.Setenv("VLMCHAT_DATA_DIR", t.TempDir())
	for _, c := range []struct {
		how         Transfer
		same, stays bool
	}{{Cheapest, true, true}, {Link, true, true}, {Copy, false, true}, {Move, true, false}} {
		dir := folder(t, "some-model.gguf", "mmproj-f16.gguf")
		m, err := Find(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		before, _ := os.Stat(m.Path)
		var last engine.PullProgress
		name := "by-" + string(c.how) + "x"
		got, err := Import(t.Context(), m, name, ImportOptions{How: c.how, Progress: func(p engine.PullProgress) { last = p }})
		if err != nil {
			t.Fatalf("%q: %v", c.how, err)
		}
		if want := int64(len(tinyvlm.Model) + len(tinyvlm.Projector)); last.Done != want || last.Total != want {
			t.Errorf("%q: the last progress is %+v", c.how, last)
		}
		after, err := os.Stat(got.Path)
		if err != nil || os.SameFile(before, after) != c.same || got.Projector == "" {
			t.Errorf("%q: it is the same file: %v; %+v, %v", c.how, !c.same, got, err)
		}
		if _, err := os.Stat(m.Path); (err == nil) != c.stays {
			t.Errorf("%q: where it was there is: %v", c.how, err)
		}
		if found, err := Find(name, ""); err != nil || found.Path != got.Path {
			t.Errorf("%q: found is %+v, %v", c.how, found, err)
		}
		if _, err := Import(t.Context(), got, name, ImportOptions{}); engine.KindOf(err) != engine.BadOption {
			t.Errorf("%q: a second one of the name: %v", c.how, err)
		}
	}
	dir, _ := modelFolder()
	left, _ := filepath.Glob(filepath.Join(dir, ".import-*"))
	if len(left) != 0 {
		t.Errorf("what was in the making is left: %q", left)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Setenv("VLMCHAT_DATA_DIR", t.TempDir())
	dir := folder(t, "a.gguf", "mmproj-a.gguf")
	m, err := Find(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "../x", "a/b", ".hidden", "-x", DemoName, "a:b", `a\b`} {
		if _, err := Import(t.Context(), m, name, ImportOptions{}); engine.KindOf(err) != engine.BadOption {
			t.Errorf("%q: %v", name, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Import(cancelled, m, "x", ImportOptions{How: Copy}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	none := func(string) (uint64, error) { return 1, nil }
	if _, err := Import(t.Context(), m, "x", ImportOptions{How: Copy, Free: none}); err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("a full disk: %v", err)
	}
	if err := os.WriteFile(m.Path, tinyvlm.Model[:1000], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Import(t.Context(), m, "x", ImportOptions{}); engine.KindOf(err) != engine.ModelInvalid {
		t.Errorf("a damaged file: %v", err)
	}
	s := newOllamaStore(t)
	s.put(t, "tiny:1b", weights, projector)
	m, err = findOllama([]ollamaStore{s}, "tiny:1b", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Import(t.Context(), m, "x", ImportOptions{How: Move}); engine.KindOf(err) != engine.BadOption {
		t.Errorf("moved out of Ollama's store: %v", err)
	}
	models, _ := modelFolder()
	if entries, _ := os.ReadDir(models); len(entries) != 0 {
		t.Errorf("what was refused left %v", entries)
	}
}

func TestImportName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for source, want := range map[string]string{
		filepath.Join(dir, "Qwen-Q4_K_M.gguf"):      "Qwen-Q4_K_M",
		filepath.Join(dir, "b-00001-of-00003.gguf"): "b",
		filepath.Join(dir, "a b(1).gguf"):           "a-b-1",
		dir:                                         filepath.Base(dir),
		"ollama:llava:7b":                           "llava-7b",
		"ollama:llava:latest":                       "llava",
		"ollama:hf.co/u/m:Q4":                       "m-Q4",
	} {
		if got := ImportName(source, Model{Path: source}); got != want {
			t.Errorf("%s is called %q, want %q", source, got, want)
		}
	}
}

// A model of Ollama's gets names that say what its files are.
func TestImportBlobs(t *testing.T) {
	t.Parallel()
	m := Model{Path: "/s/blobs/sha256-01", Projector: "/s/blobs/sha256-02"}
	if a, b := m.importedName(m.Path, "x"), m.importedName(m.Projector, "x"); a != "x.gguf" || b != "mmproj-x.gguf" {
		t.Errorf("%s and %s", a, b)
	}
	m = Model{Path: "/m/a.gguf", Projector: "/m/vision.gguf"}
	if b := m.importedName(m.Projector, "x"); b != "mmproj-vision.gguf" {
		t.Error(b)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	blobs := filepath.Join(t.TempDir(), "blobs")
	if err := os.Mkdir(blobs, 0o700); err != nil {
		t.Fatal(err)
	}
	put := func(content []byte) string {
		path := filepath.Join(blobs, sumOf(string(content)))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	m := Model{Name: "x", Path: put(tinyvlm.Model), Projector: put(tinyvlm.Projector)}
	var last engine.PullProgress
	all, err := m.Verify(t.Context(), func(p engine.PullProgress) { last = p })
	if err != nil || len(all) != 2 || all[0].Problem != nil || all[1].Problem != nil || all[0].SHA256 != all[0].Expected {
		t.Errorf("%+v, %v", all, err)
	}
	if last.Done != last.Total || last.Total != int64(len(tinyvlm.Model)+len(tinyvlm.Projector)) {
		t.Errorf("the last progress is %+v", last)
	}
	flipped := bytes.Clone(tinyvlm.Model)
	flipped[len(flipped)-100] ^= 1 // a weight, of which the header says nothing
	if err := os.WriteFile(m.Path, flipped, 0o600); err != nil {
		t.Fatal(err)
	}
	all, err = m.Verify(t.Context(), func(engine.PullProgress) {})
	if err != nil || engine.KindOf(all[0].Problem) != engine.ModelInvalid || all[1].Problem != nil {
		t.Errorf("a flipped bit: %+v, %v", all, err)
	}
	m.Path = filepath.Join(blobs, "gone")
	if all, err = m.Verify(t.Context(), func(engine.PullProgress) {}); err == nil || all[0].Problem == nil {
		t.Errorf("a missing file: %+v, %v", all, err)
	}
}

func TestRemoval(t *testing.T) {
	data := t.TempDir()
	t.Setenv("VLMCHAT_DATA_DIR", data)
	write := func(names ...string) {
		t.Helper()
		for _, name := range names {
			path := filepath.Join(data, "models", filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, tinyvlm.Model, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("one/a.gguf", "one/mmproj-a.gguf", "noted/a.gguf", "noted/notes.txt", "shared/a.gguf", "shared/b.gguf", "shared/mmproj.gguf",
		"loose.gguf", "split/b-00001-of-00002.gguf", "split/b-00002-of-00002.gguf", "clip/config.json", "clip/1/model.safetensors", "many/a.gguf", "many/b.gguf")
	elsewhere := folder(t, "x.gguf")
	if err := os.Symlink(elsewhere, filepath.Join(data, "models", "linked")); err != nil {
		t.Skip(err)
	}
	if err := os.Link(filepath.Join(elsewhere, "x.gguf"), filepath.Join(data, "models", "hard.gguf")); err != nil {
		t.Skip(err)
	}
	models := filepath.Join(data, "models")
	for _, c := range []struct {
		name, files, left string
		freed             int
	}{
		{"one", "one/a.gguf one/mmproj-a.gguf", "", 2},
		{"noted", "noted/a.gguf", "noted", 1},
		{filepath.Join("shared", "a.gguf"), "shared/a.gguf", "shared", 1},
		{filepath.Join("shared", "b"), "shared/b.gguf shared/mmproj.gguf", "", 2},
		{"loose", "loose.gguf", "", 1},
		{"split", "split/b-00001-of-00002.gguf split/b-00002-of-00002.gguf", "", 2},
		{"clip", "clip/1/model.safetensors clip/config.json", "", 2},
		{"many", "many/a.gguf many/b.gguf", "", 2},
		{"linked", "linked", "", -1},
		{"hard", "hard.gguf", "", 0}, // its other name stays
	} {
		r, err := PlanRemoval(c.name)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var files []string
		for _, f := range r.Files {
			rel, _ := filepath.Rel(models, f)
			files = append(files, filepath.ToSlash(rel))
		}
		slices.Sort(files)
		if got := strings.Join(files, " "); got != c.files || c.freed >= 0 && r.Freed != int64(c.freed*len(tinyvlm.Model)) {
			t.Errorf("%s: %s goes, and frees %d", c.name, got, r.Freed)
		}
		if err := r.Do(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, err := os.Stat(filepath.Join(models, c.left)); c.left != "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(elsewhere, "x.gguf")); err != nil {
		t.Errorf("what was linked is gone: %v", err)
	}
	for _, name := range []string{"../x", "nothing", ".import-1", filepath.Join(elsewhere, "x.gguf"), DemoName + "-0123456789abcdef", ""} {
		if r, err := PlanRemoval(name); err == nil {
			t.Errorf("%q: %+v", name, r)
		}
	}
	left, _ := os.ReadDir(models)
	if len(left) != 1 || left[0].Name() != "noted" {
		t.Errorf("left is %v", left)
	}
}
