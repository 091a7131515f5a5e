package hub

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

const (
	attempts    = 6               // with nothing gained in between
	longestWait = 5 * time.Minute // that the hub may ask for
	firstWait   = time.Second     // ours, which doubles each time up to mostWait
	mostWait    = 30 * time.Second
)

// again does something until it works, an error is not of the kind that passes, or it has
// been tried often enough. It says what it waits for.
func (c *Client) again(ctx context.Context, said func(string), do func() error) error {
	for attempt := 1; ; attempt++ {
		err := do()
		if err == nil || attempt == attempts {
			return err
		}
		wait, ok := c.patience(err, attempt)
		if !ok {
			return err
		}
		if wait >= time.Second {
			said(fmt.Sprintf("trying again in %v: %v", wait.Round(time.Second), err))
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// patience is how long to wait after an error before the same is tried again, if it is any use.
func (c *Client) patience(err error, attempt int) (time.Duration, bool) {
	var e *engine.Error
	if !errors.As(err, &e) || !e.Temporary || e.RetryAfter > longestWait {
		return 0, false
	}
	if e.RetryAfter > 0 {
		return e.RetryAfter, true
	}
	wait := min(c.backoff<<(attempt-1), mostWait)
	return wait/2 + rand.N(wait/2+1), true
}

// sleep waits, unless that is broken off.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
