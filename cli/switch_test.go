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

// What is set in the chat counts above all else. It goes along with another model, to
// another engine as far as that has it, and not into a profile.
func TestSetInTheChat(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte("top_k = 30\n[profiles.work]\nbackend = 'openai'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("VLMCHAT_CONFIG", file)
	given := map[string]string{config.Temperature: "0.5", config.Seed: "7"}
	a := &app{flags: func(name string) (string, bool) { text, ok := given[name]; return text, ok }}
	s, _, err := a.settled(choice{})
	if err != nil || s.Sampling.Temperature != 0.5 || s.Sampling.TopK != 30 {
		t.Fatalf("%+v, %v", s.Sampling, err)
	}
	for _, set := range []struct{ name, text string }{
		{config.Temperature, "1.5"}, {config.TopK, "5"}, {config.Seed, ""}, {config.System, "Be brief."}, {config.Thinking, "off"}, {config.TopK, "6"},
	} {
		if s, err = s.Set(set.name, set.text); err != nil {
			t.Fatalf("%+v: %v", set, err)
		}
	}
	if s.Sampling.Temperature != 1.5 || s.Sampling.TopK != 6 || s.Sampling.Seed != nil || s.System != "Be brief." || *s.Thinking {
		t.Errorf("%+v", s)
	}
	origins := map[string]string{}
	for _, setting := range s.Settings {
		origins[setting.Name] = setting.Text + " by " + setting.Origin
	}
	for name, want := range map[string]string{config.TopK: "6 by /set", config.TopP: "0.9 by default", config.Model: ""} {
		if origins[name] != want {
			t.Errorf("%s is %q, want %q", name, origins[name], want)
		}
	}
	for _, wrong := range []struct{ name, text, want string }{
		{config.Temperature, "warm", `temperature "warm" (from /set) is not a number from 0 to 100`},
		{config.TopK, "-1", `top-k "-1" (from /set) is not a whole number of at least 0`},
		{config.Seed, "x", `seed "x" (from /set) is not a whole number from 0 to 4294967294`},
	} {
		if _, err := s.Set(wrong.name, wrong.text); err == nil || err.Error() != wrong.want {
			t.Errorf("%s %s: %v, want %s", wrong.name, wrong.text, err, wrong.want)
		}
	}

	ch := choice{}.with(config.TopK, "5").with(config.Temperature, "1.5")
	for _, test := range []struct {
		to                ui.To
		temperature, topK string
	}{
		{ui.To{Model: "x.gguf"}, "1.5", "5"},
		{ui.To{Backend: "native", Model: "x.gguf"}, "1.5", "5"},
		{ui.To{Backend: "ollama"}, "1.5", "30"},
		{ui.To{Profile: "work"}, "0.5", "30"},
	} {
		next, err := a.next(ch, test.to)
		if err != nil {
			t.Fatal(err)
		}
		c, err := a.chosen(next)
		if err != nil || c.String(config.Temperature) != test.temperature || c.String(config.TopK) != test.topK {
			t.Errorf("%+v: temperature %s, top-k %s, %v", test.to, c.String(config.Temperature), c.String(config.TopK), err)
		}
	}
}
