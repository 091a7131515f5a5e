package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file is begun once, and never written over.
func TestBegin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "config.toml")
	t.Setenv("VLMCHAT_CONFIG", path)
	got, err := Begin([][2]string{{Backend, "ollama"}, {Model, `a "model"`}, {MaxTokens, ""}})
	if got != path || err != nil {
		t.Fatalf("got %q, %v", got, err)
	}
	c, err := Load(func(string) (string, bool) { return "", false })
	if err != nil || c.String(Backend) != "ollama" || c.String(Model) != `a "model"` || c[MaxTokens].Place != InDefault {
		t.Errorf("the file is read as %v, %v", c, err)
	}
	before, _ := os.ReadFile(path)
	_, err = Begin([][2]string{{Backend, "native"}})
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "backend = 'native'") {
		t.Errorf("got %v", err)
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Errorf("the file was changed to %s", after)
	}
}
