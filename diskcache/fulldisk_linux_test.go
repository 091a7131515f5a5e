package diskcache

import (
	"bytes"
	"errors"
	"os"
	"syscall"
	"testing"
)

// A full disk costs the value that was to be kept, and nothing else.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m,mode=0700"); err != nil {
		if os.Getuid() == 0 && !errors.Is(err, syscall.EPERM) {
			t.Fatal(err)
		}
		t.Skip("a small disk is mounted, which takes root:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	c := open(t, dir, 1<<30)
	old := bytes.Repeat([]byte("old"), 100_000)
	put(t, c, "state", "k", "old", old)
	for _, size := range []int{800_000, 10_000_000} {
		err := c.Put("state", "k", []byte("new"), bytesOf(make([]byte, size)))
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%d bytes on a full disk: %v", size, err)
		}
		if left := files(t, dir); len(left) != 1 || !holds(c, "state", "k", "old", old) {
			t.Errorf("after %d bytes there is %q", size, left)
		}
	}
	put(t, c, "state", "k", "new", []byte("small"))
	put(t, c, "state", "k", "new", make([]byte, 800_000))
}
