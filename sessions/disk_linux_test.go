package sessions

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts one of a megabyte and a half.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1536k,mode=0700"); err != nil {
		if os.Getuid() == 0 && !errors.Is(err, syscall.EPERM) {
			t.Fatal(err)
		}
		t.Skip("a small disk is mounted, which takes root:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// A full disk costs what was to be kept, and nothing else; when there is room again
// it is kept.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	s := open(t, dir)
	first := add(t, s, "s", question(0, "What?"))
	filler := dir + "/filler"
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	f.Close()
	for what, m := range map[string]Message{
		"a picture": question(first, "And this?", picture("a.png", strings.Repeat("bytes", 100_000))),
		"a text":    question(first, strings.Repeat("And this? ", 100_000)),
	} {
		if _, err := s.Append(t.Context(), Session{ID: "s"}, m); err == nil || !strings.Contains(err.Error(), "keeping a message: the disk is full") {
			t.Errorf("%s on a full disk: %v", what, err)
		}
	}
	if c, err := s.Load(t.Context(), "s"); err != nil || len(c.All) != 1 {
		t.Errorf("there is %+v, %v", c, err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	add(t, s, "s", question(first, "And now?", picture("a.png", "small")))
	if err := s.check(); err != nil {
		t.Error(err)
	}
}

// A disk that can't be written to is told as that.
func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t)
	s := open(t, dir)
	add(t, s, "s", question(0, "What?"))
	_ = s.Close()
	if err := syscall.Mount("", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "can't be written to") {
		t.Errorf("opening: %v", err)
	}
}
