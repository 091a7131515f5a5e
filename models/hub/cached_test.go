package hub

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models/hub/hubtest"
)

func encoderFiles(kind string) hubtest.Files {
	return hubtest.Files{
		"README.md": "x", "config.json": `{"model_type":"` + kind + `"}`, "model.safetensors": strings.Repeat("w", 3000), "pytorch_model.bin": "pickled",
		"preprocessor_config.json": "{}", "tokenizer.json": "{}", "vocab.json": "{}", "merges.txt": "", "tf_model.h5": "x", "special_tokens_map.json": "{}",
	}
}

func TestPullEncoder(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	s.Add("openai/clip", encoderFiles("clip"))
	s.Add("google/siglip", hubtest.Files{
		"config.json": `{"model_type":"siglip"}`, "model.safetensors.index.json": "{}", "tokenizer.json": "{}",
		"model-00001-of-00002.safetensors": "a", "model-00002-of-00002.safetensors": "b", "onnx/model.onnx": "x",
	})
	c := clientOf(t, s)
	for repo, want := range map[string][]string{
		"openai/clip":   {"config.json", "merges.txt", "model.safetensors", "preprocessor_config.json", "special_tokens_map.json", "tokenizer.json", "vocab.json"},
		"google/siglip": {"config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.json"},
	} {
		selected, err := c.Select(t.Context(), nameOf(t, repo))
		if err != nil || len(selected.Model) > 0 || !slices.Equal(paths(selected.Checkpoint), want) {
			t.Errorf("%s: selected is %+v (%v)", repo, selected, err)
		}
		if _, said, err := pullAll(t.Context(), c, nameOf(t, repo)); err != nil {
			t.Errorf("%v\n%q", err, said)
		}
		folder, ok := c.cache.newest(repo, hasCheckpoint)
		if !ok {
			t.Fatalf("%s is not there", repo)
		}
		if have := paths(snapshot{dir: folder}.files()); !slices.Equal(have, want) {
			t.Errorf("%s has %q", repo, have)
		}
	}
	if freed, err := c.cache.remove(nameOf(t, "openai/clip")); err != nil || freed < 3000 {
		t.Errorf("%d bytes freed (%v)", freed, err)
	}
	if have, _ := c.cache.repos(); !slices.Equal(have, []string{"google/siglip"}) {
		t.Errorf("left is %q", have)
	}
}

// TestList lists models of several repositories and revisions, and removes them one by one.
func TestList(t *testing.T) {
	t.Parallel()
	s := startHub(t)
	files := smolFiles()
	s.Add(smol, files)
	s.AddRevision(smol, "v2", hubtest.Files{"SmolVLM-500M-Q8_0.gguf": gguf(9, 3000), "mmproj-SmolVLM-500M-f16.gguf": files["mmproj-SmolVLM-500M-f16.gguf"]})
	s.AddRevision(smol, "same", hubtest.Files{"SmolVLM-500M-Q8_0.gguf": files["SmolVLM-500M-Q8_0.gguf"]})
	s.Add("o/split", hubtest.Files{"A-Q4_K_M-00001-of-00002.gguf": gguf(5, 1000), "A-Q4_K_M-00002-of-00002.gguf": gguf(6, 1000)})
	s.Add("o/two", hubtest.Files{"A-Q8_0.gguf": gguf(7, 1000), "B-Q8_0.gguf": gguf(8, 1000)})
	c := clientOf(t, s)
	for _, name := range []string{smol, smol + ":F16", smol + "@v2", smol + "@same", "o/split", "o/two:A-Q8_0.gguf", "o/two:B-Q8_0.gguf"} {
		mustPull(t, c, name)
	}
	names := func() []string {
		all, err := c.cache.list()
		if err != nil {
			t.Error(err)
		}
		var names []string
		for _, k := range all {
			names = append(names, k.Name.String())
			if found, err := c.cache.find(k.Name); err != nil || found.Model != k.Model {
				t.Errorf("%s is listed as %+v and found as %+v (%v)", k.Name, k, found, err)
			}
		}
		return names
	}
	want := []string{"hf:" + smol + ":Q8_0", "hf:" + smol + ":f16", "hf:" + smol + "@v2:Q8_0", "hf:o/split:Q4_K_M", "hf:o/two:A-Q8_0.gguf", "hf:o/two:B-Q8_0.gguf"}
	if have := names(); !slices.Equal(have, want) {
		t.Errorf("the list is\n%s\nnot\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
	}

	_, err := c.cache.remove(nameOf(t, "o/two"))
	says(t, err, engine.ModelNotFound, "several models", "hf:o/two:A-Q8_0.gguf, hf:o/two:B-Q8_0.gguf")
	_, err = c.cache.remove(nameOf(t, "o/none"))
	says(t, err, engine.ModelNotFound, "not in the cache")
	_, err = c.cache.find(nameOf(t, "o/two"))
	says(t, err, engine.ModelNotFound, "several models")
	_, err = c.cache.find(nameOf(t, smol+":Q5_0"))
	says(t, err, engine.ModelNotFound, "there are hf:"+smol+":Q8_0, hf:"+smol+":f16")

	// The projector stays as long as a model needs it, and so does a content that v2 has, too.
	for _, step := range []struct {
		name  string
		freed int64
		left  int
	}{
		{"o/two:B-Q8_0.gguf", 1000, 5},
		{"o/two", 1000, 4}, // there is but one now
		{"o/split", 2000, 3},
		{smol + ":q8_0", 3 << 20, 2}, // both revisions that have this content
		{smol + ":F16", 4 << 20, 1},
		{smol + "@v2", 3000 + 2<<20, 0},
	} {
		n := nameOf(t, step.name)
		if strings.HasSuffix(step.name, ":q8_0") {
			n.Revision = "main"
		}
		freed, err := c.cache.remove(n)
		// With the last model of a repository go its branches.
		if err != nil || freed < step.freed || freed > step.freed+200 {
			t.Errorf("%s: %d bytes were freed, not %d (%v)", step.name, freed, step.freed, err)
		}
		if have := names(); len(have) != step.left {
			t.Errorf("after %s is left %q", step.name, have)
		}
	}
	if left := layout(t, c.cache.dir); slices.ContainsFunc(left, func(s string) bool { return strings.HasPrefix(s, "models--") }) {
		t.Errorf("left is %q", left)
	}
}

// TestForeignCache reads a cache that others have written, odd things in it and all.
func TestForeignCache(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := cache{dir}
	put := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("models--o--M/snapshots/aaaa/M-Q8_0.gguf", "GGUF")
	put("models--o--M/snapshots/bbbb/README.md", "x")
	put("models--o--M/refs/main", "bbbb\n") // another program has fetched only the page of the newest
	put("models--o--M/blobs/"+strings.Repeat("a", 64)+recordEnding, "garbage")
	put("models--o--M/blobs/"+strings.Repeat("b", 64)+".12345678.incomplete", "x")
	put("models--o--M/refs/refs/pr/1", "aaaa")
	put("models--o--M/refs/big", strings.Repeat("x", 1000))
	put("models--gone/x", "x")
	put("datasets--o--M/snapshots/aaaa/M-Q8_0.gguf", "GGUF")
	put("version.txt", "1")
	if err := os.Symlink("../../blobs/nothing", filepath.Join(dir, "models--o--M", "snapshots", "bbbb", "N-Q8_0.gguf")); err != nil {
		t.Skip("there are no links here")
	}
	found, err := c.find(nameOf(t, "o/M"))
	if err != nil || found.Commit != "aaaa" || found.Name.String() != "hf:o/M@refs/pr/1:Q8_0" {
		t.Errorf("%+v (%v)", found, err)
	}
	if all, err := c.list(); err != nil || len(all) != 1 || all[0].Incomplete {
		t.Errorf("%+v (%v)", all, err)
	}
	if have, err := (cache{filepath.Join(dir, "none")}).list(); err != nil || len(have) > 0 {
		t.Errorf("a cache that is not there has %v (%v)", have, err)
	}
}
