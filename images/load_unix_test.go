//go:build unix

package images

import (
	"context"
	"errors"
	"image"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func fifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadReadsAPipe(t *testing.T) {
	t.Parallel()
	path, data := fifo(t), pngOf(t, image.NewGray(image.Rect(0, 0, 20, 20)))
	go func() {
		// Opening waits for Load, and the pauses make several reads of it.
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return
		}
		defer f.Close()
		for _, half := range [][]byte{data[:10], data[10:]} {
			_, _ = f.Write(half)
			time.Sleep(20 * time.Millisecond)
		}
	}()
	if p, err := Load(t.Context(), path, Limits{}); err != nil || p.Width != 20 {
		t.Error(p, err)
	}
}

func TestLoadDoesNotWaitForAPipeForever(t *testing.T) {
	t.Parallel()
	if _, err := Load(t.Context(), fifo(t), Limits{Wait: 20 * time.Millisecond}); reasonOf(err) != Unreadable || !strings.Contains(err.Error(), "nothing came") {
		t.Error(err)
	}
	// With a writer that says nothing.
	path := fifo(t)
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := Load(t.Context(), path, Limits{Wait: 20 * time.Millisecond}); reasonOf(err) != Unreadable {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := Load(ctx, path, Limits{Wait: time.Hour}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestLoadDoesNotReadAnEndlessPipe(t *testing.T) {
	t.Parallel()
	path := fifo(t)
	w, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	go func() {
		for {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	}()
	if _, err := Load(t.Context(), path, Limits{Bytes: 10_000}); reasonOf(err) != TooLarge {
		t.Error(err)
	}
}

func TestLoadRefusesDevicesAndSockets(t *testing.T) {
	t.Parallel()
	if _, err := Load(t.Context(), "/dev/zero", Limits{}); reasonOf(err) != Special || !strings.Contains(err.Error(), "device") {
		t.Error(err)
	}
	dir, err := os.MkdirTemp("", "s") // short: a socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := Load(t.Context(), l.Addr().String(), Limits{}); reasonOf(err) != Special || !strings.Contains(err.Error(), "socket") {
		t.Error(err)
	}
}

func TestLoadWithoutPermission(t *testing.T) {
	t.Parallel()
	path := saved(t, "secret.png")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	_, err := Load(t.Context(), path, Limits{})
	if os.Geteuid() == 0 { // to whom nothing is forbidden
		if err != nil {
			t.Error(err)
		}
		return
	}
	if reasonOf(err) != Unreadable || !strings.Contains(err.Error(), "permission") {
		t.Error(err)
	}
}
