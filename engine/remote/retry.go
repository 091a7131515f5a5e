package remote

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// How long is waited before a request is sent again: a random part of a time that
// doubles, as clients that failed together would come back together otherwise.
const (
	firstWait   = time.Second
	longestWait = 30 * time.Second
)

// LongestRetryAfter is as long as a server may ask for patience. What takes
// longer, nobody waits for: the error says when to come back.
const LongestRetryAfter = 2 * time.Minute

// backoff is how long to wait after so many failures in a row, 1 at least:
// between zero and a time that doubles, with "full jitter".
func backoff(failures int) time.Duration {
	most := longestWait
	if shift := failures - 1; shift < 5 {
		most = min(most, firstWait<<max(shift, 0))
	}
	return rand.N(most)
}

// Demanded is how long to wait where a server asked for so much: a little more,
// so that not all come back in the same moment.
func Demanded(after time.Duration) time.Duration { return after + rand.N(after/10+1) }

// Pause waits, and ends at once with ctx, whose error it returns.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// WaitEvent tells a person that a request is sent again after a pause, and why.
func WaitEvent(d time.Duration, why *engine.Error) engine.Event {
	when := ""
	if d >= time.Second {
		when = fmt.Sprintf(" in %v", d.Round(time.Second))
	}
	return engine.Event{Kind: engine.Wait, After: d, Demanded: why.RetryAfter > 0, Text: "trying again" + when + ": " + why.Message}
}

// tries counts how often a request has failed.
type tries struct {
	calls      Calls
	background bool // nobody waits for the answer
	failed     int
}

// again returns how long to wait until the request is sent once more, and
// whether it is: not where it would fail in the same way, not too often, and not
// where its time were over meanwhile.
func (t *tries) again(ctx context.Context, why *engine.Error) (wait time.Duration, ok bool) {
	// A server on this machine that is not there is told at once to whoever
	// waits. For a batch it may be about to come back.
	later := why.Temporary || t.background && errors.Is(why, syscall.ECONNREFUSED)
	if !later || t.failed >= t.calls.retries || why.RetryAfter > LongestRetryAfter || ctx.Err() != nil {
		return 0, false
	}
	wait = backoff(t.failed + 1)
	if why.RetryAfter > 0 {
		wait = Demanded(why.RetryAfter)
	}
	if end, limited := ctx.Deadline(); limited && time.Until(end) <= wait {
		return 0, false
	}
	t.failed++
	return wait, true
}

// last is the error of a request that is not sent again.
func (t *tries) last(why *engine.Error) *engine.Error {
	if t.failed == 0 || why.Kind == engine.Cancelled {
		return why
	}
	e := *why
	e.Message += fmt.Sprintf(" (tried %d times)", t.failed+1)
	return &e
}

// Again does once what asks the server something, and again where it fails for a
// moment: like Stream, for what is no answer. Once returns errors for people.
func (c Calls) Again(ctx context.Context, once func(ctx context.Context) error) error {
	ctx, cancel := c.Within(ctx)
	defer cancel()
	t := tries{calls: c}
	for {
		err := once(ctx)
		var why *engine.Error
		if err == nil || !errors.As(err, &why) {
			return err
		}
		wait, ok := t.again(ctx, why)
		if !ok {
			return t.last(why)
		}
		if c.pause(ctx, wait) != nil {
			return Stopped(ctx)
		}
	}
}
