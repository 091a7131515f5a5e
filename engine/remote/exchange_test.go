package remote

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// hangsUp is a server that closes every connection at the second request on
// it, the way servers do that have tired of an idle one, after it has read some
// of the request.
func hangsUp(t *testing.T) (url string, answered *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	answered = &atomic.Int32{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				req, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, req.Body)
				answered.Add(1)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				_, _ = io.ReadFull(r, make([]byte, 100))
			}()
		}
	}()
	return "http://" + l.Addr().String(), answered
}

func TestTiredConnection(t *testing.T) {
	t.Parallel()
	url, answered := hangsUp(t)
	tr := newTransport(0)
	for i := range 3 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(strings.Repeat("x", 1<<20)))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := Exchange(tr, req, Patient)
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		if b, err := io.ReadAll(resp.Body); err != nil || string(b) != "ok" {
			t.Errorf("%q, %v", b, err)
		}
		resp.Body.Close()
	}
	if n := answered.Load(); n != 3 {
		t.Errorf("%d answers", n)
	}
}

// Of requests that come together, those that are sent again don't take what another
// one has just left, as that is tired too.
func TestTiredConnections(t *testing.T) {
	t.Parallel()
	const clients, requests = 8, 50
	url, answered := hangsUp(t)
	tr := newTransport(0)
	tr.MaxIdleConnsPerHost = clients
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for range requests {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(strings.Repeat("x", 200)))
				if err != nil {
					t.Error(err)
					return
				}
				resp, err := Exchange(tr, req, Patient)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
	all.Wait()
	if n := answered.Load(); n != clients*requests && !t.Failed() {
		t.Errorf("%d answers", n)
	}
}

// A fresh connection that is closed is a failure, not to be tried again.
func TestServerThatHangsUp(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var calls atomic.Int32
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			_, _ = c.Read(make([]byte, 10))
			c.Close()
		}
	}()
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+l.Addr().String(), strings.NewReader("x"))
	_, err = Exchange(newTransport(0), req, Patient)
	if engine.KindOf(err) != engine.Unreachable || calls.Load() != 1 {
		t.Error(err, calls.Load())
	}
}

// That the time is over is told from that a person stopped it.
func TestStopped(t *testing.T) {
	t.Parallel()
	late, done := context.WithTimeout(t.Context(), 0)
	defer done()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if e := Stopped(late); e.Kind != engine.TimedOut || !errors.Is(e, context.DeadlineExceeded) {
		t.Error(e.Kind, e)
	}
	if e := Stopped(stopped); e.Kind != engine.Cancelled || !errors.Is(e, context.Canceled) {
		t.Error(e.Kind, e)
	}
}
