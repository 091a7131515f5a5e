//go:build !windows

package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
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
