package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// load resolves the settings of a file's text and some flags.
func load(t *testing.T, file string, flags map[string]string) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VLMCHAT_CONFIG", path)
	return Load(func(name string) (string, bool) {
		v, ok := flags[name]
		return v, ok
	})
}

// same compares what people see of a value.
func same(a, b Value) bool { return a.Text == b.Text && a.Origin == b.Origin && a.Place == b.Place }

func TestPrecedence(t *testing.T) {
	t.Setenv("VLMCHAT_MODEL", "variable")
	t.Setenv("VLMCHAT_TOP_P", "")
	c, err := load(t, "model = 'file'\ntop_p = 0.5\nmax_tokens = 7\nbackend = 'ollama'", map[string]string{"backend": "openai"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Value{
		Backend:     {Text: "openai", Origin: "--backend", Place: InFlag},
		Model:       {Text: "variable", Origin: "VLMCHAT_MODEL", Place: InVariable},
		TopP:        {Text: "0.5", Origin: os.Getenv("VLMCHAT_CONFIG"), Place: InFile},
		MaxTokens:   {Text: "7", Origin: os.Getenv("VLMCHAT_CONFIG"), Place: InFile},
		Temperature: {Text: "0.7", Origin: "default", Place: InDefault},
	} {
		if !same(c[name], want) {
			t.Errorf("%s is %+v, want %+v", name, c[name], want)
		}
	}
}

func TestNoFile(t *testing.T) {
	t.Setenv("VLMCHAT_CONFIG", filepath.Join(t.TempDir(), "none"))
	c, err := Load(func(string) (string, bool) { return "", false })
	if err != nil || c.String(Backend) != "native" {
		t.Errorf("%v, %v", c, err)
	}
}

func TestWithoutFile(t *testing.T) {
	t.Setenv("VLMCHAT_MODEL", "variable")
	flags := map[string]string{"backend": "openai"}
	if _, err := load(t, "top_p = ", flags); err == nil {
		t.Error("the file is good")
	}
	c := LoadWithoutFile(func(name string) (string, bool) {
		v, ok := flags[name]
		return v, ok
	})
	for name, want := range map[string]Value{
		Backend: {Text: "openai", Origin: "--backend", Place: InFlag},
		Model:   {Text: "variable", Origin: "VLMCHAT_MODEL", Place: InVariable},
		TopP:    {Text: "0.9", Origin: "default"},
	} {
		if !same(c[name], want) {
			t.Errorf("%s is %+v, want %+v", name, c[name], want)
		}
	}
}

func TestBadFiles(t *testing.T) {
	for file, want := range map[string]string{
		"# one\nmodel = ":   "config.toml, line 2: ",
		"modell = 'x'":      `no setting "modell"`,
		"z = 1\na = 2":      `no setting "a, z"`,
		"model = ['a']":     "model must be a text or a number",
		"stop = ['a', 1]":   "stop must be a text or a list of texts",
		"[stop]\nx = 1":     "stop must be a text or a list of texts",
		"[model]\nx = 1":    "model must be a text or a number",
		"top_p = 'a'\n\x00": "config.toml",
	} {
		if _, err := load(t, file, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", file, err)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	c := Config{}
	for name, text := range map[string]string{
		Threads: "4", MaxTokens: "-1", TopP: "2", Temperature: "NaN", KeepAlive: "90", Seed: "x", NoMMProjOffload: "true", Model: "maybe",
	} {
		c[name] = Value{Text: text, Origin: "x"}
	}
	if n, err := c.Int(Threads, 1); n != 4 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if d, err := c.Duration(KeepAlive); d != 90*time.Second || err != nil {
		t.Errorf("%v, %v", d, err)
	}
	for _, text := range []string{"forever", "-1", "-5m"} {
		if d, err := (Config{KeepAlive: {Text: text, Origin: "x"}}).Duration(KeepAlive); d != Forever || err != nil {
			t.Errorf("%s is %v, %v", text, d, err)
		}
	}
	if on, err := c.Bool(NoMMProjOffload); !on || err != nil {
		t.Errorf("%v, %v", on, err)
	}
	_, neither := c.Bool(Model)
	_, notWhole := c.Int(MaxTokens, 1)
	_, tooLarge := c.Float(TopP, 0, 1)
	_, noNumber := c.Float(Temperature, 0, 100)
	_, noTime := c.Duration(Seed)
	for _, err := range []error{neither, notWhole, tooLarge, noNumber, noTime, c.Reject(Seed, "a number")} {
		var invalid *Invalid
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), "(from ") {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestDataDir(t *testing.T) {
	t.Setenv("VLMCHAT_DATA_DIR", "")
	data := t.TempDir() // an absolute path of whatever system this is
	t.Setenv("XDG_DATA_HOME", data)
	if dir, err := DataDir(); err != nil || dir != filepath.Join(data, "vlmchat") {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv("VLMCHAT_DATA_DIR", "relative")
	if dir, err := DataDir(); err != nil || !filepath.IsAbs(dir) {
		t.Errorf("%s, %v", dir, err)
	}
}

func TestStateDir(t *testing.T) {
	state, home := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("LocalAppData", home)
	t.Setenv("VLMCHAT_STATE_DIR", "")
	t.Setenv("XDG_STATE_HOME", "")
	if dir, err := StateDir(); err != nil || !strings.HasPrefix(dir, home) {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv("XDG_STATE_HOME", state)
	if dir, err := StateDir(); err != nil || dir != filepath.Join(state, "vlmchat") {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv("VLMCHAT_STATE_DIR", "relative")
	if dir, err := StateDir(); err != nil || !filepath.IsAbs(dir) {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv("VLMCHAT_STATE_DIR", "")
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("HOME", "")
	t.Setenv("LocalAppData", "")
	if dir, err := StateDir(); err == nil || !strings.Contains(err.Error(), "VLMCHAT_STATE_DIR") {
		t.Errorf("%s, %v", dir, err)
	}
}

func TestCacheDir(t *testing.T) {
	cache, home := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("LocalAppData", home)
	t.Setenv("VLMCHAT_CACHE_DIR", "")
	t.Setenv("XDG_CACHE_HOME", "")
	if dir, err := CacheDir(); err != nil || !strings.HasPrefix(dir, home) {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv("XDG_CACHE_HOME", cache)
	if dir, err := CacheDir(); err != nil || dir != filepath.Join(cache, "vlmchat") {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv("VLMCHAT_CACHE_DIR", "relative")
	if dir, err := CacheDir(); err != nil || !filepath.IsAbs(dir) {
		t.Errorf("%s, %v", dir, err)
	}
	t.Setenv("VLMCHAT_CACHE_DIR", "")
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	t.Setenv("LocalAppData", "")
	if dir, err := CacheDir(); err == nil || !strings.Contains(err.Error(), "VLMCHAT_CACHE_DIR") {
		t.Errorf("%s, %v", dir, err)
	}
}

// Without a home the message says what to do, as a script in a bare environment would
// need it.
func TestNoPlaceForAFile(t *testing.T) {
	for _, name := range []string{"VLMCHAT_CONFIG", "XDG_CONFIG_HOME", "HOME", "AppData"} {
		t.Setenv(name, "")
	}
	_, err := Load(func(string) (string, bool) { return "", false })
	if err == nil || !strings.Contains(err.Error(), "set VLMCHAT_CONFIG") {
		t.Error(err)
	}
}
