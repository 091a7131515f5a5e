package clip

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vlmchat/vlmchat/models/safetensors"
)

// TestIdentity: a copy is the same space, and what decides about vectors makes another.
func TestIdentity(t *testing.T) {
	t.Parallel()
	original := checkpoint(t, references(t)["vit-b-32"], safetensors.F32)
	size, _ := original.ImageSize()
	if size != 96 {
		t.Fatalf("the pictures have a side of %d", size)
	}
	seen := map[string]string{original.Space().ID: "the original"}
	for name, change := range map[string]func(dir string){
		"preprocessor_config.json": func(dir string) {
			write(t, filepath.Join(dir, "preprocessor_config.json"), `{"size":100,"crop_size":96}`)
		},
		"tokenizer.json": func(dir string) { write(t, filepath.Join(dir, "tokenizer.json"), `{}`) },
		"weights": func(dir string) {
			path := filepath.Join(dir, "model.safetensors")
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			content[len(content)-2]++
			write(t, path, string(content))
		},
		"": func(string) {},
	} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(original.Dir)); err != nil {
			t.Fatal(err)
		}
		change(dir)
		c, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		id := c.Space().ID
		if name == "" && id != original.Space().ID {
			t.Errorf("a copy is another space")
		}
		if other, ok := seen[id]; ok && name != "" {
			t.Errorf("another %s leaves the space that of %s", name, other)
		}
		if name != "" {
			seen[id] = name
		}
	}
}
