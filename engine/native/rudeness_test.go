package native

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// dialWorker connects to the worker of an engine as a stranger to the protocol.
func dialWorker(t *testing.T, e *Engine) net.Conn {
	t.Helper()
	if _, err := e.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := e.dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

// What no client of ours would send costs the worker nothing.
func TestGarbageOnTheSocket(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	for _, request := range []string{
		"\x00\x01\x02\x03\xff\n\n",
		"GET /nothing HTTP/1.1\r\nHost: worker\r\n\r\n",
		"GET /attach?keep_alive=soon HTTP/1.1\r\nHost: worker\r\n\r\n",
		"PUT /pictures/x?width=-1&height=1 HTTP/1.1\r\nHost: worker\r\nContent-Length: 0\r\n\r\n",
		"PUT /pictures/x?width=999999999&height=999999999 HTTP/1.1\r\nHost: worker\r\nContent-Length: 0\r\n\r\n",
		"POST /chat HTTP/1.1\r\nHost: worker\r\nContent-Length: 9\r\n\r\nno JSON..",
		"POST /chat HTTP/1.1\r\nHost: worker\r\nContent-Length: 2\r\n\r\n{}",
		"POST /chat HTTP/1.1\r\nHost: worker\r\nContent-Length: 9999999999999\r\n\r\n{",
		"GET /" + strings.Repeat("a", 2<<20) + " HTTP/1.1\r\n\r\n",
	} {
		c := dialWorker(t, e)
		_, _ = io.WriteString(c, request) // the worker may hang up in the middle
		_, _ = bufio.NewReader(io.LimitReader(c, 8)).ReadString('\n')
		c.Close()
	}
	pid := e.connection.peer.pid()
	mustAsk(t, e, greedy, engine.Text(engine.User, "Who are you?"))
	if e.connection.peer.pid() != pid {
		t.Error("garbage cost the worker")
	}
}

// A client that stops in the middle of its request, and one that reads none of
// its answer, keep nobody waiting.
func TestClientsThatHang(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	whole := mustAsk(t, e, greedy, engine.Text(engine.User, "Who are you?"))
	body, err := json.Marshal(toWire(engine.Request{
		Messages: []engine.Message{engine.Text(engine.User, "Describe this image.")},
		Sampling: engine.Sampling{Temperature: 5, TopP: 1, MaxTokens: 900},
	}))
	if err != nil {
		t.Fatal(err)
	}
	head := "POST /chat HTTP/1.1\r\nHost: worker\r\nContent-Length: "
	for _, text := range []string{
		"POST /chat HTTP/1.1\r\nHost",
		head + "100\r\n\r\n{\"mess",
		"PUT /pictures/x?width=100&height=100 HTTP/1.1\r\nHost: worker\r\nContent-Length: 30000\r\n\r\nabc",
		head + jsonLength(body) + "\r\n\r\n" + string(body),
		head + jsonLength(body) + "\r\n\r\n" + string(body),
	} {
		write(t, dialWorker(t, e), text)
	}
	for range 5 {
		if a := mustAsk(t, e, greedy, engine.Text(engine.User, "Who are you?")); a.text != whole.text {
			t.Errorf("beside clients that hang the answer is %q", a.text)
		}
	}
}

func jsonLength(b []byte) string {
	n, _ := json.Marshal(len(b))
	return string(n)
}

// A silent computation shows that it lives.
func TestBeats(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		out := newLineWriter(rw)
		stop := out.beat(time.Millisecond)
		<-done
		stop()
		out.write(line{Count: &engine.Count{}})
	}))
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	beats := 0
	err = readLines(resp.Body, func(l line) (bool, error) {
		if l.Beat {
			if beats++; beats == 3 {
				close(done)
			}
		}
		return l.Count == nil, nil
	})
	if err != nil || beats < 3 {
		t.Errorf("%d beats, %v", beats, err)
	}
}
