package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/ui"
)

// What was said for one backend, model or profile is not used for another, and is
// there again on the way back.
func TestChoices(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.toml")
	text := "backend = 'ollama'\nmodel = 'llava'\nbase_url = 'http://home:1'\n" +
		"[profiles.work]\nbackend = 'openai'\nmodel = 'big'\nbase_url = 'http://work:2'\nkey_env = 'WORK_KEY'\nprice_input = 3\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VLMCHAT_CONFIG", file)
	given := map[string]string{
		config.Backend: "openai", config.Model: "mine", config.BaseURL: "http://start:3", config.KeyEnv: "START_KEY",
		config.Header: "X: y", config.PriceInput: "1", config.TopP: "0.5",
	}
	a := &app{flags: func(name string) (string, bool) { text, ok := given[name]; return text, ok }}
	type settings struct{ backend, model, baseURL, keyEnv, header, price, profile string }
	start := settings{"openai", "mine", "http://start:3", "START_KEY", "X: y", "1", ""}
	other := start
	other.model, other.price = "other", ""
	work := settings{"openai", "big", "http://work:2", "WORK_KEY", "", "3", "work"}
	small := work
	small.model, small.price = "small", ""
	for _, test := range []struct {
		name string
		to   []ui.To
		want settings
	}{
		{"at the start", nil, start},
		{"another model of the same server", []ui.To{{Model: "other"}}, other},
		{"the configured model again", []ui.To{{Model: "other"}, {Model: "mine"}}, start},
		{"the file's backend", []ui.To{{Backend: "ollama"}}, settings{"ollama", "llava", "http://home:1", "", "", "", ""}},
		{"with a model", []ui.To{{Backend: "ollama", Model: "x"}}, settings{"ollama", "x", "http://home:1", "", "", "", ""}},
		{"a backend that nothing is said about", []ui.To{{Backend: "native"}}, settings{backend: "native"}},
		{"a model of it, then the start's", []ui.To{{Backend: "native"}, {Model: "x.gguf"}, {Backend: "openai"}}, start},
		{"a profile", []ui.To{{Model: "other"}, {Profile: "work"}}, work},
		{"another model of the profile", []ui.To{{Profile: "work"}, {Model: "small"}}, small},
		{"a model by the profile's backend", []ui.To{{Profile: "work"}, {Backend: "openai", Model: "small"}}, small},
		{"away from the profile", []ui.To{{Profile: "work"}, {Backend: "native"}}, settings{backend: "native"}},
		{"the start's backend after the profile", []ui.To{{Profile: "work"}, {Backend: "native"}, {Backend: "openai"}}, start},
	} {
		var ch choice
		var err error
		for _, to := range test.to {
			if ch, err = a.next(ch, to); err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
		}
		c, err := a.chosen(ch)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		got := settings{
			c.String(config.Backend), c.String(config.Model), c.String(config.BaseURL), c.String(config.KeyEnv),
			c.String(config.Header), c.String(config.PriceInput), c.String(config.Profile),
		}
		if got != test.want || c.String(config.TopP) != "0.5" {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}
