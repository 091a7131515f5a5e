package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestSetIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		about, file, profile, name string
		texts                      []string
		want                       string
	}{
		{"an empty file", "", "", Temperature, []string{"0.2"}, "temperature = 0.2\n"},
		{"a value, with its comment", "# mine\nmodel = 'a' # the small one\ntop_p = 1\n", "", Model, []string{"b"}, "# mine\nmodel = 'b' # the small one\ntop_p = 1\n"},
		{"the last line has no end", "top_p = 1", "", Model, []string{"b"}, "top_p = 1\nmodel = 'b'\n"},
		{"before the tables", "# Settings of mine\n\n# the work's\n[profiles.work]\nmodel = 'a'\n", "", Model, []string{"b"},
			"# Settings of mine\n\nmodel = 'b'\n\n# the work's\n[profiles.work]\nmodel = 'a'\n"},
		{"behind the top level's last", "top_p = 1\n\n[profiles.work]\nmodel = 'a'\n", "", Model, []string{"b"}, "top_p = 1\nmodel = 'b'\n\n[profiles.work]\nmodel = 'a'\n"},
		{"a profile's", "model = 'x'\n[profiles.work]\nmodel = 'a'\n[profiles.home]\nmodel = 'c'\n", "work", Model, []string{"b"},
			"model = 'x'\n[profiles.work]\nmodel = 'b'\n[profiles.home]\nmodel = 'c'\n"},
		{"more in a profile", "[profiles.work]\nmodel = 'a'\n\n[profiles.home]\n", "work", TopP, []string{"1"}, "[profiles.work]\nmodel = 'a'\ntop_p = 1\n\n[profiles.home]\n"},
		{"a new profile", "model = 'a'\n", "two words", Model, []string{"b"}, "model = 'a'\n\n[profiles.'two words']\nmodel = 'b'\n"},
		{"keys with dots", "profiles.work.model = 'a'\n", "work", TopP, []string{"1"}, "profiles.work.model = 'a'\nprofiles.work.top_p = 1\n"},
		{"keys with dots in a table", "[profiles]\nwork.model = 'a'\n", "work", TopP, []string{"1"}, "[profiles]\nwork.model = 'a'\nwork.top_p = 1\n"},
		{"Windows' lines", "model = 'a'\r\n", "", TopP, []string{"1"}, "model = 'a'\r\ntop_p = 1\r\n"},
		{"a text of several lines", "system = \"\"\"a\n# no comment\nmodel = 'x'\"\"\"\nmodel = 'y'\n", "", Model, []string{"z"},
			"system = \"\"\"a\n# no comment\nmodel = 'x'\"\"\"\nmodel = 'z'\n"},
		{"an array of several lines", "stop = [\n  'a', # one\n  'b',\n] # those\n", "", Stop, []string{"c"}, "stop = 'c' # those\n"},
		{"several texts", "", "", Stop, []string{"a", "b"}, "stop = ['a', 'b']\n"},
		{"several texts as JSON", "", "", Stop, []string{`["a", "\n"]`}, "stop = ['a', \"\\n\"]\n"},
		{"a switch", "", "", Plain, []string{"1"}, "plain = true\n"},
		{"a number that is written in another way", "", "", Model, []string{"007"}, "model = '007'\n"},
		{"quotes in the key", "\"model\" = 'a'\n", "", Model, []string{"b"}, "\"model\" = 'b'\n"},
		{"what would end a text", "", "", System, []string{"a'b\"c\\\n"}, "system = \"a'b\\\"c\\\\\\n\"\n"},
	} {
		s, _ := Find(test.name)
		got, err := setIn([]byte(test.file), test.profile, s, test.texts)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %q, %v; want %q", test.about, got, err, test.want)
		}
	}
}

func TestSetInRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, profile, want string }{
		{"profiles = { work = { model = 'a' } }\n", "work", "by hand"},
		{"model = \n", "", "line 1"},
		{"profiles = 3\n", "work", "not a table"},
	} {
		s, _ := Find(Model)
		if got, err := setIn([]byte(test.file), test.profile, s, []string{"b"}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %q, %v", test.file, got, err)
		}
	}
}

func TestUnsetIn(t *testing.T) {
	t.Parallel()
	s, _ := Find(Stop)
	for _, test := range []struct{ file, profile, want string }{
		{"# a\nstop = [\n 'x', # it\n]\ntop_p = 1\n", "", "# a\ntop_p = 1\n"},
		{"top_p = 1\n  stop = 'x' # why\n", "", "top_p = 1\n"},
		{"[profiles.work]\nstop = 'x'\n", "work", "[profiles.work]\n"},
		{"stop = 'x'\n", "work", "stop = 'x'\n"},
		{"stop = 'x'", "", ""},
	} {
		if got, err := unsetIn([]byte(test.file), test.profile, s); err != nil || string(got) != test.want {
			t.Errorf("%q: %q, %v; want %q", test.file, got, err, test.want)
		}
	}
}

// FuzzSetIn holds the editor to its word: afterwards the file has what it had and the new
// value, with every line that is no part of either, or it is not changed at all.
func FuzzSetIn(f *testing.F) {
	for _, file := range []string{
		"", "model = 'a' # b\n", "[profiles.work]\nmodel = \"x\"\n", "a.b.c = [1, # x\n2]\n[d]\n", "x = \"\"\"\n\"\"\"\"\"\nmodel=1", "[[a]]\nb = { c = 1 }\n",
		"profiles.work.top_p = 1\n[keys]\n\"ctrl+x\" = 'quit'\n", "x = '''\n''' # c\r\n[ \"a\" . 'b' ]\n", threeProfiles,
	} {
		f.Add(file, "", "b")
		f.Add(file, "work", "0.5")
	}
	s, _ := Find(Model)
	f.Fuzz(func(t *testing.T, file, profile, value string) {
		before, err := tableOf([]byte(file))
		if err != nil {
			if _, err := setIn([]byte(file), profile, s, []string{value}); err == nil {
				t.Fatalf("%q is no TOML, and was changed", file)
			}
			return
		}
		after, err := setIn([]byte(file), profile, s, []string{value})
		if err != nil {
			return
		}
		got, err := tableOf(after)
		if err != nil {
			t.Fatalf("%q became %q: %v", file, after, err)
		}
		target := targetOf(profile, s)
		remove(before, target)
		if !remove(got, target) {
			t.Fatalf("%q became %q, without the value", file, after)
		}
		prune(before, target)
		prune(got, target)
		if !reflect.DeepEqual(got, before) && !strings.Contains(file, "nan") {
			t.Fatalf("%q became %q, which means something else", file, after)
		}
		if list := statements([]byte(file)); indexOf(list, target) < 0 {
			// Nothing was replaced, so all that was there is there, in two parts.
			i := 0
			for i < len(file) && i < len(after) && file[i] == after[i] {
				i++
			}
			if rest := file[i:]; !bytes.HasSuffix(after, []byte(rest)) {
				t.Fatalf("%q became %q, and lost something", file, after)
			}
		}
	})
}

// prune takes empty tables out that a key was put into.
func prune(table map[string]any, target []string) {
	for n := len(target) - 1; n > 0; n-- {
		at := table
		for _, name := range target[:n-1] {
			at, _ = at[name].(map[string]any)
		}
		if inner, ok := at[target[n-1]].(map[string]any); ok && len(inner) == 0 {
			delete(at, target[n-1])
		}
	}
}

func TestSetAndUnset(t *testing.T) {
	dir := t.TempDir()
	real, path := filepath.Join(dir, "dotfiles.toml"), filepath.Join(dir, "config.toml")
	t.Setenv("VLMCHAT_CONFIG", path)
	if err := os.WriteFile(real, []byte("# mine\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, path); err != nil {
		t.Skipf("no links here: %v", err)
	}
	if _, err := Set("", "--keep_alive", "10m"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(real)
	if err != nil || string(text) != "# mine\nkeep_alive = '10m'\n" {
		t.Fatalf("%q, %v", text, err)
	}
	if _, was, err := Unset("", KeepAlive); err != nil || !was {
		t.Fatalf("%v, %v", was, err)
	}
	if _, was, err := Unset("", KeepAlive); err != nil || was {
		t.Fatalf("%v, %v", was, err)
	}
	if _, err := Set("", "temprature", "1"); err == nil || !strings.Contains(err.Error(), "there is temperature") {
		t.Fatal(err)
	}
	if _, err := Set("", Model, "a", "b"); err == nil {
		t.Fatal("two models")
	}
	const marked = "\ufeff# mine\r\n"
	if err := os.WriteFile(real, []byte(marked), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Set("", KeepAlive, "10m"); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(real); err != nil || string(text) != marked+"keep_alive = '10m'\r\n" {
		t.Fatalf("%q, %v", text, err)
	}
	if c, err := Load(func(string) (string, bool) { return "", false }); err != nil || c.String(KeepAlive) != "10m" {
		t.Fatalf("%q, %v", c.String(KeepAlive), err)
	}
	if err := os.Remove(real); err != nil {
		t.Fatal(err)
	}
	if _, err := Set("", KeepAlive, "10m"); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(real); err != nil || string(text) != "keep_alive = '10m'\n" {
		t.Fatalf("behind a link to nothing: %q, %v", text, err)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Fatalf("the link is gone: %v", errors.Join(err))
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	got := Lines([]byte("# x\nmodel = 'a'\nstop = [\n'a']\n[profiles.work]\n\ntop_p = 1\n[keys]\na = 'b'\n"))
	want := map[string]int{"model": 2, "stop": 3, "work/top-p": 7, "keys/a": 9}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
