package native

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// connection is an attachment to a worker: as long as it is open, the worker
// lives and keeps its model.
type connection struct {
	info  engine.Info
	fresh bool // the model had to be loaded and no chat has waited for it yet

	cancel  context.CancelFunc
	gone    chan struct{} // closed when the worker hung up
	child   *child        // nil if somebody else started the worker
	logFile string
}

// child is a worker that this process started.
type child struct {
	pid    int
	exited chan struct{}
	state  *os.ProcessState // valid after exited
}

const (
	// attachTimeout is how long a worker may take to start, listen and answer.
	// It answers while it loads and while it computes.
	attachTimeout = 20 * time.Second
	pollInterval  = 3 * time.Millisecond
)

// errSilent ends the wait for a worker that does not answer.
var errSilent = errors.New("no answer")

func (e *Engine) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	dir, err := socketDir()
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	return d.DialContext(ctx, "unix", socketPath(dir, e.spec.key()))
}

// attach returns the connection to a worker with the model loaded; it starts
// the worker if there is none. pass is told of the load.
func (e *Engine) attach(ctx context.Context, pass func(engine.Event) bool) (*connection, error) {
	select {
	case <-e.attaching:
		defer func() { e.attaching <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c := e.current(); c != nil {
		return c, nil
	}
	dir, err := socketDir()
	if err != nil {
		return nil, &engine.Error{Kind: engine.Failed, Message: err.Error(), Err: err}
	}
	// The connection outlives the ctx of the call that made it.
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	c := &connection{cancel: cancel, gone: make(chan struct{}), logFile: logPath(dir, e.spec.key())}
	resp, err := e.reach(life, c)
	if err == nil {
		err = c.load(resp.Body, pass)
	}
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		cancel()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			if err := e.lostWhileLoading(c); err != nil {
				return nil, err
			}
			return nil, &engine.Error{
				Kind:    engine.WorkerDied,
				Message: fmt.Sprintf("the native engine's worker process ended while it loaded %s%s", e.spec.Model, c.obituary()),
				Hint:    c.offloadHint(),
			}
		}
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.connection = c
	return c, nil
}

// current returns the connection if there is one whose worker still lives.
func (e *Engine) current() *connection {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.connection == nil {
		return nil
	}
	select {
	case <-e.connection.gone: // it died while nobody asked it
		e.connection.close()
		e.connection = nil
	default:
	}
	return e.connection
}

// reach asks a worker to attach, starting one if none listens.
func (e *Engine) reach(ctx context.Context, c *connection) (*http.Response, error) {
	query := url.Values{"keep_alive": {e.keepAlive.String()}}
	ctx, giveUp := context.WithCancelCause(ctx)
	patience := time.AfterFunc(e.attachTimeout, func() { giveUp(errSilent) })
	defer patience.Stop()
	for {
		resp, err := e.request(ctx, http.MethodGet, "/attach?"+query.Encode(), nil)
		if err == nil && resp.StatusCode == http.StatusOK {
			return resp, nil
		}
		if err == nil {
			resp.Body.Close()
			return nil, &engine.Error{Kind: engine.Failed, Message: "the native worker refused to be used: " + resp.Status}
		}
		switch {
		case context.Cause(ctx) == errSilent:
			return nil, &engine.Error{
				Kind:    engine.Unreachable,
				Message: "the native engine's worker process does not answer" + c.obituary(),
				Hint:    "it may be stopped or stuck: end the process 'vlmchat " + WorkerCommand + "' and ask again",
				Err:     err,
			}
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case c.child == nil:
			if c.child, err = e.spawn(); err != nil {
				return nil, &engine.Error{Kind: engine.Failed, Message: "starting the native engine's worker process: " + err.Error(), Err: err}
			}
			c.fresh = true
		default:
			select {
			case <-c.child.exited:
				if c.child.state.ExitCode() != exitTaken && c.child.state.ExitCode() != exitOK {
					if err := e.lostWhileLoading(c); err != nil {
						return nil, err
					}
					return nil, &engine.Error{Kind: engine.Unreachable, Message: "the native engine's worker process ended at its start" + c.obituary()}
				}
				// Another worker has the lock: it listens soon, or it is just
				// ending and the next try may start one.
				c.child = nil
			default:
			}
		}
		time.Sleep(pollInterval)
	}
}

// spawn starts a worker.
func (e *Engine) spawn() (*child, error) {
	dir, err := socketDir()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(logPath(dir, e.spec.key()), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd, err := e.spec.command(context.Background()) // it outlives who starts it
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Dir = dir // not to hold on to the user's directory
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{pid: cmd.Process.Pid, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		c.state = cmd.ProcessState
		close(c.exited)
	}()
	return c, nil
}

// load reads what the worker tells of its load and then watches the connection
// in the background.
func (c *connection) load(body io.ReadCloser, pass func(engine.Event) bool) error {
	attached := false
	d := json.NewDecoder(body)
	for !attached {
		var l line
		if err := d.Decode(&l); err != nil {
			body.Close()
			return io.ErrUnexpectedEOF
		}
		switch {
		case l.Error != nil:
			body.Close()
			return l.Error
		case l.Info != nil:
			c.info, attached = *l.Info, true
		case l.Event != nil:
			c.fresh = true
			if !pass(*l.Event) {
				body.Close()
				return context.Canceled
			}
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, body)
		body.Close()
		close(c.gone)
	}()
	return nil
}

func (c *connection) close() { c.cancel() }

// obituary says why the worker ended, as far as can be known: what it wrote
// last, and how its process ended if it was ours.
func (c *connection) obituary() string {
	var reasons []string
	if c.child != nil {
		select {
		case <-c.child.exited:
			// Unless it was another's worker that served.
			if c.child.state.ExitCode() != exitTaken {
				reasons = append(reasons, exitReason(c.child.state))
			}
		case <-time.After(200 * time.Millisecond): // its connection ends a moment before it does
		}
	}
	reasons = append(reasons, c.logged(fatalMark)...)
	if len(reasons) == 0 {
		return ""
	}
	return ": " + strings.Join(reasons, "; ")
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

// logged returns the lines of the worker's log that begin with mark, without it.
func (c *connection) logged(mark string) []string {
	b, err := os.ReadFile(c.logFile)
	if err != nil {
		return nil
	}
	var found []string
	for l := range strings.Lines(string(b)) {
		if text, ok := strings.CutPrefix(l, mark); ok {
			found = append(found, strings.TrimSpace(text))
		}
	}
	return found
}
