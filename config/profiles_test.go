package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const threeProfiles = `
backend = "openai"
model = "top"
top_p = 0.5

[profiles.work]
base_url = "https://ali:baba@vllm.example:8000/v1"
model = "large"
top_p = 0.6
stop = ["END", "\n"]

[profiles.home]
backend = "ollama"

[profiles."two servers"]
base_url = "a:1, http://b/v1"
`

// A profile stands between the environment and the top level of the file,
// whoever chooses it.
func TestProfiles(t *testing.T) {
	choose := func(name string) (string, map[string]string) { return threeProfiles, map[string]string{Profile: name} }
	file, flag := choose("work")
	for _, by := range []struct {
		file, variable string
		flags          map[string]string
	}{
		{file, "", flag}, {file, "work", nil}, {"profile = 'work'\n" + file, "", nil},
		{"profile = 'home'\n" + file, "home", flag}, {"profile = 'home'\n" + file, "work", nil},
	} {
		t.Setenv("VLMCHAT_PROFILE", by.variable)
		t.Setenv("VLMCHAT_MODEL", "variable")
		c, err := load(t, by.file, by.flags)
		if err != nil {
			t.Fatal(err)
		}
		path := os.Getenv("VLMCHAT_CONFIG")
		for name, want := range map[string]Value{
			Backend:     {Text: "openai", Origin: path, Place: InFile},
			Model:       {Text: "variable", Origin: "VLMCHAT_MODEL", Place: InVariable},
			TopP:        {Text: "0.6", Origin: path + ", [profiles.work]", Place: InProfile},
			Stop:        {Text: `["END","\n"]`, Origin: path + ", [profiles.work]", Place: InProfile},
			Temperature: {Text: "0.7", Origin: "default"},
		} {
			if !same(c[name], want) {
				t.Errorf("%s is %+v, want %+v", name, c[name], want)
			}
		}
	}
	t.Setenv("VLMCHAT_PROFILE", "work")
	if c, err := load(t, threeProfiles, map[string]string{Profile: ""}); err != nil || c.String(TopP) != "0.5" {
		t.Errorf("no profile by flag: %v, %v", c[TopP], err)
	}
}

// From leaves out what is set above a place, and nothing else.
func TestFrom(t *testing.T) {
	t.Setenv("VLMCHAT_MODEL", "variable")
	c, err := load(t, threeProfiles, map[string]string{Profile: "work", Model: "flag", TopP: "0.9"})
	if err != nil {
		t.Fatal(err)
	}
	for place, want := range map[Place][3]string{
		InDefault:  {"", "0.9", ""},
		InFile:     {"top", "0.5", ""},
		InProfile:  {"large", "0.6", "https://ali:baba@vllm.example:8000/v1"},
		InVariable: {"variable", "0.6", "https://ali:baba@vllm.example:8000/v1"},
		InFlag:     {"flag", "0.9", "https://ali:baba@vllm.example:8000/v1"},
	} {
		lower := c.From(place)
		if got := [3]string{lower.String(Model), lower.String(TopP), lower.String(BaseURL)}; got != want {
			t.Errorf("from place %d: %q, want %q", place, got, want)
		}
	}
}

func TestListProfiles(t *testing.T) {
	if _, err := load(t, threeProfiles, nil); err != nil {
		t.Fatal(err)
	}
	list, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range list {
		got = append(got, p.Name+": "+p.String())
	}
	want := []string{"home: ollama", "two servers: at a:1, b", "work: large at vllm.example:8000"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestUnknownProfile(t *testing.T) {
	_, err := load(t, threeProfiles, map[string]string{Profile: "office"})
	var unknown *UnknownProfile
	if !errors.As(err, &unknown) || !strings.Contains(err.Error(), `"office" (from --profile)`) || !strings.HasSuffix(err.Error(), "it has home, two servers, work") {
		t.Errorf("the error is %v", err)
	}
	if _, err := load(t, "", map[string]string{Profile: "x"}); err == nil || !strings.Contains(err.Error(), "[profiles.NAME]") {
		t.Errorf("without profiles the error is %v", err)
	}
	t.Setenv("VLMCHAT_CONFIG", filepath.Join(t.TempDir(), "none"))
	if _, err := Load(func(name string) (string, bool) { return "x", name == Profile }); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("without a file the error is %v", err)
	}
}

// What any profile gets wrong is said, chosen or not.
func TestBadProfiles(t *testing.T) {
	for file, want := range map[string]string{
		"[profiles.a]\nmodell = 'x'":    `config.toml, [profiles.a]: there is no setting "modell"`,
		"[profiles.a]\nmodel = ['x']":   "[profiles.a]: model must be a text or a number",
		"[profiles.a]\nprofile = 'b'":   "[profiles.a]: a profile can't choose a profile",
		"[profiles.a.b]\nmodel = 'x'":   `[profiles.a]: there is no setting "b"`,
		"profiles = 3":                  "profiles is not a table",
		"profiles = { a = 3 }":          "[profiles.a]: a profile is a table of settings",
		"[profiles.a]\nmodel = 'x'\n[b": "config.toml, line",
	} {
		if _, err := load(t, file, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", file, err)
		}
	}
}

// The text of a setting that may hold a secret is in no error.
func TestSecretSettings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{Header, KeyCommand, KeyEnv} {
		c := Config{name: {Text: "X-Key: hush", Origin: "--" + name}}
		if err := c.Reject(name, "good"); strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "--"+name) {
			t.Errorf("the error is %v", err)
		}
	}
}
