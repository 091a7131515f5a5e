package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

// edit has the person change a file in their editor, until check has nothing against its
// text or they have had enough. They write in a draft, and the file is replaced when the
// draft is right: it is never in a state that can't be read, and what was written is never
// lost. text is what the file has, or what one begins with that is not there yet; changed
// tells whether anything was written. Without a terminal only an editor that the
// environment names is started: it may be a script.
func (a *app) edit(ctx context.Context, file string, text []byte, check func(text []byte) error) (changed bool, err error) {
	terminal := isTerminal(a.stdin) && isTerminal(a.stdout)
	if !terminal && os.Getenv("VISUAL") == "" && os.Getenv("EDITOR") == "" {
		return false, usagef("an editor needs a terminal, and here is none; the file is %s", file)
	}
	words, err := ui.Editor()
	if err != nil {
		return false, usagef("%w; VISUAL or EDITOR names the editor", err)
	}
	dir, err := os.MkdirTemp("", "vlmchat-edit-*") // of mode 0700, with what an editor keeps beside a file
	if err != nil {
		return false, fmt.Errorf("the draft for the editor can't be written: %w", err)
	}
	draft := filepath.Join(dir, filepath.Base(file)) // editors go by its name
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		os.RemoveAll(dir)
		return false, fmt.Errorf("the draft for the editor can't be written: %w", err)
	}
	written, err := a.draft(ctx, words, draft, text, check)
	if err == nil && !bytes.Equal(written, text) {
		err = a.accept(file, text, written)
		changed = err == nil
	}
	if err != nil && !bytes.Equal(written, text) {
		kept := file + " is as it was"
		if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
			kept = "there is no " + file + " yet"
		}
		return false, fmt.Errorf("%w; what you wrote is in %s, and %s", err, draft, kept)
	}
	os.RemoveAll(dir)
	return changed, err
}

// complain tells what is wrong, a line for each thing.
func (a *app) complain(wrong error) {
	for line := range strings.Lines(wrong.Error()) {
		fmt.Fprintln(a.stderr, "vlmchat: "+termtext.Line(line))
	}
}

// draft has a draft edited until it is right, and returns what it has in the end.
func (a *app) draft(ctx context.Context, words []string, draft string, text []byte, check func(text []byte) error) ([]byte, error) {
	ctx = context.WithoutCancel(ctx) // Ctrl+C is for the editor, and reaches all who have its terminal
	for {
		editor := exec.CommandContext(ctx, words[0], append(words[1:len(words):len(words)], draft)...)
		editor.Stdin, editor.Stdout, editor.Stderr = a.stdin, a.stdout, a.stderr
		failed := editor.Run()
		written, err := os.ReadFile(draft)
		switch {
		case err != nil:
			return text, fmt.Errorf("what the editor left can't be read: %w", err)
		case failed != nil:
			return written, fmt.Errorf("the editor %s ended with an error (%w)", termtext.Line(words[0]), failed)
		}
		wrong := check(written)
		if wrong == nil {
			return written, nil
		}
		if !isTerminal(a.stdin) {
			return written, wrong
		}
		a.complain(wrong)
		if !a.confirm("Edit again?", true) {
			return written, errors.New("nothing was changed")
		}
	}
}

// accept puts what was written in the place of a file, unless somebody else has changed
// that since it had text.
func (a *app) accept(file string, text, written []byte) error {
	now, err := os.ReadFile(file)
	if err == nil && !bytes.Equal(now, text) {
		return fmt.Errorf("%s was changed meanwhile by somebody else", file)
	}
	if err := config.Replace(file, written); err != nil {
		return fmt.Errorf("%s can't be written: %w", file, err)
	}
	return nil
}
