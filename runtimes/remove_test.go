package runtimes

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gofrs/flock"

	"github.com/vlmchat/vlmchat/engine"
)

func TestRemove(t *testing.T) {
	t.Parallel()
	h, root := linuxHost(t), t.TempDir()
	dir := installedAt(t, root, "one")
	installedAt(t, root, "two")
	r, err := resolve(h, root, "one")
	if err != nil {
		t.Fatal(err)
	}
	if err := remember(root, r); err != nil {
		t.Fatal(err)
	}
	// A process that has a library open keeps it, as a worker does.
	open, err := os.Open(r.Llama)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if !canSymlink { // Windows moves nothing that is open
		_ = open.Close()
	}
	// What a killed removal left goes as well.
	writeTree(t, root, map[string][]byte{tempPrefix + "9/old/libllama.so.0": nil})

	removed, err := remove(t.Context(), h, root, "one")
	if err != nil || removed.Dir != dir {
		t.Fatalf("removed %+v (%v)", removed, err)
	}
	if got := visible(t, root); !slices.Equal(got, []string{lockFile, "two"}) {
		t.Errorf("left %v", got)
	}
	known, err := readDigests(root)
	if _, ok := known.Runtimes["one"]; err != nil || ok || len(known.Runtimes) != 1 {
		t.Errorf("the lock file still has %+v (%v)", known.Runtimes, err)
	}
	if used, err := use(h, root, ""); err != nil || used.Name != "two" || used.Chosen {
		t.Errorf("used after that: %+v (%v)", used, err)
	}
	_, err = remove(t.Context(), h, root, "one")
	refuses(t, err, engine.RuntimeMissing, "called \"one\"", "vlmchat runtime list")
}

func TestRemoveRefuses(t *testing.T) {
	t.Parallel()
	h, machineRoot := machine(t, "linux")
	root := t.TempDir()
	brew := filepath.Join(machineRoot, "home", "linuxbrew", ".linuxbrew", "lib")
	own := t.TempDir()
	for _, dir := range []string{brew, own, filepath.Join(root, "by hand")} {
		writeTree(t, dir, linuxRuntime())
	}
	for what, hint := range map[string]string{
		brew: "as you installed it (Homebrew)", "homebrew": "as you installed it (Homebrew)",
		own: "delete the folder yourself", "by hand": "delete it from the data directory yourself",
	} {
		_, err := remove(t.Context(), h, root, what)
		refuses(t, err, engine.RuntimeMissing, "was not installed by vlmchat", hint)
	}
	for _, dir := range []string{brew, own, filepath.Join(root, "by hand")} {
		if _, err := os.Stat(filepath.Join(dir, "libllama.so.0")); err != nil {
			t.Error(err)
		}
	}
}

// A removal waits for an installation, and can be interrupted then.
func TestRemoveWaits(t *testing.T) {
	t.Parallel()
	h, root := linuxHost(t), t.TempDir()
	dir := installedAt(t, root, "one")
	other := flock.New(filepath.Join(root, installLock))
	if err := other.Lock(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Unlock() }()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := remove(ctx, h, root, "one"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}
