//go:build !windows

package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
)

// A chat has the terminal: a command that wants to ask on it fails.
func TestKeyCommandInChat(t *testing.T) {
	t.Parallel()
	a := &app{stderr: io.Discard, inChat: true}
	key, err := a.obtain(t.Context(), keySource{setting: config.KeyCommand, value: config.Value{
		Text: `if (: </dev/tty) 2>/dev/null; then echo asked; else echo "no-terminal$GPG_TTY"; fi`,
	}})
	if key != "no-terminal" || err != nil {
		t.Errorf("%q, %v", key, err)
	}
}

// What a command says about its failure is part of the error, but for the key.
func TestKeyCommandFailsInChat(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		`echo one >&2; printf 'no \033[31mpinentry\n\n' >&2; exit 2`: "there is no key from key-command (from ): the command failed: exit status 2: no pinentry",
		`echo sesame; echo not sesame >&2; exit 2`:                   "there is no key from key-command (from ): the command failed: exit status 2",
		`exit 3`: "there is no key from key-command (from ): the command failed: exit status 3",
	} {
		var terminal strings.Builder
		a := &app{stderr: &terminal, inChat: true}
		_, err := a.obtain(t.Context(), keySource{setting: config.KeyCommand, value: config.Value{Text: command}})
		var e *engine.Error
		if !errors.As(err, &e) || e.Message != want || !strings.Contains(e.Hint, "while the chat has it") || terminal.Len() > 0 {
			t.Errorf("%s: %v, hint %q, and %q on the terminal", command, err, e.Hint, terminal.String())
		}
	}
}

// What a command has started ends with it.
func TestKeyCommandStopsWhole(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		a := &app{stderr: io.Discard, inChat: true}
		_, err := a.obtain(ctx, keySource{setting: config.KeyCommand, value: config.Value{Text: "sleep 1000 >'" + pipe + "' & wait"}})
		done <- err
	}()
	f, err := os.Open(pipe) // returns once the child has it open as well
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cancel()
	if err := <-done; engine.KindOf(err) != engine.Cancelled {
		t.Errorf("the error is %v", err)
	}
	if _, err := io.ReadAll(f); err != nil { // ends when the child has ended
		t.Error(err)
	}
}
