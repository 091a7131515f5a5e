package models

import (
	"strings"
	"testing"
)

func TestOllamaNames(t *testing.T) {
	t.Parallel()
	own := ollamaHost + "/"
	for _, c := range []struct{ name, path, shown string }{
		{"llava", own + "library/llava/latest", "llava:latest"},
		{"llava:7b", own + "library/llava/7b", "llava:7b"},
		{"ns/model", own + "ns/model/latest", "ns/model:latest"},
		{"ns/model:Q4_K_M", own + "ns/model/Q4_K_M", "ns/model:Q4_K_M"},
		{"hf.co/Some-One/a.model-GGUF:Q8_0", "hf.co/Some-One/a.model-GGUF/Q8_0", "hf.co/Some-One/a.model-GGUF:Q8_0"},
		{"localhost:5000/ns/model", "localhost:5000/ns/model/latest", "localhost:5000/ns/model:latest"},
		{own + "library/llava:7b", own + "library/llava/7b", "llava:7b"},
	} {
		n, err := parseOllamaName(c.name)
		if err != nil || n.path() != c.path || n.String() != c.shown {
			t.Errorf("%s is %s, called %s, %v; want %s, called %s", c.name, n.path(), n, err, c.path, c.shown)
		}
		if again, ok := ollamaNameOf(n.path()); !ok || again != n {
			t.Errorf("the path %s is that of %+v, %v", n.path(), again, ok)
		}
	}
	for _, name := range []string{
		"", ":", "llava:", "/", "/llava", "ns//llava", "../llava", "..", "ns/..", "llava:..", "../../../etc:passwd",
		`..\..\llava`, `C:\models\llava`, "a/b/c/d", "http://host/ns/model", "llava@sha256:00", "lla va", "llava\x1b", ".hidden", "llava:-q4",
		strings.Repeat("a", 81), "ns.x/llava", "näme",
	} {
		if n, err := parseOllamaName(name); err == nil {
			t.Errorf("%q is taken for %s", name, n.path())
		}
	}
	for _, path := range []string{"", "a/b/c", "a/b/c/d/e", "a/b/../d", "./b/c/d", "a/b/c/.DS_Store"} {
		if n, ok := ollamaNameOf(path); ok {
			t.Errorf("the path %q is taken for that of %s", path, n)
		}
	}
}
