//go:build linux

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/ui/ptytest"
)

// onTerminal starts a command on a terminal, with an editor that is a shell's script.
func onTerminal(t *testing.T, config, editor string, args ...string) *ptytest.Terminal {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"+editor+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = "vlmchat" // by this name the tests' executable is vlmchat
	cmd.Env = append(os.Environ(), "VLMCHAT_CONFIG="+config, "VISUAL=sh "+script)
	return ptytest.Start(t, cmd, 200, 24)
}

// What can't be read as a prompt is edited again, until it can, and the file is replaced
// only then.
func TestEditPromptAgain(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "config.toml")
	file := filepath.Join(filepath.Dir(config), "prompts", "plant.md")
	// The first time it writes a field that is none, then it mends that.
	editor := `if grep -q 'Which {{it}}' "$1"; then sed -i 's/{{it}}/plant/' "$1"; else echo 'Which {{it}}?' >>"$1"; fi`
	p := onTerminal(t, config, editor, "prompts", "new", "plant")
	p.WaitFor("{{it}} has no field", patience)
	p.WaitFor("Edit again? [Y/n]", patience)
	if _, err := os.Stat(file); err == nil {
		t.Error("what can't be read was written")
	}
	p.Type("\r")
	p.WaitFor("plant is in "+file, patience)
	if code := p.Wait(patience); code != exitOK {
		t.Errorf("it ended with code %d", code)
	}
	before, err := os.ReadFile(file)
	if err != nil || !strings.HasSuffix(string(before), "Which plant?\n") {
		t.Errorf("the file has %q, %v", before, err)
	}

	p = onTerminal(t, config, `echo '{{no}}' >>"$1"`, "prompts", "edit", "plant")
	p.WaitFor("Edit again? [Y/n]", patience)
	p.Type("n\r")
	p.WaitFor("as it was", patience)
	if code := p.Wait(patience); code != exitFailed {
		t.Errorf("what was given up ended with code %d", code)
	}
	if after, _ := os.ReadFile(file); string(after) != string(before) {
		t.Errorf("the file has %q", after)
	}
	draft := regexp.MustCompile(`\S*vlmchat-edit-\S*/plant\.md`).FindString(p.Screen())
	written, err := os.ReadFile(draft)
	if err != nil || string(written) != string(before)+"{{no}}\n" {
		t.Errorf("the draft %q has %q, %v", draft, written, err)
	}
	os.RemoveAll(filepath.Dir(draft))

	p = onTerminal(t, config, ":", "prompts", "new", "other")
	p.WaitFor("no prompt made", patience)
	p.Wait(patience)

	p = onTerminal(t, config, ":", "prompts", "rm", "plant")
	p.WaitFor("Remove for good? [y/N]", patience)
	p.Type("\r")
	p.WaitFor("Nothing was removed.", patience)
	p = onTerminal(t, config, ":", "prompts", "rm", "plant")
	p.WaitFor("Remove for good? [y/N]", patience)
	p.Type("y\r")
	if code := p.Wait(patience); code != exitOK {
		t.Errorf("rm ended with code %d", code)
	}
	if left, _ := os.ReadDir(filepath.Dir(file)); len(left) > 0 {
		t.Errorf("there is %v left", left)
	}
}

// A file that changes while it is edited is not written over.
func TestEditedByTwo(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "config.toml")
	file := filepath.Join(filepath.Dir(config), "prompts", "plant.md")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("What?\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	p := onTerminal(t, config, `echo Mine >"$1"; echo Theirs >'`+file+`'`, "prompts", "edit", "plant")
	p.WaitFor("was changed meanwhile", patience)
	if code := p.Wait(patience); code != exitFailed {
		t.Errorf("it ended with code %d", code)
	}
	if text, _ := os.ReadFile(file); string(text) != "Theirs\n" {
		t.Errorf("the file has %q", text)
	}
	os.RemoveAll(filepath.Dir(regexp.MustCompile(`\S*vlmchat-edit-\S*/plant\.md`).FindString(p.Screen())))

	link := filepath.Join(filepath.Dir(file), "linked.md")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	p = onTerminal(t, config, `echo Mine >"$1"`, "prompts", "edit", "linked")
	p.WaitFor("linked is in", patience)
	p.Wait(patience)
	info, err := os.Lstat(link)
	text, _ := os.ReadFile(file)
	if err != nil || info.Mode()&os.ModeSymlink == 0 || string(text) != "Mine\n" {
		t.Errorf("the link is %v, %v, and the file has %q", info, err, text)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the file is %v, %v", info, err)
	}
}
