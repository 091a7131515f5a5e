package hub

import (
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

func TestParseName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Name{
		"ggml-org/SmolVLM-500M-Instruct-GGUF":           {Repo: "ggml-org/SmolVLM-500M-Instruct-GGUF"},
		"hf:a/b":                                        {Repo: "a/b"},
		"HF:a/b:Q8_0":                                   {Repo: "a/b", Variant: "Q8_0"},
		"hf://a/b":                                      {Repo: "a/b"},
		" hf:a/b@v1.0:x/y-Q4_K_M.gguf ":                 {Repo: "a/b", Revision: "v1.0", Variant: "x/y-Q4_K_M.gguf"},
		"a/b@refs/pr/3":                                 {Repo: "a/b", Revision: "refs/pr/3"},
		"hf.co/a/b:q4_k_m":                              {Repo: "a/b", Variant: "q4_k_m"},
		"https://huggingface.co/a/b":                    {Repo: "a/b"},
		"https://huggingface.co/a/b/":                   {Repo: "a/b"},
		"https://www.huggingface.co/a/b?x=y#z":          {Repo: "a/b"},
		"https://huggingface.co/a/b/tree/main":          {Repo: "a/b"},
		"https://huggingface.co/a/b/tree/refs%2Fpr%2F3": {Repo: "a/b", Revision: "refs/pr/3"},
		"https://huggingface.co/a/b/blob/v2/c/d.gguf":   {Repo: "a/b", Revision: "v2", Variant: "c/d.gguf"},
		"https://huggingface.co/a/b/resolve/main/d%20e.gguf?download=true": {Repo: "a/b", Variant: "d e.gguf"},
	} {
		have, err := ParseName(text)
		if err != nil || have != want {
			t.Errorf("%s is %+v (%v), not %+v", text, have, err, want)
		}
		if again, err := ParseName(have.String()); err != nil || again != have {
			t.Errorf("%s becomes %s, which is %+v (%v)", text, have, again, err)
		}
	}
	for _, text := range []string{
		"", "a", "hf:", "hf:a", "a/b/c", "/a/b", "a/", "../b", "a/..", "a/b--c", "a/.b", "a/b.git", "a b/c", "a/b@../x", "a/b:../x", "a/b:/x",
		"a/b:x\\y", "a/b:\x1b[2J", "a/b@-x", "a/b@x y", "https://huggingface.co/datasets/a/b", "https://example.com/a/b", "https://huggingface.co/a/b/blob/main",
		"a/" + strings.Repeat("b", 97), "a/b:c:d",
	} {
		n, err := ParseName(text)
		if err == nil {
			t.Errorf("%q is taken as %+v", text, n)
			continue
		}
		says(t, err, engine.ModelNotFound, "hf:owner/repository")
	}
}

func TestSaysHub(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"hf:a/b": true, " HF:a/b": true, "hf://a/b": true, "hf.co/a/b": true, "https://www.huggingface.co/a/b": true, "http://hf.co/a/b": true,
		"a/b": false, "hf/b": false, "https://example.com/a/b": false, "models/hf.co/a": false, "": false,
	} {
		if SaysHub(text) != want {
			t.Errorf("%q says that it is of the hub: %v", text, !want)
		}
	}
}

func TestIsRepo(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"openai/clip-vit-base-patch32": true, "a/b": true, "a_/b_": true, "a": false, "a/b/c": false, "../x": false, "a/..": false, "/a": false, "a/": false, "a/b--c": false, "~/x": false,
		"-a/b": false, "a/b-": false, "a/b..c": false,
	} {
		if IsRepo(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func FuzzParseName(f *testing.F) {
	for _, text := range []string{"hf:a/b@v1:Q8_0", "https://huggingface.co/a/b/resolve/main/d%20e.gguf?download=true", "a/b@refs/pr/3", "hf:a/../b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseName(text)
		if err != nil {
			return
		}
		if again, err := ParseName(n.String()); err != nil || again != n {
			t.Errorf("%q becomes %q, which is %+v (%v)", text, n, again, err)
		}
		if !IsRepo(n.Repo) || n.Variant != "" && !isSafePath(n.Variant) || n.Revision != "" && !isSafePath(n.Revision) {
			t.Errorf("%q is taken as %+v", text, n)
		}
	})
}
