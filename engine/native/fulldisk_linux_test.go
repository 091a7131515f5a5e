package native

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// A full disk costs the state that was to be kept, and is told in the worker's journal
// alone.
func TestStateOnAFullDisk(t *testing.T) {
	t.Parallel()
	o := withCache(t, options(t))
	if err := os.Mkdir(o.CacheDir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", o.CacheDir, "tmpfs", 0, "size=64k,mode=0700"); err != nil {
		if os.Getuid() == 0 && !errors.Is(err, syscall.EPERM) {
			t.Fatal(err)
		}
		t.Skip("a small disk is mounted, which takes root:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(o.CacheDir, syscall.MNT_DETACH) })
	e := open(t, o)
	picture := sample(t, "scene-01.png")
	a := askFor(t, e, inSession("one", engine.Ask("Describe this image.", picture)))
	next := inSession("two", engine.Ask("Describe this image.", picture), engine.Text(engine.Assistant, a.text), engine.Text(engine.User, "What color is the digit?"))
	if b := askFor(t, e, next); b.usage.CachedTokens == 0 || b.text == "" {
		t.Errorf("the next answer is %q, with the usage %+v", b.text, b.usage)
	}
	for len(e.current().logged(troubleMark)) == 0 {
		select {
		case <-t.Context().Done():
			t.Fatal("the journal does not tell of it")
		case <-time.After(10 * time.Millisecond):
		}
	}
	if told := e.current().logged(troubleMark)[0]; !strings.Contains(told, "no space left") {
		t.Errorf("the journal tells %q", told)
	}
	end(e)
	if notes := notesIn(t, o.CacheDir); len(notes) != 0 {
		t.Errorf("on a disk without room there is %+v", notes)
	}
}
