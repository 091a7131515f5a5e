package models

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/testdata/hostile"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

func TestList(t *testing.T) {
	data := t.TempDir()
	t.Setenv("VLMCHAT_DATA_DIR", data)
	for name, content := range map[string][]byte{
		"alone.gguf":                                 tinyvlm.Model,
		"broken.gguf":                                []byte("hello"),
		"notes.txt":                                  []byte("hello"),
		"mine/x.gguf":                                tinyvlm.Model,
		"mine/mmproj-x.gguf":                         tinyvlm.Projector,
		"several/a.gguf":                             tinyvlm.Model,
		"several/b.gguf":                             tinyvlm.Model,
		"split/big-00001-of-00002.gguf":              tinyvlm.Model,
		"split/big-00002-of-00002.gguf":              tinyvlm.Model,
		"projectors/mmproj-of-none.gguf":             tinyvlm.Projector,
		DemoName + "-0123456789abcdef/tiny-vlm.gguf": tinyvlm.Model, // of another release
	} {
		path := filepath.Join(data, "models", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := newOllamaStore(t)
	s.put(t, "tiny", weights, projector)
	s.put(t, "elsewhere:cloud")
	models, err := list([]ollamaStore{s, {"/srv/theirs", lockedFS{}}})
	if err == nil || !strings.Contains(err.Error(), "/srv/theirs") {
		t.Errorf("the error is %v", err)
	}
	got := map[string]string{}
	for _, l := range models {
		switch {
		case l.Problem != nil:
			got[filepath.ToSlash(l.Name)] = "can't be used"
		case l.Model.Projector != "":
			got[filepath.ToSlash(l.Name)] = "sees"
		default:
			got[filepath.ToSlash(l.Name)] = "is blind"
		}
		if m, err := Find(l.Name, ""); !strings.HasPrefix(l.Name, OllamaPrefix) && (!reflect.DeepEqual(m, l.Model) || (err == nil) != (l.Problem == nil)) {
			t.Errorf("by the name %s is found %+v, %v; listed is %+v", l.Name, m, err, l)
		}
	}
	want := map[string]string{
		DemoName: "sees", "alone.gguf": "is blind", "broken.gguf": "can't be used", "mine": "sees", "several/a.gguf": "is blind",
		"several/b.gguf": "is blind", "split": "is blind", "ollama:tiny:latest": "sees", "ollama:elsewhere:cloud": "can't be used",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("listed are %v; want %v", got, want)
	}
	if models[0].Name != DemoName {
		t.Errorf("the first is %s", models[0].Name)
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	dir := folder(t, "a.gguf", "a-mmproj.gguf")
	m, err := Find(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	m.LoRAs = []string{write(t, "lora.gguf", hostile.LoRA(1).Bytes())}
	f, err := m.Facts()
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Files) != 3 || f.Files[1].Path != m.Projector || f.Size() != int64(len(tinyvlm.Model)+len(tinyvlm.Projector)+len(hostile.LoRA(1).Bytes())) || f.Modified.IsZero() {
		t.Errorf("the files are %+v", f.Files)
	}
	// What the demo model's README says of it.
	want := Facts{Architecture: "llama", Parameters: 1_140_096, Quantization: "F16", ContextSize: 2048, Layers: 5, Width: 128,
		ChatTemplate: true, Projector: "mlp", EncodesPicture: true, Files: f.Files, Modified: f.Modified}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("the facts are %+v; want %+v", f, want)
	}
}

// Names has what List has.
func TestNames(t *testing.T) {
	list, _ := List()
	var want []string
	for _, l := range list {
		want = append(want, l.Name)
	}
	if got := Names(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
