package native

import (
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// What was removed is forgotten: on disk, by a worker that lives and has it in memory,
// and by one that is just ending. What was not removed stays.
func TestForget(t *testing.T) {
	t.Parallel()
	o := withCache(t, options(t))
	o.KeepAlive = time.Hour
	gone, stays := sample(t, "scene-01.png"), sample(t, "scene-02.png")
	forget := func(when string) {
		t.Helper()
		if err := Forget(t.Context(), o.CacheDir, []string{"removed"}, []string{gone.SHA256}); err != nil {
			t.Fatal(err)
		}
		if found := traces(t, o.CacheDir, append(signs(t, gone.SHA256), "removed")...); len(found) > 0 {
			t.Errorf("%s there is still %q", when, found)
		}
		if len(notesIn(t, o.CacheDir)) == 0 {
			t.Errorf("%s nothing is kept any more", when)
		}
	}
	e := open(t, o)
	kept := inSession("kept", engine.Ask("Describe this image.", stays))
	askFor(t, e, kept)
	askFor(t, e, inSession("removed", engine.Ask("Describe this image.", gone)))
	mustAsk(t, e, greedy, engine.Ask("What color is the digit?", gone)) // who has no session has something of it, too
	waitForState(t, o.CacheDir, "kept", 1)
	forget("while the worker lives,")

	o.KeepAlive = 0
	last := open(t, o) // what it says of the keep-alive holds
	if _, err := last.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	worker := e.current()
	last.Close()
	e.Close()
	<-worker.gone
	forget("when the worker has ended,")
	e = open(t, o)
	if a := askFor(t, e, kept); a.usage.CachedTokens == 0 || a.usage.EncodeTime != 0 {
		t.Errorf("what was not removed has the usage %+v", a.usage)
	}

	askFor(t, e, inSession("removed", engine.Ask("Describe this image.", gone)))
	worker = e.current()
	e.Close()
	<-worker.gone // and writes what it has
	forget("while the worker ends,")
	<-worker.child.exited
	forget("behind it,")
}

// Forgetting where nothing was ever kept is no error.
func TestForgetNothing(t *testing.T) {
	t.Parallel()
	if err := Forget(t.Context(), t.TempDir()+"/none", []string{"one"}, nil); err != nil {
		t.Error(err)
	}
}
