package native

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// connection is an attachment to a worker: as long as it is open, the worker
// lives and keeps its model.
type connection struct {
	info  engine.Info
	fresh atomic.Bool // the model had to be loaded and no chat has waited for it yet

	cancel   context.CancelFunc
	gone     chan struct{} // closed when the worker hung up
	farewell atomic.Pointer[engine.Error]
	peer     peer
	child    *child // nil if somebody else started the worker

	logFile, errFile string // see journal.go
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
	// maxPollInterval bounds the waiting for one that another process starts.
	maxPollInterval = 200 * time.Millisecond
)

// errSilent ends the wait for a worker that does not answer.
var errSilent = errors.New("no answer")

func (e *Engine) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	dir, err := socketDir()
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	return d.DialContext(ctx, "unix", socketPath(dir, e.spec.Key))
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
	c := &connection{
		cancel: cancel, gone: make(chan struct{}),
		logFile: logPath(dir, e.spec.Key), errFile: errPath(dir, e.spec.Key),
	}
	life, giveUp := context.WithCancelCause(life)
	p := newPatience(e.silenceLimit, func() { giveUp(errSilent) })
	resp, err := e.reach(life, c)
	if err == nil {
		err = c.load(resp.Body, p, pass)
	}
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(context.Cause(life), errSilent):
			return nil, e.silenced(c)
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, e.diedLoading(c)
		}
		return nil, err
	}
	slog.Debug("worker", "started", c.child != nil, "worker_pid", c.peer.pid(), "model", c.info.Model, "device", c.info.Device, "context", c.info.ContextSize)
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

// reach asks a worker to attach, starting one if none listens. One that listens
// and does not answer is ended, and another started in its place.
func (e *Engine) reach(ctx context.Context, c *connection) (*http.Response, error) {
	resp, err := e.reachSoon(ctx, c)
	if errors.Is(err, errSilent) && c.peer.kill() {
		c.child = nil
		resp, err = e.reachSoon(ctx, c)
	}
	if errors.Is(err, errSilent) {
		return nil, e.unreachable(c)
	}
	return resp, err
}

// reachSoon is reach that gives up after attachTimeout, with errSilent.
func (e *Engine) reachSoon(ctx context.Context, c *connection) (*http.Response, error) {
	query := url.Values{"keep_alive": {e.keepAlive.String()}, "client": {e.name}}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { c.peer.see(i.Conn) }})
	ctx, giveUp := context.WithCancelCause(ctx)
	p := newPatience(e.attachTimeout, func() { giveUp(errSilent) })
	p.wait()
	defer p.rest()
	pause := pollInterval
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
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case c.child == nil:
			if c.child, err = e.spawn(); err != nil {
				return nil, &engine.Error{Kind: engine.Failed, Message: "starting the native engine's worker process: " + err.Error(), Err: err}
			}
			c.fresh.Store(true)
		default:
			select {
			case <-c.child.exited:
				if c.child.state.ExitCode() != exitTaken && c.child.state.ExitCode() != exitOK {
					if err := e.lostWhileLoading(c); err != nil {
						return nil, err
					}
					return nil, e.endedAtStart(c)
				}
				// Another worker has the lock: it listens soon, or it is just
				// ending and the next try may start one.
				c.child = nil
				pause = min(2*pause, maxPollInterval)
			default:
			}
		}
		time.Sleep(pause)
	}
}

// spawn starts a worker.
func (e *Engine) spawn() (*child, error) {
	dir, err := socketDir()
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile(errPath(dir, e.spec.Key), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd, err := e.spec.command(context.Background()) // it outlives who starts it
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = out, out
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
func (c *connection) load(body io.ReadCloser, p *patience, pass func(engine.Event) bool) error {
	attached := false
	d := json.NewDecoder(p.reader(body))
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
			c.fresh.Store(true)
			if !pass(*l.Event) {
				body.Close()
				return context.Canceled
			}
		}
	}
	go c.watch(io.MultiReader(d.Buffered(), body), body)
	return nil
}

// watch waits until the worker hangs up. It says why if it was told to.
func (c *connection) watch(rest io.Reader, body io.Closer) {
	_ = readLines(rest, func(l line) (bool, error) {
		if l.Error != nil {
			c.farewell.Store(l.Error)
		}
		return true, nil
	})
	body.Close()
	c.peer.release()
	close(c.gone)
}

func (c *connection) close() { c.cancel() }
