package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want, wrong string }{
		{"", "map[]", ""},
		{"[keys]", "map[]", ""},
		{"model = \"a\"\n[keys]\nsend = \"ctrl+enter\"\nzoom = [\"f5\", \"ctrl+x\"]\npalette = \"\"\nhelp = []", "map[help:[] palette:[] send:[ctrl+enter] zoom:[f5 ctrl+x]]", ""},
		{"keys = 1", "", "keys is not a table"},
		{"[keys]\nsend = 1", "", "[keys]: send has to be a text or a list of texts"},
		{"[keys]\nsend = [1]", "", "[keys]: send has to be a text or a list of texts"},
		{"[profiles.a.keys]\nsend = \"f5\"", "", `there is no setting "keys"`},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "config.toml")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := readFile(path)
			if c.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), c.wrong) || !strings.Contains(err.Error(), path) {
					t.Errorf("got %v, want %q", err, c.wrong)
				}
			} else if got := fmt.Sprint(f.keys); err != nil || got != c.want {
				t.Errorf("got %s, %v, want %s", got, err, c.want)
			}
		})
	}
	if got, want := (Keys{File: "c.toml"}).Reject(errors.New("no")).Error(), "the configuration c.toml, [keys]: no"; got != want {
		t.Errorf("got %q", got)
	}
}
