package models

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/hostile"
	"github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// piece is a layer of a model to be put into a store.
type piece struct {
	kind    string
	content []byte
}

var (
	weights   = piece{"model", tinyvlm.Model}
	projector = piece{"projector", tinyvlm.Projector}
)

// newOllamaStore makes a store as an Ollama server does.
func newOllamaStore(t *testing.T) ollamaStore {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"manifests", "blobs"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return ollamaStore{dir, os.DirFS(dir)}
}

// put adds a model to the store and returns the paths of its blobs.
func (s ollamaStore) put(t *testing.T, name string, pieces ...piece) []string {
	t.Helper()
	var m ollamaManifest
	var blobs []string
	for _, p := range pieces {
		l := ollamaLayer{"application/vnd.ollama.image." + p.kind, fmt.Sprintf("sha256:%x", sha256.Sum256(p.content)), int64(len(p.content))}
		m.Layers = append(m.Layers, l)
		blobs = append(blobs, filepath.Join(s.dir, "blobs", l.blob()))
		if err := os.WriteFile(blobs[len(blobs)-1], p.content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	s.putManifest(t, name, b)
	return blobs
}

func (s ollamaStore) putManifest(t *testing.T, name string, content []byte) {
	t.Helper()
	n, err := parseOllamaName(name)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.dir, "manifests", filepath.FromSlash(n.path()))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestModelThatOllamaHasPulled(t *testing.T) {
	t.Parallel()
	s := newOllamaStore(t)
	adapter := piece{"adapter", hostile.LoRA(1).Bytes()}
	blobs := s.put(t, "Me/Tiny:q8", projector, weights, piece{"template", []byte("{{ .Prompt }}")}, piece{"license", []byte("MIT")},
		piece{"system", []byte("Be terse.")}, piece{"params", []byte(`{"stop":["<|im_end|>"],"num_ctx":1024}`)}, adapter)
	s.put(t, "plain", weights)
	stores := []ollamaStore{newOllamaStore(t), s}
	want := Model{
		Name: "Me/Tiny:q8", Ollama: true, Path: blobs[1], Projector: blobs[0], EncoderLayers: tinyvlm.EncoderLayers,
		LoRAs: []string{blobs[6]}, System: "Be terse.", Stop: []string{"<|im_end|>"},
	}
	for _, name := range []string{"Me/Tiny:q8", "me/tiny:Q8", ollamaHost + "/Me/Tiny:q8"} {
		if m, err := findOllama(stores, name, ""); err != nil || !reflect.DeepEqual(m, want) {
			t.Errorf("%s is %+v, %v; want %+v", name, m, err, want)
		}
	}
	if err := CheckFiles(want.Path, want.Projector); err != nil {
		t.Error(err)
	}
	if m, err := findOllama(stores, "plain", ""); err != nil || m.Name != "plain:latest" || m.Projector != "" {
		t.Errorf("found %+v, %v", m, err)
	}
	// A projector of one's own takes the place of the store's.
	own := write(t, "own-mmproj.gguf", tinyvlm.Projector)
	if m, err := findOllama(stores, "me/tiny:q8", own); err != nil || m.Projector != own {
		t.Errorf("found %+v, %v", m, err)
	}
}

// The case of a name makes no difference, unless there are two.
func TestOllamaNamesByCase(t *testing.T) {
	t.Parallel()
	s := newOllamaStore(t)
	s.put(t, "tiny:Q8", weights)
	s.put(t, "tiny:q8", weights, projector)
	names, err := s.names()
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 1 {
		return // this file system doesn't tell them apart either
	}
	if m, err := findOllama([]ollamaStore{s}, "tiny:q8", ""); err != nil || m.Name != "tiny:q8" || m.Projector == "" {
		t.Errorf("found %+v, %v", m, err)
	}
}

func TestModelsThatOllamaHasNot(t *testing.T) {
	t.Parallel()
	s := newOllamaStore(t)
	for i := range mostNamed + 2 {
		s.put(t, fmt.Sprintf("m%02d", i), weights)
	}
	stores := []ollamaStore{s}
	for name, want := range map[string]string{
		"":                "no model of Ollama's is named",
		"m00:7b":          "Ollama has no model m00:7b here",
		"../../etc":       "../../etc is no name of a model of Ollama's",
		"m00\x1b]0;x\a:y": `"m00\x1b]0;x\a:y" is no name`,
	} {
		_, err := findOllama(stores, name, "")
		e, ok := err.(*engine.Error)
		if !ok || e.Kind != engine.ModelNotFound || !strings.Contains(e.Message, want) {
			t.Errorf("%q: the error is %v; want %q", name, err, want)
			continue
		}
		if !strings.Contains(e.Hint, "it has m00:latest, m01:latest") || !strings.Contains(e.Hint, "and 2 more") || strings.Contains(e.Hint, "m20") {
			t.Errorf("%q: the hint is %s", name, e.Hint)
		}
	}
	empty := newOllamaStore(t)
	_, err := findOllama([]ollamaStore{empty}, "llava", "")
	if e, ok := err.(*engine.Error); !ok || !strings.Contains(e.Hint, empty.dir) || !strings.Contains(e.Hint, "ollama pull NAME") {
		t.Errorf("the error is %v", err)
	}
}

// lockedFS is a store of another user.
type lockedFS struct{}

func (lockedFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
}

func TestOllamaStoreOfAnotherUser(t *testing.T) {
	t.Parallel()
	mine := newOllamaStore(t)
	mine.put(t, "tiny", weights)
	stores := []ollamaStore{mine, {"/srv/theirs", lockedFS{}}}
	_, err := findOllama(stores, "llava", "")
	e, ok := err.(*engine.Error)
	if !ok || !strings.Contains(e.Message, "/srv/theirs of Ollama's can't be read by you: it belongs to another user") ||
		!strings.Contains(e.Hint, "tiny:latest") || !strings.Contains(e.Hint, "--backend ollama") {
		t.Errorf("the error is %+v", err)
	}
	if m, err := findOllama(stores, "tiny", ""); err != nil || m.Path == "" {
		t.Errorf("found %+v, %v", m, err)
	}
}

// inOneFile is a language model with its encoder in the same file.
func inOneFile() []byte {
	f := hostile.Open(tinyvlm.Model)
	f.Set(hostile.Value{Key: "llama.vision.block_count", Type: hostile.U32, Data: []byte{4, 0, 0, 0}})
	return f.Bytes()
}

func TestModelsOfOllamaThatCanNotBeUsed(t *testing.T) {
	t.Parallel()
	size := binary.LittleEndian.AppendUint64(nil, 1)
	for _, c := range []struct {
		name   string
		pieces []piece
		spoil  func(blobs []string) error
		want   string
	}{
		{name: "in one file", pieces: []piece{{"model", inOneFile()}}, want: "projector in the same file"},
		{name: "tensors", pieces: []piece{{"tensor", size}, {"tensor; name=x", size}, {"json", []byte("{}")}}, want: "weights are single tensors"},
		{name: "elsewhere", want: "no weights here"},
		{name: "shards", pieces: []piece{weights, weights}, want: "weights are in 2 files"},
		{name: "two projectors", pieces: []piece{weights, projector, projector}, want: "2 projectors"},
		{name: "no language model", pieces: []piece{{"model", tinyvlm.Projector}}, want: "a projector without its language model"},
		{name: "no projector", pieces: []piece{weights, {"projector", tinyvlm.Model}}, want: "is not a projector"},
		{name: "safetensors", pieces: []piece{{"model", []byte("PK\x03\x04")}}, want: "not a GGUF file"},
		{name: "bad parameters", pieces: []piece{weights, {"params", []byte("{")}}, want: "parameters are damaged"},
		{name: "endless system message", pieces: []piece{weights, {"system", make([]byte, maxSystem+1)}}, want: "larger than"},
		{name: "missing weights", pieces: []piece{weights}, spoil: func(b []string) error { return os.Remove(b[0]) }, want: "its model, the blob sha256-" + tinyvlm.Digest},
		{name: "missing projector", pieces: []piece{weights, projector}, spoil: func(b []string) error { return os.Remove(b[1]) }, want: "its projector, the blob sha256-"},
		{name: "cut weights", pieces: []piece{weights}, spoil: func(b []string) error { return os.Truncate(b[0], 5000) }, want: "has 5000 bytes, and 2306880 are expected"},
		{name: "cut parameters", pieces: []piece{weights, {"params", []byte(`{"stop":["a"]}`)}}, spoil: func(b []string) error { return os.Truncate(b[1], 2) }, want: "its params, the blob"},
		{name: "a folder as weights", pieces: []piece{weights}, spoil: func(b []string) error {
			if err := os.Remove(b[0]); err != nil {
				return err
			}
			return os.Mkdir(b[0], 0o700)
		}, want: "is not a file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newOllamaStore(t)
			blobs := s.put(t, "llava:7b", c.pieces...)
			if c.spoil != nil {
				if err := c.spoil(blobs); err != nil {
					t.Fatal(err)
				}
			}
			m, err := findOllama([]ollamaStore{s}, "llava:7b", "")
			e, ok := err.(*engine.Error)
			if !ok || e.Kind != engine.ModelInvalid || !strings.Contains(e.Message, c.want) || !strings.Contains(e.Message, "llava:7b") || !strings.Contains(e.Hint, "--backend ollama --model llava:7b") {
				t.Errorf("found %+v, %v; want %q", m, err, c.want)
			}
		})
	}
}

func TestDamagedManifests(t *testing.T) {
	t.Parallel()
	s := newOllamaStore(t)
	s.putManifest(t, "cut", []byte(`{"layers":[`))
	s.putManifest(t, "out", []byte(`{"layers":[{"mediaType":"application/vnd.ollama.image.model","digest":"sha256:../../../etc/passwd"}]}`))
	s.putManifest(t, "large", make([]byte, maxManifest+1))
	for name, want := range map[string]string{"cut": "manifest is damaged", "out": "no SHA-256 digest", "large": "manifest can't be read: it is larger than"} {
		if _, err := findOllama([]ollamaStore{s}, name, ""); engine.KindOf(err) != engine.ModelInvalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v; want %q", name, err, want)
		}
	}
}

func TestWhereOllamaKeepsModels(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Setenv("OLLAMA_MODELS", "")
	first := ollamaStores()[0].dir
	if want := filepath.Join(home, ".ollama", "models"); first != want {
		t.Errorf("the first store is %s, want %s", first, want)
	}
	s := newOllamaStore(t)
	s.put(t, "tiny", weights, projector)
	t.Setenv("OLLAMA_MODELS", ` "`+s.dir+`" `)
	if stores := ollamaStores(); len(stores) != 1 || stores[0].dir != s.dir {
		t.Errorf("the stores are %+v", stores)
	}
	m, err := Find("ollama:TINY", "")
	if err != nil || m.Name != "tiny:latest" || filepath.Dir(m.Path) != filepath.Join(s.dir, "blobs") {
		t.Errorf("found %+v, %v", m, err)
	}
	if _, err := Find(OllamaPrefix, ""); engine.KindOf(err) != engine.ModelNotFound {
		t.Errorf("the error is %v", err)
	}
}
