package ui

import (
	"strings"
	"syscall"
	"testing"

	"github.com/vlmchat/vlmchat/sessions"
)

// A conversation on a disk that can only be read goes on unsaved, and is saved with what
// is said when the disk can be written to.
func TestDiskWritableAgain(t *testing.T) {
	t.Parallel()
	dir := library(t)
	if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
		t.Skip("a disk is made read-only, which takes root:", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	remount := func(flags uintptr) {
		if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_BIND|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	remount(syscall.MS_RDONLY)
	p := open(t, keptIn(Options{Setup: Setup{Engine: &fake{reply: say("An answer.")}}, Resume: "session1"}, dir))
	p.sees("Three dogs and a heron.")
	p.sees("This conversation is not being saved")
	p.enter("And cats?")
	p.sees("An answer.")
	p.idle()
	remount(0)
	p.enter("And birds?")
	p.sees("The conversation is saved again")
	p.idle()
	if err := p.m.keeper.settle(); err != nil {
		t.Fatal(err)
	}

	s, err := sessions.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Hold("session1"); err == nil {
		t.Error("others are not told that it is open")
	}
	p.ended()
	c, err := s.Load(t.Context(), "session1")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, m := range c.Path() {
		said = append(said, m.Text())
	}
	if got := strings.Join(said, " | "); !strings.HasSuffix(got, "And cats? | An answer. | And birds? | An answer.") {
		t.Errorf("it has %s", got)
	}
}
