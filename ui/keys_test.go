package ui

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/images"
)

// Whoever adds a key adds its line to the table, with a name that is nobody else's and
// words that say what it does; and every key in it is one that can be written.
func TestKeyTable(t *testing.T) {
	t.Parallel()
	k := defaultKeys()
	var names []string
	there := map[*key.Binding]bool{}
	for _, a := range k.actions {
		if slices.Contains(names, a.name) || a.does == "" || !slices.Contains(scopes, a.scope) {
			t.Errorf("%+v", a)
		}
		names = append(names, a.name)
		there[a.binding] = true
		for _, text := range a.keys {
			if got, err := parseKey(text); got != text {
				t.Errorf("%s: %q is read as %q, %v", a.name, text, got, err)
			}
			if got, err := parseKey(shownKey(text)); got != text && !strings.ContainsAny(shownKey(text), "↑↓←→") {
				t.Errorf("%s: %q is shown as %q, which is read as %q, %v", a.name, text, shownKey(text), got, err)
			}
		}
	}
	binding := reflect.TypeFor[key.Binding]()
	for _, of := range []any{k, &k.zoomView} {
		v := reflect.ValueOf(of).Elem()
		for i := range v.NumField() {
			f := v.Field(i)
			if f.Type() == binding && !there[(*key.Binding)(f.Addr().UnsafePointer())] {
				t.Errorf("%s is not in the table", v.Type().Field(i).Name)
			}
		}
	}
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		bound map[string][]string
		wrong string
	}{
		{"none", nil, ""},
		{"some", map[string][]string{"send": {"ctrl+enter", "F5"}, "zoom": {"ctrl+x"}}, ""},
		{"unbound", map[string][]string{"palette": nil}, ""},
		{"swapped", map[string][]string{"send": {"alt+enter"}, "new_line": {"enter"}}, ""},
		{"a typo", map[string][]string{"sned": {"enter"}}, `there is no "sned"; is it send?`},
		{"unknown", map[string][]string{"xyzzy": {"enter"}}, `there is no "xyzzy"; there are bottom, branch_left`},
		{"no key", map[string][]string{"send": {"ctrl+entre"}}, `send = "ctrl+entre": there is no such key; keys are written "ctrl+k"`},
		{"a key that can't be held", map[string][]string{"send": {"x+enter"}}, `x can't be held with another key`},
		{"held twice", map[string][]string{"send": {"ctrl+Control+x"}}, "ctrl is there twice"},
		{"taken", map[string][]string{"send": {"ctrl+j"}},
			`ctrl+j is both send (send) and new_line (new line); to have it for one alone, write new_line = ["alt+enter", "shift+enter"]`},
		{"taken wholly", map[string][]string{"zoom": {"ctrl+p"}}, `to have it for one alone, write palette = ""`},
		{"both bound", map[string][]string{"send": {"f5"}, "zoom": {"f5"}}, `f5 is both send (send) and zoom (look closer at a picture)`},
		{"in another scope", map[string][]string{"zoom_leave": {"f5"}, "zoom": {"f5"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseKeys(c.bound)
			if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
				t.Errorf("got %v, want %q", err, c.wrong)
			}
		})
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"Ctrl+P": "ctrl+p", "alt+shift+ctrl+x": "ctrl+alt+shift+x", "Return": "enter", "escape": "esc", "Shift+a": "A", "A": "A", "?": "?",
		"+": "+", "ctrl++": "ctrl++", "ctrl+plus": "ctrl++", "PageDown": "pgdown", "F12": "f12", "cmd+k": "super+k", "shift+tab": "shift+tab", "space": "space",
		"": "", " ": "", "f0": "", "f64": "", "hello": "", "ctrl+": "",
	} {
		if got, err := parseKey(written); got != want || (err != nil) != (want == "") {
			t.Errorf("%q is %q, %v; want %q", written, got, err, want)
		}
	}
}

// What is read is a key that is read as itself.
func FuzzParseKey(f *testing.F) {
	for _, text := range []string{"Ctrl+Shift+P", "ctrl++", "é", "shift+é", "+", "alt+F63"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := parseKey(text)
		if err != nil {
			return
		}
		if again, err := parseKey(parsed); again != parsed || err != nil {
			t.Errorf("%q is %q, which is %q, %v", text, parsed, again, err)
		}
		_ = shownKey(parsed)
	})
}

// A key does what it was bound to, its old one no more, and what is shown follows.
func TestReboundKeys(t *testing.T) {
	t.Parallel()
	k, err := ParseKeys(map[string][]string{
		"send": {"ctrl+enter"}, "new_line": {"enter"}, "help": {"f1"}, "palette": nil, "leave": {"f10"}, "choose": {"f2"}, "next_entry": {"ctrl+n"},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: say("Fine.")}}, Keys: k})
	p.sees("Type a question · F1 for keys")
	p.enter("two")
	p.write("lines")
	p.press(keyCtrlP) // is nothing now, and moves in the editor no more
	p.sees("› two\n  lines")
	p.press(tea.KeyPressMsg{Code: tea.KeyEnter, Mod: tea.ModCtrl})
	p.sees("Fine.")
	p.press(tea.KeyPressMsg{Code: tea.KeyF1})
	p.sees("F2 uses a command · F10 leaves")
	p.write("new line")
	p.sees("› Enter ")
	p.press(keyEsc)
	p.sees("› new line")
	p.press(tea.KeyPressMsg{Code: tea.KeyF10})
	p.sees("F1 for keys")
}

// What the last line says of keys is true of those that were bound anew.
func TestHintsNameReboundKeys(t *testing.T) {
	t.Parallel()
	k, err := ParseKeys(map[string][]string{"stop": {"f9"}, "interrupt": {"f10"}, "send": {"f2"}, "new_line": {"enter"}})
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, Options{Setup: Setup{Engine: &fake{reply: sayThenHang("One, two")}}, Keys: k})
	p.write("Count.")
	p.press(tea.KeyPressMsg{Code: tea.KeyF2})
	p.sees("answering · F9 stops")
	p.write("/undo")
	p.press(tea.KeyPressMsg{Code: tea.KeyF2})
	p.sees("an answer is on its way · F9 stops")
	p.press(tea.KeyPressMsg{Code: tea.KeyF9})
	p.sees("■ stopped")
	p.write("/edit")
	p.press(tea.KeyPressMsg{Code: tea.KeyF2})
	p.sees("F2 asks it anew · F9 leaves it")
	p.press(tea.KeyPressMsg{Code: tea.KeyF10})
	p.sees("press F10 again to quit")
}

func TestPicturesAndOffersNameReboundKeys(t *testing.T) {
	t.Parallel()
	k, err := ParseKeys(map[string][]string{"complete": {"f3"}, "earlier": {"f6"}, "zoom_in": {"f4"}, "zoom_attach": {"f5"}})
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, Options{Setup: Setup{Engine: &fake{}}, Keys: k, Pictures: []*images.Picture{testPicture("a.png", 96, 64)}})
	p.write("/")
	p.sees("of them · F3 completes · F6 ↓ choose")
	p.press(keyCtrlO)
	p.looks()
	p.sees("96×64 pixels · F4 comes nearer")
	p.press(tea.KeyPressMsg{Code: tea.KeyF5})
	p.sees("this is the whole picture · F4 comes nearer")
	p.press(tea.KeyPressMsg{Code: tea.KeyF4})
	p.sees("pixels · F5 attaches")
}

var updateDocs = flag.Bool("update-docs", false, "write docs/keys.md anew")

// docs/keys.md lists what the table has.
func TestKeysAreDocumented(t *testing.T) {
	t.Parallel()
	const path, begin, end = "../docs/keys.md", "<!-- from here on made by `go test ./ui -run TestKeysAreDocumented -update-docs` -->\n", "<!-- to here -->\n"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(b), begin)
	there, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the keys", path)
	}
	var table strings.Builder
	code := func(text string) string { return "`" + text + "`" }
	for _, s := range scopes {
		fmt.Fprintf(&table, "\n### %s\n\n| Keys | What they do | Name |\n|---|---|---|\n", s)
		for _, a := range defaultKeys().in(s) {
			var keys []string
			for _, k := range a.keys {
				keys = append(keys, code(shownKey(k)))
			}
			fmt.Fprintf(&table, "| %s | %s | %s |\n", strings.Join(keys, ", "), a.does, code(a.name))
		}
	}
	table.WriteString("\n")
	if *updateDocs {
		if err := os.WriteFile(path, []byte(before+begin+table.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if there != table.String() {
		t.Errorf("%s is not what the table says; write it anew with -update-docs. It has\n%s\nand should have\n%s", path, there, table.String())
	}
}

// What a command is written as has no keys in it: help takes them from the table.
func TestCommandsHaveNoKeysOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, c := range commands {
		if c.usage == "" {
			continue
		}
		if name, _, _ := strings.Cut(c.usage, " "); name != "/"+c.name || strings.Contains(c.usage, "Ctrl") || strings.ContainsAny(c.usage, "↑?") {
			t.Errorf("%s is written as %q", c.name, c.usage)
		}
	}
}
