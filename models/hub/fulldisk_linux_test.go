package hub

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/models/hub/hubtest"
)

// TestFullDisk refuses what the disk has no room for, and where it fills up all the same, keeps
// what has come.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m,mode=0700"); err != nil {
		if os.Getuid() == 0 && !errors.Is(err, syscall.EPERM) {
			t.Fatal(err)
		}
		t.Skip("a small disk is mounted, which takes root:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	s := startHub(t)
	content := gguf(1, large)
	s.Add("o/M", hubtest.Files{"M-Q8_0.gguf": content})
	c := clientOf(t, s)
	c.cache.dir = dir
	n := nameOf(t, "o/M")
	_, _, err := pullAll(t.Context(), c, n)
	says(t, err, engine.Failed, "no room for hf:o/M", "3.2 MB are to come", "2.1 MB free", "HF_HUB_CACHE")
	if s.Sent() > 0 {
		t.Errorf("%d bytes were sent", s.Sent())
	}

	selected, err := c.Select(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	p := &pull{client: c, name: n, news: make(chan struct{}, 1)}
	says(t, p.file(t.Context(), selected, selected.Model[0]), engine.Failed, "is full", "what has come is kept")
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=200m"); err != nil {
		t.Fatal(err)
	}
	settle(t, s)
	s.Forget()
	same(t, mustPull(t, c, "o/M").Model, content)
	if s.Sent() > large/2 {
		t.Errorf("%d bytes were sent again", s.Sent())
	}
}
