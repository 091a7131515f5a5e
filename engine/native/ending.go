package native

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// ending is the end of a worker process as an error.
type ending struct {
	failure *engine.Error
	again   bool // a fresh worker may well do better
}

// Error says how the worker ended.
func (e *ending) Error() string { return e.failure.Message }

// Unwrap returns the *engine.Error.
func (e *ending) Unwrap() error { return e.failure }

// failed explains a request that did not get through or an answer that did not
// come to its end: cancelled, or the worker is gone or stuck.
func (e *Engine) failed(ctx context.Context, c *connection) error {
	switch {
	case errors.Is(context.Cause(ctx), errSilent):
		return e.silenced(c)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return e.died(c)
}

// farewellPatience is how long the end of a worker may take to be known on
// another of its connections than that on which it was noticed.
const farewellPatience = time.Second

// died forgets a worker that ended and says why it did.
func (e *Engine) died(c *connection) error {
	e.forget(c)
	defer c.close()
	select {
	case <-c.gone:
	case <-time.After(farewellPatience):
	}
	if stopped := c.farewell.Load(); stopped != nil {
		return stopped
	}
	reason, hint := c.obituary(), "ask again: a fresh worker is started, and the conversation goes on"
	if offload := c.offloadHint(); offload != "" {
		hint += "; " + offload
	}
	if err := e.lostServer("in the middle of the answer"); err != nil {
		return err
	}
	if len(e.spec.RPC) > 0 {
		reason += "; it computed on " + strings.Join(e.spec.RPC, ", ") + ", which can be reached now and may have been started anew"
	}
	return &ending{&engine.Error{
		Kind:    engine.WorkerDied,
		Message: "the native engine's worker process ended in the middle of the answer" + reason,
		Hint:    hint,
	}, true}
}

// diedLoading says why a worker ended while it loaded. What ended in llama.cpp
// would again.
func (e *Engine) diedLoading(c *connection) error {
	if stopped := c.farewell.Load(); stopped != nil {
		return stopped
	}
	if err := e.lostWhileLoading(c); err != nil {
		return err
	}
	return &ending{&engine.Error{
		Kind:    engine.WorkerDied,
		Message: fmt.Sprintf("the native engine's worker process ended while it loaded %s%s", e.spec.path(), c.obituary()),
		Hint:    c.offloadHint(),
	}, c.endedFromOutside()}
}

// endedAtStart says why a worker ended before it listened.
func (e *Engine) endedAtStart(c *connection) error {
	return &ending{&engine.Error{
		Kind:    engine.Unreachable,
		Message: "the native engine's worker process ended at its start" + c.obituary(),
	}, c.endedFromOutside()}
}

// silenced ends a worker that gives no sign of life.
func (e *Engine) silenced(c *connection) error {
	e.forget(c)
	defer c.close()
	if !c.peer.kill() {
		select {
		case <-c.gone: // somebody else ended it
		default:
			return e.unreachable(c)
		}
	}
	return &ending{&engine.Error{
		Kind:    engine.WorkerDied,
		Message: fmt.Sprintf("the native engine's worker process gave no sign of life for %v and was ended", e.silenceLimit),
		Hint:    "ask again: a fresh worker is started, and the conversation goes on",
	}, true}
}

// unreachable says that a worker does not answer and can't be ended either.
func (e *Engine) unreachable(c *connection) error {
	which := "the process 'vlmchat " + WorkerCommand + "'"
	if pids := c.logged(pidMark); len(pids) > 0 {
		which = "process " + pids[len(pids)-1] + " ('vlmchat " + WorkerCommand + "')"
	}
	return &engine.Error{
		Kind:    engine.Unreachable,
		Message: "the native engine's worker process does not answer" + c.obituary(),
		Hint:    "it may be stopped or stuck: end " + which + " and ask again",
		Err:     errSilent,
	}
}

// forget lets the next question find another worker.
func (e *Engine) forget(c *connection) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.connection == c {
		e.connection = nil
	}
}

// obituary says why the worker ended, as far as can be known: how its process
// ended if it was ours, and what it wrote last.
func (c *connection) obituary() string {
	var reasons []string
	if state := c.exitState(); state != nil && state.ExitCode() != exitTaken { // else it was another's worker that served
		reasons = append(reasons, exitReason(state))
	}
	reasons = append(reasons, c.words()...)
	if len(reasons) == 0 {
		return ""
	}
	return ": " + strings.Join(reasons, "; ")
}

// endedFromOutside reports whether somebody ended the worker, rather than
// something in it.
func (c *connection) endedFromOutside() bool {
	state := c.exitState()
	return len(c.words()) == 0 && (state == nil || killed(state))
}

// exitState is how the process ended, nil if it was not ours or still runs.
func (c *connection) exitState() *os.ProcessState {
	if c.child == nil {
		return nil
	}
	select {
	case <-c.child.exited:
		return c.child.state
	case <-time.After(200 * time.Millisecond): // its connection ends a moment before it does
		return nil
	}
}

// words is what the worker left of the reason for its end.
func (c *connection) words() []string {
	if fatal := c.logged(fatalMark); len(fatal) > 0 {
		return fatal
	}
	if last := lastWords(c.stderr()); last != "" {
		return []string{last}
	}
	return nil
}

// offloadHint says what to try when a worker that had something on a GPU ended:
// drivers and backends end their process when a device's memory is full. It is
// "" if all was the CPU's.
func (c *connection) offloadHint() string {
	plans := c.logged(offloadMark)
	if len(plans) == 0 {
		return ""
	}
	return "it had " + plans[len(plans)-1] + ": if that was too much for the memory there, try fewer (--gpu-layers N), " +
		"a smaller context (--ctx N) or the CPU (--device none)"
}
