// Package remote is what engines behind a server have in common: reaching it,
// not waiting for it forever, and telling a person what went wrong.
package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// Patience is how long silence may last before a server counts as stuck.
type Patience struct {
	Header time.Duration // until the answer begins: models are loaded and pictures encoded in it
	Idle   time.Duration // within the answer, from one piece to the next
}

// Patient is what real servers need. A large model on a slow disk takes
// minutes to load, and one that thinks may say nothing for a minute or two.
var Patient = Patience{Header: 15 * time.Minute, Idle: 5 * time.Minute}

// connectTimeout limits only the way to the server, not its work.
const connectTimeout = 10 * time.Second

// newTransport returns an HTTP transport that gives up early where nobody
// listens, after connect or by default 10 seconds, and lets the server work as
// long as Exchange allows.
func newTransport(connect time.Duration) *http.Transport {
	connect = cmp.Or(connect, connectTimeout)
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = connect
	return t
}

// errSilent is the cause of a request ended for want of patience.
var errSilent = errors.New("silent for too long")

// Exchange sends a request, without following redirects, and returns the
// response with a body that fails after too long a silence. Its errors, and
// those of the body, are *engine.Error: Unreachable, AnswerCut or Cancelled.
// Closing the body ends the request at once.
//
// Servers close connections that have been idle, and a request may be just on
// its way then: one that got no answer on a connection that was used before is
// sent again on a fresh one, at once. Whatever else is worth another try
// (engine.Error.Temporary) is the caller's business: see Calls.Stream.
func Exchange(t *http.Transport, req *http.Request, p Patience) (*http.Response, error) {
	resp, reused, err := exchange(t, req, p)
	var known *engine.Error
	if err == nil || !reused || req.Context().Err() != nil || errors.As(err, &known) {
		return resp, describe(req.URL.Host, err)
	}
	again := req.Clone(req.Context())
	if req.Body != nil {
		if req.GetBody == nil {
			return nil, describe(req.URL.Host, err)
		}
		if again.Body, err = req.GetBody(); err != nil {
			return nil, describe(req.URL.Host, err)
		}
	}
	t.CloseIdleConnections()
	resp, _, err = exchange(fresh(t), again, p)
	return resp, describe(req.URL.Host, err)
}

// fresh is a transport whose connections are used once. One that others use as
// well may have an idle connection again by now, which is no better.
func fresh(t *http.Transport) *http.Transport {
	t = t.Clone()
	t.DisableKeepAlives = true
	return t
}

// describe makes an *engine.Error of why there is no response.
func describe(host string, err error) error {
	var known *engine.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return unreachable(host, err)
}

// exchange sends a request once, and tells whether the connection was used
// before. The error is the network's, or an *engine.Error where the request
// was ended here.
func exchange(t *http.Transport, req *http.Request, p Patience) (resp *http.Response, reused bool, err error) {
	host := req.URL.Host
	parent := req.Context()
	ctx, cancel := context.WithCancelCause(parent)
	began := time.Now()
	trace := &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { reused = c.Reused }}
	watch := time.AfterFunc(p.Header, func() { cancel(errSilent) })
	resp, err = t.RoundTrip(req.WithContext(httptrace.WithClientTrace(ctx, trace)))
	watch.Stop()
	switch {
	case err == nil:
		slog.Debug("http", "method", req.Method, "host", host, "path", req.URL.Path, "status", resp.StatusCode,
			"sent_bytes", max(0, req.ContentLength), "connection_reused", reused, "took", time.Since(began))
		resp.Body = &body{src: resp.Body, host: host, parent: parent, ctx: ctx, cancel: cancel, idle: p.Idle}
		return resp, reused, nil
	case parent.Err() != nil:
		err = Stopped(parent)
	case errors.Is(context.Cause(ctx), errSilent):
		err = &engine.Error{Kind: engine.Unreachable, Message: fmt.Sprintf("the server at %s has not answered for %v", host, p.Header), Err: errSilent}
	}
	slog.Debug("http", "method", req.Method, "host", host, "path", req.URL.Path, "error", err, "connection_reused", reused, "took", time.Since(began))
	cancel(nil)
	return nil, reused, err
}

// Stopped is the error of a request whose context has ended.
func Stopped(ctx context.Context) *engine.Error {
	e := &engine.Error{Kind: engine.Cancelled, Message: "stopped", Err: ctx.Err()}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		e.Kind, e.Message = engine.TimedOut, "the time for the answer is over"
	}
	return e
}

// body watches a response's body.
type body struct {
	src    io.ReadCloser
	host   string
	parent context.Context
	ctx    context.Context
	cancel context.CancelCauseFunc
	idle   time.Duration

	mu  sync.Mutex // Read and Err may run in different goroutines
	err error
	got int64 // bytes
}

func (b *body) Read(p []byte) (int, error) {
	watch := time.AfterFunc(b.idle, func() { b.cancel(errSilent) })
	n, err := b.src.Read(p)
	watch.Stop()
	switch {
	case err == nil, err == io.EOF:
	case b.parent.Err() != nil:
		err = Stopped(b.parent)
	case errors.Is(context.Cause(b.ctx), errSilent):
		err = Cut(b.host, fmt.Sprintf("has sent nothing for %v", b.idle), errSilent)
	default:
		err = Cut(b.host, "closed the connection", err)
	}
	b.mu.Lock()
	b.err = err
	b.got += int64(n)
	b.mu.Unlock()
	return n, err
}

// Close ends the request.
func (b *body) Close() error {
	b.mu.Lock()
	slog.Debug("http ends", "host", b.host, "received_bytes", b.got)
	b.mu.Unlock()
	b.cancel(context.Canceled)
	return b.src.Close()
}

// Err returns what ended a response's body that Exchange returned, io.EOF if it
// is whole, for clients that keep it to themselves.
func Err(resp *http.Response) error {
	b, ok := resp.Body.(*body)
	if !ok {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// Cut is the error of an answer that ended before its end: the server at host
// did what how says. The server, or another one, may do better the next time.
func Cut(host, how string, cause error) *engine.Error {
	return &engine.Error{
		Kind:    engine.AnswerCut,
		Message: fmt.Sprintf("the answer is not whole: the server at %s %s before its end", host, how),
		Hint:    "ask again",
		Err:     cause,

		Temporary: true,
	}
}
