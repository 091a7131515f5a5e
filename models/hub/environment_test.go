package hub

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models/hub/hubtest"
)

// withoutSettings takes away what the one who runs the tests has set.
func withoutSettings(t *testing.T) {
	t.Helper()
	for _, variable := range []string{
		"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH",
		"HF_HUB_DISABLE_IMPLICIT_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_SYMLINKS",
	} {
		t.Setenv(variable, "")
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
}

func TestCacheDir(t *testing.T) {
	withoutSettings(t)
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	here := t.TempDir()
	t.Chdir(here)
	here, err = os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DISK", filepath.Join(here, "disk"))
	if have, want := CacheDir(), filepath.Join(home, ".cache", "huggingface", "hub"); have != want {
		t.Errorf("the cache is %s, not %s", have, want)
	}
	for _, c := range []struct{ variable, value, want string }{
		{"XDG_CACHE_HOME", filepath.Join(here, "x"), filepath.Join(here, "x", "huggingface", "hub")},
		{"HF_HOME", filepath.Join(here, "h"), filepath.Join(here, "h", "hub")},
		{"HUGGINGFACE_HUB_CACHE", filepath.Join(here, "o"), filepath.Join(here, "o")},
		{"HF_HUB_CACHE", "relative", filepath.Join(here, "relative")},
		{"HF_HUB_CACHE", "~/c", filepath.Join(home, "c")},
		{"HF_HUB_CACHE", "$DISK/c", filepath.Join(here, "disk", "c")},
		{"HF_HUB_CACHE", "$NONE/c", filepath.Join(here, "$NONE", "c")},
	} {
		t.Setenv(c.variable, c.value)
		if have := CacheDir(); have != c.want {
			t.Errorf("with %s=%s the cache is %s, not %s", c.variable, c.value, have, c.want)
		}
	}
}

func TestToken(t *testing.T) {
	withoutSettings(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "token")
	if err := os.WriteFile(file, []byte(" hf_file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ variable, value, key, from string }{
		{"HF_HOME", dir, "hf_file", file},
		{"HF_TOKEN_PATH", file, "hf_file", file},
		{"HF_TOKEN_PATH", filepath.Join(dir, "none"), "", ""},
		{"HUGGING_FACE_HUB_TOKEN", "hf_old", "hf_old", "HUGGING_FACE_HUB_TOKEN"},
		{"HF_TOKEN", "hf_new\n", "hf_new", "HF_TOKEN"},
		{"HF_TOKEN", "two words", "", "HF_TOKEN"},
		{"HF_HUB_DISABLE_IMPLICIT_TOKEN", "yes", "", ""},
	} {
		t.Setenv(c.variable, c.value)
		if key, from := token(); key != c.key || from != c.from {
			t.Errorf("with %s=%q the token is %q from %q", c.variable, c.value, key, from)
		}
	}
}

func TestEndpoint(t *testing.T) {
	withoutSettings(t)
	for value, want := range map[string]string{"": publicHub, "https://mirror.example/hf/": "https://mirror.example/hf", "http://127.0.0.1:8080": "http://127.0.0.1:8080"} {
		t.Setenv("HF_ENDPOINT", value)
		if c, err := NewClient(Options{}); err != nil || c.endpoint.String() != want {
			t.Errorf("HF_ENDPOINT=%s: %v (%v)", value, c, err)
		}
	}
	for _, value := range []string{"mirror.example", "ftp://x", "https://user:secret@x", "https://x?y", "https://"} {
		t.Setenv("HF_ENDPOINT", value)
		_, err := NewClient(Options{})
		says(t, err, engine.BadOption, "HF_ENDPOINT")
	}
}

// TestOffline asks nobody, and uses what is there.
func TestOffline(t *testing.T) {
	withoutSettings(t)
	s := hubtest.Start()
	t.Cleanup(s.Close)
	t.Setenv("HF_ENDPOINT", s.URL)
	t.Setenv("HF_HOME", t.TempDir())
	s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": gguf(1, 1000)})
	s.Add("o/clip", encoderFiles("clip"))
	c, err := NewClient(Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustPull(t, c, "o/M")
	if _, _, err := pullAll(t.Context(), c, nameOf(t, "o/clip")); err != nil {
		t.Fatal(err)
	}
	s.Forget()
	t.Setenv("TRANSFORMERS_OFFLINE", "1")
	for _, name := range []string{"o/M", "o/M:Q8_0", "o/clip"} {
		if last, _, err := pullAll(t.Context(), c, nameOf(t, name)); err != nil || last.Done != last.Total || last.Total == 0 {
			t.Errorf("%s: %+v (%v)", name, last, err)
		}
	}
	_, _, err = pullAll(t.Context(), c, nameOf(t, "o/other"))
	says(t, err, engine.Unreachable, "hf:o/other is not in the cache", "TRANSFORMERS_OFFLINE")
	t.Setenv("HF_HUB_OFFLINE", "1")
	_, err = c.Select(t.Context(), nameOf(t, "o/M"))
	says(t, err, engine.Unreachable, "HF_HUB_OFFLINE forbids")
	if len(s.Requests()) > 0 {
		t.Errorf("the hub was asked: %+v", s.Requests())
	}
	if found, err := FindCached(nameOf(t, "o/M")); err != nil || found.Name.String() != "hf:o/M:Q8_0" {
		t.Errorf("%+v (%v)", found, err)
	}
}

// TestWithoutLinks has the contents in the snapshots, as on Windows.
func TestWithoutLinks(t *testing.T) {
	withoutSettings(t)
	t.Setenv("HF_HUB_DISABLE_SYMLINKS", "1")
	s := startHub(t)
	content := gguf(1, 1000)
	s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": content, "mmproj-M-f16.gguf": gguf(2, 1000)})
	c := clientOf(t, s)
	found := mustPull(t, c, "o/M")
	if fi, err := os.Lstat(found.Model); err != nil || !fi.Mode().IsRegular() {
		t.Errorf("%s is no file of its own (%v)", found.Model, err)
	}
	same(t, found.Model, content)
	s.Forget()
	mustPull(t, c, "o/M")
	if s.Sent() > 0 {
		t.Error("it was fetched again")
	}
	if freed, err := c.cache.remove(nameOf(t, "o/M")); err != nil || freed < 2000 {
		t.Errorf("%d bytes were freed (%v)", freed, err)
	}
	if left, _ := c.cache.repos(); len(left) > 0 {
		t.Errorf("left is %q", left)
	}
}
