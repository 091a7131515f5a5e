package ui

import (
	"context"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// Who can't be reached is said to be offline, until somebody answers.
func TestOffline(t *testing.T) {
	t.Parallel()
	absent := &engine.Error{Kind: engine.Unreachable, Message: "No server at x.", Hint: "Start it."}
	e := &fake{reply: refuse("", absent), fails: absent}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.sees("✗ No server at x.\n  Start it.")
	p.sees(" offline")
	p.asks("Hello?")
	p.sees("/retry asks again once it is there; /backend goes on with another engine.")
	p.sees(" offline")
	e.reply = say("Fine.")
	p.asks("/retry")
	p.sees("Fine.")
	p.sees("tok/s")
}

// A wait is counted down, and begins anew with the next one.
func TestWaitsAreCountedDown(t *testing.T) {
	t.Parallel()
	wait := batch{progress: &engine.Event{Kind: engine.Wait, Text: "busy", After: 8 * time.Second}}
	start := time.Unix(0, 0)
	var a activity
	a.hear(wait, 0)
	for after, want := range map[time.Duration]string{0: "8 s", 2500 * time.Millisecond: "6 s", 9 * time.Second: "0 s"} {
		a.began, a.now = start, start.Add(after)
		if got := a.view(""); got != spinner[0]+" "+want+dot+"busy" {
			t.Errorf("after %v it is %q", after, got)
		}
	}
	a.hear(wait, 0)
	a.tick(start.Add(time.Minute))
	if got := a.view(""); got != spinner[1]+" 8 s"+dot+"busy" {
		t.Errorf("the next wait is %q", got)
	}
}

// A server that wants to be left alone for some time is counted down, too; who asks
// nevertheless ends that.
func TestPause(t *testing.T) {
	t.Parallel()
	e := &fake{reply: refuse("", &engine.Error{Kind: engine.RateLimited, Message: "Too many.", RetryAfter: time.Hour})}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.asks("Hello?")
	p.sees("ask again in 60:00 min")
	p.sees("ask again in 59:59 min") // the clock goes on
	e.mu.Lock()
	e.reply = func(context.Context, engine.Request, yield) {}
	e.mu.Unlock()
	p.asks("/retry")
	p.sees("The answer ended in the middle.")
	p.sees("ready")
}

func TestRemedies(t *testing.T) {
	t.Parallel()
	for kind, want := range map[engine.ErrorKind]string{
		engine.ModelNotFound: "/model lists those that are there.",
		engine.WorkerDied:    "/retry asks again.",
		engine.OutOfMemory:   "/model and /backend go on with something else.",
	} {
		if got := remedy(&engine.Error{Kind: kind}); got != want {
			t.Errorf("%s: %s", kind, got)
		}
	}
	if got := remedy(&engine.Error{Kind: engine.AnswerCut, Hint: "/retry asks again."}); got != "" {
		t.Errorf("said twice: %s", got)
	}
}
