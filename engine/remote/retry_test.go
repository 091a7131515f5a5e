package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// faulty is a server that does something else at each request, and at the last
// ones what it did before. It keeps what it was sent.
type faulty struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string // method, key and body
}

// reset, in place of an answer, is a connection that breaks.
func reset(w http.ResponseWriter) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_ = c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

// whole is a good answer.
func whole(w http.ResponseWriter) { _, _ = io.WriteString(w, "Hello.") }

// said is an answer that breaks off behind its first word.
func said(w http.ResponseWriter) {
	_, _ = io.WriteString(w, "He")
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func status(code int, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for _, h := range header {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(code)
	}
}

func serve(t *testing.T, answers ...func(http.ResponseWriter)) *faulty {
	t.Helper()
	f := &faulty{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		f.requests = append(f.requests, r.Method+" "+r.Header.Get("Authorization")+" "+string(body))
		answer := answers[min(len(f.requests), len(answers))-1]
		f.mu.Unlock()
		answer(w)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *faulty) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.requests)
}

// client asks a server in the way that the engines do, with a clock of its own.
type client struct {
	Calls
	url    string
	waited []time.Duration
}

func newClient(t *testing.T, url string, retries int) *client {
	c := &client{Calls: NewCalls(Options{Retries: retries}), url: url}
	c.pause = func(ctx context.Context, d time.Duration) error {
		c.waited = append(c.waited, d)
		return ctx.Err()
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// chat passes on two bytes of the answer at a time.
func (c *client) chat(ctx context.Context, emit func(engine.Event) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader("the whole conversation"))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "key")
	resp, err := Exchange(c.Transport, req, Patient)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Refused(req.URL.Host, resp, "")
	}
	for {
		piece := make([]byte, 2)
		n, err := io.ReadFull(resp.Body, piece)
		if n > 0 {
			if err := emit(engine.Event{Kind: engine.Delta, Text: string(piece[:n])}); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			return emit(engine.Event{Kind: engine.Done, Usage: &engine.Usage{TTFT: 1}})
		case err != nil:
			return err
		}
	}
}

func explained(ctx context.Context, err error) *engine.Error { return Explain(ctx, "host", "", err) }

// course is what a caller sees: the text, in brackets what was taken back, and what
// was said of pauses.
type course struct {
	text  string
	waits []string
	err   error
}

func (c *client) ask(ctx context.Context, req engine.Request) (seen course) {
	for ev, err := range c.Stream(ctx, req, c.chat, explained) {
		switch {
		case err != nil:
			seen.err = err
		case ev.Kind == engine.Delta:
			seen.text += ev.Text
		case ev.Kind == engine.Restart:
			seen.text = "[" + seen.text + "]"
		case ev.Kind == engine.Wait:
			seen.waits = append(seen.waits, ev.Text)
		}
	}
	return seen
}

// TestTriesAgain is the table of what is tried again, and of what is not.
func TestTriesAgain(t *testing.T) {
	t.Parallel()
	type answers = []func(http.ResponseWriter)
	repeat := func(f func(http.ResponseWriter), n int) (all answers) {
		for range n {
			all = append(all, f)
		}
		return all
	}
	cases := []struct {
		name    string
		answers answers
		restart bool
		retries int
		asked   int // how often the server saw the request
		text    string
		kind    engine.ErrorKind
		message string
	}{
		{name: "no trouble", answers: answers{whole}, retries: 3, asked: 1, text: "Hello."},
		{name: "one status of each kind", answers: answers{status(408), status(409), status(429), status(500), status(502), status(503), status(504), status(529), whole}, retries: 8, asked: 9, text: "Hello."},
		{name: "resets", answers: append(repeat(reset, 3), whole), retries: 3, asked: 4, text: "Hello."},
		{name: "too many resets", answers: append(repeat(reset, 4), whole), retries: 3, asked: 4, kind: engine.Unreachable, message: "closed the connection without an answer (tried 4 times)"},
		{name: "none wanted", answers: answers{status(503), whole}, asked: 1, kind: engine.Unreachable, message: "is not ready"},
		{name: "refused for good", answers: answers{status(400), whole}, retries: 3, asked: 1, kind: engine.Failed},
		{name: "wrong key", answers: answers{status(401), whole}, retries: 3, asked: 1, kind: engine.Unauthorized},
		{name: "not implemented", answers: answers{status(501), whole}, retries: 3, asked: 1, kind: engine.Failed},
		{name: "redirect", answers: answers{status(307, "Location: http://localhost:1/"), whole}, retries: 3, asked: 1, kind: engine.Unreachable},
		{name: "the server knows better", answers: answers{status(429, "X-Should-Retry: false"), whole}, retries: 3, asked: 1, kind: engine.RateLimited},
		{name: "the server knows worse", answers: answers{status(400, "X-Should-Retry: true"), whole}, retries: 3, asked: 2, text: "Hello."},
		{name: "too long to wait", answers: answers{status(429, "Retry-After: 3600"), whole}, retries: 3, asked: 1, kind: engine.RateLimited, message: "try again in 1h0m0s"},
		{name: "breaks off", answers: answers{said, whole}, retries: 3, asked: 1, text: "He", kind: engine.AnswerCut},
		{name: "fails, and breaks off", answers: answers{status(500), said, whole}, retries: 3, asked: 2, text: "He", kind: engine.AnswerCut},
		{name: "breaks off, and may begin anew", answers: answers{said, said, whole}, restart: true, retries: 3, asked: 3, text: "[[He]He]Hello."},
		{name: "breaks off too often", answers: answers{said}, restart: true, retries: 2, asked: 3, text: "[[He]He]He", kind: engine.AnswerCut, message: "(tried 3 times)"},
		{name: "fails, breaks off, fails", answers: answers{status(500), said, status(503), whole}, restart: true, retries: 3, asked: 4, text: "[He]Hello."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, c.answers...)
			client := newClient(t, srv.URL, c.retries)
			got := client.ask(t.Context(), engine.Request{Restart: c.restart})
			if got.text != c.text {
				t.Errorf("the text is %q, want %q", got.text, c.text)
			}
			if n := srv.count(); n != c.asked || len(got.waits) != n-1 || len(client.waited) != n-1 {
				t.Errorf("asked %d times, want %d; %q, %v", n, c.asked, got.waits, client.waited)
			}
			for _, r := range srv.requests {
				if r != "POST key the whole conversation" {
					t.Errorf("the server was sent %q", r)
				}
			}
			if c.kind == "" {
				if got.err != nil {
					t.Error(got.err)
				}
				return
			}
			var e *engine.Error
			if !errors.As(got.err, &e) || e.Kind != c.kind || !strings.Contains(e.Message+" "+e.Hint, c.message) {
				t.Fatalf("%+v", got.err)
			}
			again := c.asked > 1
			if strings.Contains(e.Message, "(tried") != again || again && !strings.Contains(e.Message, fmt.Sprintf("(tried %d times)", c.asked)) {
				t.Errorf("asked %d times, and the error says %q", c.asked, e.Message)
			}
		})
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for failures := range 200 {
		most := max(0, time.Duration(1<<min(max(failures-1, 0), 5))*time.Second)
		if d := backoff(failures); d < 0 || d >= min(most, longestWait) {
			t.Errorf("%v after %d failures", d, failures)
		}
	}
	first := backoff(4)
	for range 10 {
		if backoff(4) != first {
			return
		}
	}
	t.Error("all clients come back at once")
}

// What a server asks for is waited for, and not much more.
func TestRetryAfterIsWaitedFor(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"Retry-After: 60":        time.Minute,
		"Retry-After: 120":       2 * time.Minute,
		"Retry-After-Ms: 90000":  90 * time.Second,
		"Retry-After: " + inAMin: time.Minute,
	} {
		for _, code := range []int{408, 429, 500, 503, 529} {
			srv := serve(t, status(code, header, "Date: "+noon), whole)
			c := newClient(t, srv.URL, 1)
			got := c.ask(t.Context(), engine.Request{})
			if got.text != "Hello." || len(c.waited) != 1 || c.waited[0] < want || c.waited[0] > want+want/10 {
				t.Errorf("%s: waited %v, %+v", header, c.waited, got)
			}
			if !strings.HasPrefix(got.waits[0], "trying again in ") || !strings.Contains(got.waits[0], srv.Listener.Addr().String()) {
				t.Error(got.waits)
			}
		}
	}
}

// A date counts from the server's own clock, which is far from ours here.
const noon, inAMin = "Sun, 01 Nov 2020 12:00:00 GMT", "Sun, 01 Nov 2020 12:01:00 GMT"

// However a caller stops, nothing is sent any more.
func TestStoppingWhileWaiting(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(c *client, cancel context.CancelFunc){
		"cancelling": func(_ *client, cancel context.CancelFunc) { cancel() },
		"closing":    func(c *client, _ context.CancelFunc) { _ = c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, status(503, "Retry-After: 100"))
			c := newClient(t, srv.URL, 3)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c.pause = func(ctx context.Context, d time.Duration) error {
				stop(c, cancel)
				return Pause(ctx, d)
			}
			if got := c.ask(ctx, engine.Request{}); engine.KindOf(got.err) != engine.Cancelled || srv.count() != 1 {
				t.Error(got.err, srv.count())
			}
		})
	}
}

func TestLeavingWhileWaiting(t *testing.T) {
	t.Parallel()
	for _, kind := range []engine.EventKind{engine.Restart, engine.Wait} {
		srv := serve(t, said)
		c := newClient(t, srv.URL, 3)
		for ev, err := range c.Stream(t.Context(), engine.Request{Restart: true}, c.chat, explained) {
			if err != nil || ev.Kind == kind {
				break
			}
		}
		if srv.count() != 1 || len(c.waited) != 0 {
			t.Error(kind, srv.count(), c.waited)
		}
	}
}

// Where the time of the caller would be over, the failure is told and not that.
func TestNoTimeToWait(t *testing.T) {
	t.Parallel()
	srv := serve(t, status(429, "Retry-After: 100"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if got := newClient(t, srv.URL, 3).ask(ctx, engine.Request{}); engine.KindOf(got.err) != engine.RateLimited || srv.count() != 1 {
		t.Error(got.err)
	}
}

// What has been waited for counts as waiting for the first text.
func TestTTFTCountsFromTheFirstTry(t *testing.T) {
	t.Parallel()
	c := newClient(t, serve(t, status(503), whole).URL, 1)
	c.pause = func(context.Context, time.Duration) error { time.Sleep(5 * time.Millisecond); return nil }
	for ev, err := range c.Stream(t.Context(), engine.Request{}, c.chat, explained) {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Kind == engine.Done && ev.Usage.TTFT < 5*time.Millisecond {
			t.Error(ev.Usage.TTFT)
		}
	}
}

// A server on this machine that is not there is told at once to a person; a batch
// waits for it to come back.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	l.Close()
	for background, waits := range map[bool]int{false: 0, true: 2} {
		c := newClient(t, url, 2)
		got := c.ask(t.Context(), engine.Request{Background: background})
		if engine.KindOf(got.err) != engine.Unreachable || len(c.waited) != waits {
			t.Error(background, got.err, c.waited)
		}
	}
}

// What stands between is named, not the server behind it.
func TestProxyThatIsNotThere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	proxy := &url.URL{Scheme: "http", Host: l.Addr().String(), User: url.UserPassword("ada", "secret")}
	l.Close()
	for _, scheme := range []string{"http", "https"} {
		c := newClient(t, scheme+"://server.example/", 2)
		c.Transport.Proxy = http.ProxyURL(proxy)
		got := c.ask(t.Context(), engine.Request{})
		if engine.KindOf(got.err) != engine.Unreachable || len(c.waited) != 0 {
			t.Errorf("%s: %v, waited %v", scheme, got.err, c.waited)
		}
		const want = "the proxy on the way to server.example can't be reached: connection refused"
		if text := got.err.Error(); !strings.Contains(text, want) || strings.Contains(text, "secret") {
			t.Errorf("%s: %v", scheme, got.err)
		}
	}
}

// A server that waits for a request in http never answers the beginning of one in
// https.
func TestSilenceInHTTPS(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c := newClient(t, "https://"+l.Addr().String(), 2)
	c.Transport.TLSHandshakeTimeout = 10 * time.Millisecond
	got := c.ask(t.Context(), engine.Request{})
	var e *engine.Error
	if !errors.As(got.err, &e) || e.Kind != engine.Unreachable || !strings.Contains(e.Message, "https") || !strings.Contains(e.Hint, "http://") {
		t.Errorf("%+v", got.err)
	}
}

// TestWorthAnotherTry is the table of the network's errors.
func TestWorthAnotherTry(t *testing.T) {
	t.Parallel()
	dial := func(ip string, err error) error {
		return &net.OpError{Op: "dial", Addr: &net.TCPAddr{IP: net.ParseIP(ip), Port: 1}, Err: err}
	}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{dial("127.0.0.1", syscall.ECONNREFUSED), false},
		{dial("::1", syscall.ECONNREFUSED), false},
		{dial("192.0.2.1", syscall.ECONNREFUSED), true},
		{dial("192.0.2.1", syscall.ETIMEDOUT), false},
		{&net.OpError{Op: "proxyconnect", Err: dial("127.0.0.1", syscall.ECONNREFUSED)}, false},
		{&net.OpError{Op: "proxyconnect", Err: dial("192.0.2.1", syscall.ECONNREFUSED)}, true},
		{&net.DNSError{Name: "h", IsNotFound: true}, false},
		{&net.DNSError{Name: "h", IsTemporary: true}, true},
		{io.EOF, true},
		{fmt.Errorf("read: %w", syscall.ECONNRESET), true},
		{fmt.Errorf("write: %w", syscall.EPIPE), true},
		{errors.New("stream error: stream ID 1; INTERNAL_ERROR; received from peer"), true},
		{errors.New("tls: bad certificate"), false},
	} {
		if got := unreachable("h", c.err); got.Temporary != c.want {
			t.Errorf("%v: %v", c.err, got.Temporary)
		}
	}
}

// A real TLS server whose certificate nobody knows is asked once.
func TestCertificateIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	var handshakes atomic.Int32
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			handshakes.Add(1)
		}
	}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	got := newClient(t, srv.URL, 3).ask(t.Context(), engine.Request{})
	if engine.KindOf(got.err) != engine.Unreachable || !strings.Contains(got.err.Error(), "certificate") || handshakes.Load() != 1 {
		t.Error(got.err, handshakes.Load())
	}
}

// Again does for other requests what Stream does for answers.
func TestAgain(t *testing.T) {
	t.Parallel()
	c := newClient(t, "", 2)
	asked := 0
	fail := func(e *engine.Error) error {
		asked = 0
		return c.Again(t.Context(), func(context.Context) error {
			if asked++; asked == 3 || e == nil {
				return nil
			}
			return e
		})
	}
	if err := fail(&engine.Error{Temporary: true}); err != nil || asked != 3 {
		t.Error(err, asked)
	}
	if err := fail(&engine.Error{Message: "no"}); err == nil || err.Error() != "no" || asked != 1 {
		t.Error(err, asked)
	}
	if err := fail(nil); err != nil || asked != 1 {
		t.Error(err, asked)
	}
	_ = c.Close()
	if err := fail(&engine.Error{Temporary: true, Message: "x"}); err == nil || asked != 1 {
		t.Error(err, asked)
	}
}
