package enginetest

import (
	"context"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// endless asks for an answer that takes the endless model minutes.
func endless(t *testing.T) engine.Request {
	t.Helper()
	req := Greedy(engine.Ask("Describe this image.", Sample(t, "scene-01.png")))
	req.Sampling.MaxTokens = 30000
	return req
}

// cancel stops answers in the ways that there are. Each time the server itself
// must be idle long before the answer could have come to its end, and the engine
// can be asked again at once.
func cancel(t *testing.T, s Subject) {
	m := s.Endless(t)
	e := m.Engine
	for _, way := range []struct {
		name string
		stop func(cancel context.CancelFunc) (more bool)
	}{
		{"leaving the loop", func(context.CancelFunc) bool { return false }},
		{"cancelling", func(cancel context.CancelFunc) bool { cancel(); return true }},
		{"closing", func(context.CancelFunc) bool { _ = e.Close(); return true }},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		stopped, left := false, false
		a := Watch(ctx, t, e, endless(t), func(ev engine.Event) bool {
			if ev.Kind != engine.Delta || stopped {
				return true
			}
			if !m.Busy(t) {
				t.Errorf("%s: the server is idle before it was stopped", way.name)
			}
			stopped = true
			left = !way.stop(cancel)
			return !left
		})
		if !stopped || !left && a.Kind() != engine.Cancelled {
			t.Errorf("%s: %q, the error is %v", way.name, a.Text, a.Err)
		}
		eventually(t, way.name+": the server is idle", func() bool { return !m.Busy(t) })
		cancel()
		if way.name == "closing" {
			e = m.Reopen(t)
		}
		again := endless(t)
		again.Sampling.MaxTokens = 5
		if a := mustAsk(t, e, again); a.Text == "" || a.Finish != engine.Length {
			t.Errorf("%s: afterwards the answer is %q", way.name, a.Text)
		}
	}
}

// killed ends the server in the middle of an answer, which must not look whole.
// When it is there again, it answers again.
func killed(t *testing.T, s Subject) {
	m := s.Endless(t)
	short := endless(t)
	short.Sampling.MaxTokens = 10
	before := mustAsk(t, m.Engine, short)

	long := endless(t)
	if m.Restart == nil {
		long.Sampling.MaxTokens = 2000
	}
	dead := false
	a := Watch(t.Context(), t, m.Engine, long, func(ev engine.Event) bool {
		if ev.Kind == engine.Delta && !dead {
			dead = true
			m.Kill(t)
		}
		return true
	})
	if m.Restart == nil {
		if a.Err != nil || a.Finish != engine.Length || !strings.HasPrefix(a.Text, before.Text) || len(a.Notes) == 0 {
			t.Errorf("the answer goes on as %q, notes %q, finish %q, %v", a.Text, a.Notes, a.Finish, a.Err)
		}
	} else {
		if a.Kind() != engine.AnswerCut {
			t.Errorf("%q, the error is %v (%s)", a.Text, a.Err, a.Kind())
		}
		if a := Ask(t.Context(), t, m.Engine, short); a.Kind() != engine.Unreachable {
			t.Errorf("nobody is there: %q, the error is %v", a.Text, a.Err)
		}
		m.Restart(t)
	}
	if after := mustAsk(t, m.Engine, short); after.Text != before.Text {
		t.Errorf("before its end the server said %q, then %q", before.Text, after.Text)
	}
}
