package ollama

import (
	"compress/gzip"
	"fmt"
	"image"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/enginetest"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// counting counts the bytes that come in.
type counting struct {
	net.Listener
	n *atomic.Int64
}

func (l counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return countingConn{c, l.n}, err
}

type countingConn struct {
	net.Conn
	n *atomic.Int64
}

func (c countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// Not one byte of a picture goes to a model that can't see.
func TestPictureStaysHere(t *testing.T) {
	t.Parallel()
	noise := image.NewGray(image.Rect(0, 0, 400, 400)) // which no format makes small
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.Uint32())
	}
	picture := pictureOf(t, noise)
	for show, sent := range map[string]bool{`{"capabilities":["completion"]}`: false, seeing: true} {
		var n atomic.Int64
		srv := httptest.NewUnstartedServer(fake{show: map[string]string{"": show}, chat: func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, hello+done)
		}})
		srv.Listener = counting{srv.Listener, &n}
		srv.Start()
		t.Cleanup(srv.Close)
		got := ask(t, open(t, Options{Host: srv.URL, Options: remote.Options{Model: "m"}}), question("?", picture))
		if (got.err == nil) != sent || n.Load() == 0 || (n.Load() > 100_000) != sent {
			t.Errorf("%d bytes came, and the error is %v", n.Load(), got.err)
		}
	}
}

// A server may compress what it sends; compressed bytes that are cut are an
// answer that is cut, and so is a connection that is reset.
func TestCompressedAndReset(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ cut, reset bool }{"whole": {}, "cut": {cut: true}, "reset": {reset: true}} {
		e := serve(t, Options{Options: remote.Options{Model: "m"}}, fake{chat: func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			if c.reset {
				_, _ = io.WriteString(w, hello)
				w.(http.Flusher).Flush()
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_ = conn.(*net.TCPConn).SetLinger(0)
				conn.Close()
				return
			}
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.WriteString(z, hello+world)
			_ = z.Flush()
			if !c.cut {
				_, _ = io.WriteString(z, done)
				_ = z.Close()
			}
		}})
		got := ask(t, e, question("?"))
		if name == "whole" && (got.err != nil || got.text != "Hello wörld") || name != "whole" && engine.KindOf(got.err) != engine.AnswerCut {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A body without an end is not read to its end.
func TestEndlessBody(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, strings.Repeat(" ", 1<<20)); err != nil {
				return
			}
		}
	}))
	t.Cleanup(srv.Close)
	if _, err := open(t, Options{Host: srv.URL}).Models(t.Context()); engine.KindOf(err) != engine.Failed || !strings.Contains(err.Error(), "no end") {
		t.Error(err)
	}
}

func TestModels(t *testing.T) {
	t.Parallel()
	list := `{"models":[{"name":"a:latest","size":7,"modified_at":"2025-01-01T00:00:00Z","details":{"parameter_size":"7B","quantization_level":"Q4_0"}},{"name":"gone:latest","modified_at":"2026-01-01T00:00:00Z"}`
	for i := range 50 {
		list += fmt.Sprintf(`,{"name":"m%d","modified_at":"2024-01-01T00:00:00Z"}`, i)
	}
	var going atomic.Int32
	f := fake{tags: list + "]}", show: map[string]string{
		"gone:latest": "",
		"":            `{"capabilities":["completion","vision","thinking"],"model_info":{"general.architecture":"llama","llama.context_length":4096}}`,
	}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := going.Add(1); n > atOnce {
			t.Errorf("%d requests at once", n)
		}
		defer going.Add(-1)
		time.Sleep(time.Millisecond) // or none would meet another
		f.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	all, err := open(t, Options{Host: srv.URL}).Models(t.Context())
	if err != nil || len(all) != 52 || all[0].Name != "gone:latest" || all[1].Name != "a:latest" {
		t.Fatalf("%+v, %v", all, err)
	}
	a := all[1]
	if a.Vision == nil || !*a.Vision || !a.Thinking || a.ContextSize != 4096 || a.Size != 7 || a.Parameters != "7B" || a.Quantization != "Q4_0" {
		t.Errorf("%+v", a)
	}
}

// A pull is whole when the server says so, and not before.
func TestPull(t *testing.T) {
	t.Parallel()
	const layers = `{"status":"pulling manifest"}
{"status":"pulling aa","digest":"sha256:aa","total":100}
{"status":"pulling aa","digest":"sha256:aa","total":100,"completed":100}
{"status":"pulling bb","digest":"sha256:bb","total":50,"completed":20}
`
	for _, c := range []struct {
		name, body string
		status     int
		last       engine.PullProgress
		kind       engine.ErrorKind
		message    string
	}{
		{name: "whole", body: layers + `{"status":"success"}` + "\n", last: engine.PullProgress{Status: "success", Done: 120, Total: 150}},
		{name: "cut", body: layers, last: engine.PullProgress{Status: "pulling bb", Done: 120, Total: 150}, kind: engine.AnswerCut, message: "m:7b is not there yet"},
		{name: "connection breaks", body: layers + cutHere, last: engine.PullProgress{Status: "pulling bb", Done: 120, Total: 150}, kind: engine.AnswerCut, message: "not there yet"},
		{name: "truncated", body: `{"status":"pull`, kind: engine.AnswerCut},
		{name: "stall", body: layers + stallHere, last: engine.PullProgress{Status: "pulling bb", Done: 120, Total: 150}, kind: engine.AnswerCut},
		{name: "nothing in it", body: strings.Repeat("{}\n", 2000), kind: engine.AnswerCut},
		{name: "no such name", body: `{"status":"pulling manifest"}` + "\n" + `{"error":"pull model manifest: file does not exist"}` + "\n", last: engine.PullProgress{Status: "pulling manifest"}, kind: engine.ModelNotFound, message: "no model m:7b"},
		{name: "offline", body: `{"error":"pull model manifest: Get \"https://registry\": dial tcp: lookup registry: no such host"}`, kind: engine.Unreachable, message: "machine's network"},
		{name: "disk full", status: 500, body: `{"error":"write: no space left on device"}`, kind: engine.Failed, message: "no space left"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := serve(t, Options{}, fake{others: map[string]http.HandlerFunc{"/api/pull": func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(max(c.status, 200))
				enginetest.Play(w, r, c.body)
			}}})
			if strings.HasSuffix(c.body, stallHere) {
				e.patience.Idle = 50 * time.Millisecond
			}
			var last engine.PullProgress
			var failed error
			for p, err := range e.Pull(t.Context(), "m:7b") {
				if failed = err; err == nil {
					last = p
				}
			}
			if last != c.last || c.kind == "" && failed != nil {
				t.Errorf("%+v, %v", last, failed)
			}
			if c.kind != "" {
				known, ok := failed.(*engine.Error)
				if !ok || known.Kind != c.kind || !strings.Contains(known.Message+known.Hint, c.message) {
					t.Errorf("%v", failed)
				}
			}
		})
	}
}

// Who leaves a pull stops it.
// A pull that breaks off, or does not begin, goes on where it was.
func TestPullGoesOn(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	e := serve(t, Options{Options: remote.Options{Retries: 2}}, fake{others: map[string]http.HandlerFunc{"/api/pull": func(w http.ResponseWriter, _ *http.Request) {
		switch asked.Add(1) {
		case 1:
			w.Header().Set("Retry-After-Ms", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			_, _ = io.WriteString(w, `{"status":"pulling aa","digest":"sha256:aa","total":100,"completed":40}`+"\n")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		default:
			_, _ = io.WriteString(w, `{"status":"pulling aa","digest":"sha256:aa","total":100,"completed":100}`+"\n"+`{"status":"success"}`+"\n")
		}
	}}})
	var seen []string
	for p, err := range e.Pull(t.Context(), "m") {
		if err != nil {
			t.Error(err)
		}
		status, _, _ := strings.Cut(p.Status, ":")
		seen = append(seen, fmt.Sprint(status, " ", p.Done))
	}
	want := []string{"trying again 0", "pulling aa 40", "trying again 40", "pulling aa 100", "success 100"}
	if !slices.Equal(seen, want) {
		t.Errorf("%q, want %q", seen, want)
	}
}

func TestPullIsLeft(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	e := serve(t, Options{}, fake{others: map[string]http.HandlerFunc{"/api/pull": func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"status":"pulling manifest"}`+"\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	}}})
	for _, err := range e.Pull(t.Context(), "m") {
		if err != nil {
			t.Error(err)
		}
		break
	}
	<-gone
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	for body, good := range map[string]bool{
		`{"embeddings":[[3,4],[0,2]]}`:   true,
		`{"embeddings":[[3,4]]}`:         false,
		`{"embeddings":[[3,4],[1,2,3]]}`: false,
		`{"embeddings":[[3,4],[0,0]]}`:   false,
		`{"embeddings":[[],[]]}`:         false,
		`{}`:                             false,
	} {
		e := serve(t, Options{Options: remote.Options{Model: "m"}}, fake{others: map[string]http.HandlerFunc{"/api/embed": func(w http.ResponseWriter, r *http.Request) {
			if b, _ := io.ReadAll(r.Body); !strings.Contains(string(b), `"input":["a\nb","c"]`) || !strings.Contains(string(b), `"truncate":false`) {
				t.Errorf("the request is %s", b)
			}
			_, _ = io.WriteString(w, body)
		}}})
		v, err := e.Embed(t.Context(), [][]engine.Part{{{Text: "a"}, {Text: "b"}}, {{Text: "c"}}})
		if (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
		if good && (math.Abs(float64(v[0][0])-0.6) > 1e-6 || v[1][1] != 1) {
			t.Errorf("%v", v)
		}
	}
	e := serve(t, Options{Options: remote.Options{Model: "m"}}, fake{})
	if _, err := e.Embed(t.Context(), [][]engine.Part{{{Picture: pictureOf(t, image.NewGray(image.Rect(0, 0, 4, 4)))}}}); engine.KindOf(err) != engine.BadPicture {
		t.Error(err)
	}
}
