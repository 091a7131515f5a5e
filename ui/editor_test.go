//go:build !windows

package ui

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/testprogram"
	"github.com/vlmchat/vlmchat/ui/ptytest"
)

func TestSplitWords(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"":                            nil,
		"  ":                          nil,
		"vi":                          {"vi"},
		" code  --wait ":              {"code", "--wait"},
		`emacsclient -c -a ""`:        {"emacsclient", "-c", "-a", ""},
		`"C:\Program Files\n.exe" -x`: {`C:\Program Files\n.exe`, "-x"},
		`sh -c 'cat "$1"'`:            {"sh", "-c", `cat "$1"`},
	} {
		if got := splitWords(line); !slices.Equal(got, want) {
			t.Errorf("%q: %q", line, got)
		}
	}
}

func TestChooseEditor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		visual, editor string
		there          string
		want           string
		err            string
	}{
		{"code --wait", "vi", "code vi", "code --wait", ""},
		{"", "vi", "vi nano", "vi", ""},
		{"", "", "vi nano", "nano", ""},
		{"gone\x1b[31m", "vi", "vi", "", "there is no editor gone, which VISUAL names"},
		{"", "", "", "", "no editor was found"},
	}
	for _, test := range tests {
		env := func(name string) string {
			return map[string]string{"VISUAL": test.visual, "EDITOR": test.editor}[name]
		}
		look := func(name string) (string, error) {
			if slices.Contains(strings.Fields(test.there), name) {
				return name, nil
			}
			return "", errors.New("not there")
		}
		words, err := chooseEditor(env, look)
		if strings.Join(words, " ") != test.want || err == nil && test.err != "" || err != nil && err.Error() != test.err {
			t.Errorf("%+v: %q, %v", test, words, err)
		}
	}
}

// What could not be read, or is too long, is not lost, and neither is what was written
// in the chat.
func TestEditorFails(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: &fake{}}})
	p.write("half a question")
	p.m.inEditor = true
	p.send(editorMsg{err: errors.New("no editor was found")})
	p.sees("Nothing was changed: no editor was found.")
	p.send(editedMsg{err: errors.New("the editor vi ended with an error (exit status 1)"), path: "/tmp/x/message.md"})
	p.sees("What the editor wrote is in /tmp/x/message.md.")
	if got := p.m.composer.value(); got != "half a question" || p.m.inEditor {
		t.Errorf("the composer holds %q", got)
	}
}

func TestMessageFile(t *testing.T) {
	t.Parallel()
	path, err := writeMessage("one\ntwo")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(filepath.Dir(path))
	for path, mode := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir} {
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	for content, want := range map[string]string{
		"one\ntwo\n":             "one\ntwo",
		"one\r\ntwo\r\n":         "one\ntwo",
		"":                       "",
		"\n":                     "",
		"one\n\n":                "one\n",
		"no \x1b[31mred\x1b[m\n": "no red",
		"bytes \xff\n":           "bytes \uFFFD",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readMessage(path); err != nil || got != want {
			t.Errorf("%q: %q, %v", content, got, err)
		}
	}
	if err := os.WriteFile(path, make([]byte, longestEdited+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readMessage(path); err == nil {
		t.Error("read what is too long")
	}
}

// The editor has the terminal, the chat has it again afterwards, with its pictures, and
// nothing is left of the file.
func TestTerminalEditor(t *testing.T) {
	t.Parallel()
	for name, model := range map[string]ptytest.Model{"half blocks": nil, "sixel": ptytest.XTerm, "placeholders": ptytest.Kitty} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tmp, script := t.TempDir(), testprogram.Script(t, "my editor", `set -e
test -t 0 -a -t 1 -a -t 2
echo "in the editor with $1"
read line
printf '%s and %s\n' "$(cat "$2")" "$line" >"$2"`)
			p := startChildOn(t, model, "VISUAL='"+script+"' an-argument", "TMPDIR="+tmp)
			p.WaitFor("disc.png · 96×64", patience)
			p.Type("What is it\x07") // Ctrl+G
			p.WaitUntil("the editor", patience, func(string) bool {
				return bytes.Contains(p.Raw(), []byte("in the editor with an-argument"))
			})
			p.Type("why?\n")
			p.WaitFor("› What is it and why?", patience)
			p.WaitFor("disc.png · 96×64", patience)
			p.Type(ptytest.Enter)
			p.WaitFor(`You said "What is it and why?", with 1 pictures.`, patience)
			p.Type("/quit" + ptytest.Enter)
			if code := p.Wait(patience); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if left := p.Leftovers(); left != nil {
				t.Errorf("the program left behind: %q", left)
			}
			if left, err := filepath.Glob(filepath.Join(tmp, "*")); err != nil || left != nil {
				t.Errorf("left behind: %q, %v", left, err)
			}
		})
	}
}
