package native

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

func TestParseRPC(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list string
		want []string
	}{
		{"", nil},
		{" ", nil},
		{"10.0.0.2:50052", []string{"10.0.0.2:50052"}},
		{" Node-1.lan:050052 , node_2:1", []string{"node-1.lan:50052", "node_2:1"}},
		{"a:1,a:2,b:1", []string{"a:1", "a:2", "b:1"}},
	} {
		if got, err := ParseRPC(c.list); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("ParseRPC(%q) is %q, %v", c.list, got, err)
		}
	}
	var many []string
	for port := 1; port <= maxRPCServers+1; port++ {
		many = append(many, net.JoinHostPort("h", string(rune('0'+port/10))+string(rune('0'+port%10))))
	}
	if got, err := ParseRPC(strings.Join(many[1:], ",")); err != nil || len(got) != maxRPCServers {
		t.Errorf("%d servers are %q, %v", maxRPCServers, got, err)
	}
	for list, reason := range map[string]string{
		"10.0.0.2":              "is not host:port",
		":50052":                "names no host",
		"h:0":                   `"0" is no port`,
		"h:65536":               `"65536" is no port`,
		"h:+1":                  `"+1" is no port`,
		"h:":                    `"" is no port`,
		"h:http":                `"http" is no port`,
		"a:1,,b:1":              "an entry is empty",
		"a:1,":                  "an entry is empty",
		"a:1,A:01":              "a:1 is named twice",
		"[::1]:50052":           "IPv6",
		"::1":                   "IPv6",
		"[fe80::1%eth0]:50052":  "IPv6",
		"http://h:50052":        "is not host:port",
		"h/x:50052":             "is no name of a host",
		"user@h:50052":          "is no name of a host",
		"h h:50052":             "is no name of a host",
		"h\x1b2J:50052":         "is no name of a host",
		strings.Join(many, ","): "there are 16 servers",
	} {
		if got, err := ParseRPC(list); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("ParseRPC(%q) is %q, %v; the error should say %q", list, got, err, reason)
		}
	}
}

func TestLeavesMachine(t *testing.T) {
	t.Parallel()
	for server, want := range map[string]bool{
		"localhost:1": false, "127.0.0.1:1": false, "127.8.8.8:1": false,
		"10.0.0.2:1": true, "localhost.example.org:1": true, "node:1": true,
	} {
		if got := LeavesMachine([]string{"127.0.0.1:2", server}); got != want {
			t.Errorf("that %s is another machine is %v", server, got)
		}
	}
	if LeavesMachine(nil) {
		t.Error("no server is another machine")
	}
}

// fakeRPC listens and hands every connection to serve, until the test ends.
func fakeRPC(t *testing.T, serve func(net.Conn)) (endpoint string) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return l.Addr().String()
}

// answerHello is a server whose HELLO has a payload of one length, and which
// answers with another: the way of llama.cpp's.
func answerHello(payload int, answer []byte) func(net.Conn) {
	return func(conn net.Conn) {
		head := make([]byte, 9)
		if _, err := io.ReadFull(conn, head); err != nil || head[0] != 14 || binary.LittleEndian.Uint64(head[1:]) != uint64(payload) {
			return
		}
		if _, err := io.CopyN(io.Discard, conn, int64(payload)); err != nil {
			return
		}
		_, _ = conn.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(answer))), answer...))
		_, _ = io.Copy(io.Discard, conn)
	}
}

func TestGreet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version string
		serve   func(net.Conn)
	}{
		{"7.0.1", answerHello(24, append([]byte{7, 0, 1, 0}, make([]byte, 24)...))},
		{"3.6.0", answerHello(0, []byte{3, 6, 0})},
	} {
		endpoint := fakeRPC(t, c.serve)
		g, err := greet(t.Context(), endpoint, time.Minute)
		if err != nil || g.version != c.version || g.address != endpoint || g.endpoint != endpoint {
			t.Errorf("a server of version %s is %+v, %v", c.version, g, err)
		}
	}
}

// Whatever else may listen at an endpoint is told apart, with its name.
func TestGreetingThatFails(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	for _, c := range []struct {
		name, endpoint, message string
	}{
		{"nothing", closed.Addr().String(), "can't be reached: connection refused"},
		{"no host", "no..where:50052", "can't be reached: no such host"},
		{"a web server", web.Listener.Addr().String(), `it answers "HTTP/1.1`},
		{"an ssh server", fakeRPC(t, func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-x\r\n") }), `it answers "SSH-2.0-x"`},
		{"one that hangs up", fakeRPC(t, func(net.Conn) {}), "hangs up"},
		{"binary", fakeRPC(t, answerHello(24, []byte{1, 2})), "in another way"},
		{"a length beyond measure", fakeRPC(t, answerHello(24, make([]byte, 1<<20))), "in another way"},
		{"one that serves somebody else", fakeRPC(t, func(c net.Conn) { <-t.Context().Done() }), "somebody else uses it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			patience := time.Minute
			if strings.Contains(c.message, "somebody") {
				patience = 100 * time.Millisecond
			}
			_, failure := greet(t.Context(), c.endpoint, patience)
			if failure == nil || failure.Kind != engine.Unreachable || failure.Hint == "" ||
				!strings.Contains(failure.Message, c.endpoint) || !strings.Contains(failure.Message, c.message) {
				t.Errorf("the error is %+v, and should have %q and a hint", failure, c.message)
			}
		})
	}
}

func TestGreetingThatIsCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	endpoint := fakeRPC(t, func(net.Conn) {
		cancel()
		<-t.Context().Done()
	})
	if _, err := greet(ctx, endpoint, time.Minute); err == nil || err.Kind != engine.Cancelled {
		t.Errorf("the error is %v", err)
	}
}

// All servers are greeted, and all that can't be used are told.
func TestGreetAll(t *testing.T) {
	t.Parallel()
	good := fakeRPC(t, answerHello(24, []byte{7, 0, 0, 0}))
	bad, worse := fakeRPC(t, func(net.Conn) {}), fakeRPC(t, func(net.Conn) {})
	greetings, failures := greetAll(t.Context(), []string{good, good}, time.Minute)
	if len(failures) > 0 || len(greetings) != 2 || greetings[1].version != "7.0.0" {
		t.Errorf("two servers are %+v, %v", greetings, failures)
	}
	_, failures = greetAll(t.Context(), []string{worse, good, bad}, time.Minute)
	if len(failures) != 2 {
		t.Fatalf("the errors are %v", failures)
	}
	e := joinFailures(failures)
	if !strings.HasPrefix(e.Message, "the RPC server "+worse) || !strings.Contains(e.Message, "; the RPC server "+bad) ||
		strings.Contains(e.Message, good) || e.Kind != engine.Unreachable || e.Hint != failures[0].Hint {
		t.Errorf("the error is %+v", e)
	}
}

// A runtime without the RPC backend is named, before any server is asked.
func TestRuntimeWithoutRPC(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.RPC = []string{fakeRPC(t, func(net.Conn) { t.Error("a server was asked") })}
	_, err := open(t, o).Info(t.Context())
	var failure *engine.Error
	if !errors.As(err, &failure) || failure.Kind != engine.RuntimeIncompatible ||
		!strings.Contains(failure.Message, o.Runtime.Name) || !strings.Contains(failure.Hint, "GGML_RPC") {
		t.Errorf("the error is %v", err)
	}
}

func FuzzReadHello(f *testing.F) {
	f.Add([]byte("\x1c\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00"))
	f.Add([]byte("HTTP/1.1 400"))
	f.Add([]byte{3})
	f.Fuzz(func(t *testing.T, answer []byte) {
		version, err := readHello(answer)
		if (version == "") == (err == nil) {
			t.Errorf("%q is version %q, %v", answer, version, err)
		}
		if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q gives an error with control characters: %q", answer, err)
		}
	})
}
