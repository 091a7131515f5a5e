package ollama

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/enginetest"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/images"
)

const (
	hello = `{"model":"m","message":{"role":"assistant","content":"Hello"},"done":false}` + "\n"
	world = `{"model":"m","message":{"role":"assistant","content":" wörld"},"done":false}` + "\n"
	done  = `{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":9,"load_duration":2000000,"prompt_eval_count":9,"prompt_eval_duration":3000000,"eval_count":3,"eval_duration":4000000}` + "\n"

	cutHere, stallHere = enginetest.CutHere, enginetest.StallHere
	thinks             = `{"capabilities":["completion","thinking"]}`
	seeing             = `{"capabilities":["completion","vision"],"parameters":"stop \"<|im_end|>\"\nnum_ctx 8192"}`
)

// fake is an Ollama of ours.
type fake struct {
	show     map[string]string // by model; "" is of any
	tags, ps string
	version  string
	chat     http.HandlerFunc
	others   map[string]http.HandlerFunc // by path
}

func (f fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/api/show":
		var q struct{ Model string }
		_ = json.NewDecoder(r.Body).Decode(&q)
		answer, ok := f.show[q.Model]
		if !ok {
			answer, ok = f.show[""]
		}
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			answer = fmt.Sprintf(`{"error":"model '%s' not found"}`, q.Model)
		}
		_, _ = io.WriteString(w, answer)
	case "/api/tags":
		_, _ = io.WriteString(w, f.tags)
	case "/api/ps":
		_, _ = io.WriteString(w, cmp.Or(f.ps, `{"models":[]}`))
	case "/api/chat":
		f.chat(w, r)
	case "/api/version":
		fmt.Fprintf(w, `{"version":%q}`, f.version)
	default:
		if h, ok := f.others[r.URL.Path]; ok {
			h(w, r)
			return
		}
		http.NotFound(w, r)
	}
}

func serve(t testing.TB, opt Options, f fake) *Engine {
	t.Helper()
	if f.show == nil {
		f.show = map[string]string{"": seeing}
	}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	opt.Host = srv.URL
	return open(t, opt)
}

func open(t testing.TB, opt Options) *Engine {
	t.Helper()
	e, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// said is what came of a Chat.
type said struct {
	text, thought string
	done          *engine.Event
	err           error
}

func ask(t testing.TB, e *Engine, req engine.Request) (s said) {
	t.Helper()
	for ev, err := range e.Chat(t.Context(), req) {
		if s.done != nil || s.err != nil {
			t.Error("the sequence went on behind its end")
		}
		switch {
		case err != nil:
			s.err = err
		case ev.Kind == engine.Delta:
			s.text += ev.Text
		case ev.Kind == engine.Thinking:
			s.thought += ev.Text
		case ev.Kind == engine.Done:
			s.done = &ev
		}
	}
	if s.done == nil && s.err == nil {
		t.Error("the sequence ended without Done and without an error")
	}
	return s
}

func question(text string, pictures ...*images.Picture) engine.Request {
	return engine.Request{Messages: []engine.Message{engine.Ask(text, pictures...)}}
}

func dot(t testing.TB) *images.Picture { return pictureOf(t, image.NewGray(image.Rect(0, 0, 4, 4))) }

func pictureOf(t testing.TB, pixels image.Image) *images.Picture {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, pixels); err != nil {
		t.Fatal(err)
	}
	p, err := images.Decode("dot.png", b.Bytes(), images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestFaultyServers is the table of what an Ollama, or what stands in front of
// it, does wrong, or in its own way. An answer that is whole has no kind.
func TestFaultyServers(t *testing.T) {
	t.Parallel()
	const html = "text/html; charset=utf-8"
	cases := []struct {
		name    string
		status  int
		ctype   string
		header  string // one more, "Name: value"
		body    string
		text    string
		kind    engine.ErrorKind
		message string // a part of the error, or of its hint
		finish  engine.Finish
	}{
		{name: "as it should be", body: hello + world + done, text: "Hello wörld"},
		{name: "length", body: hello + strings.Replace(done, `"stop"`, `"length"`, 1), text: "Hello", finish: engine.Length},
		{name: "last line without newline", body: hello + strings.TrimSpace(done), text: "Hello"},
		{name: "a blank line, which the library takes for broken JSON", body: hello + "\n" + done, text: "Hello", kind: engine.AnswerCut},
		{name: "broken UTF-8", body: strings.Replace(hello, "Hello", "H\xff", 1) + done, text: "H\ufffd"},
		{name: "done, then the connection breaks", body: hello + done + cutHere, text: "Hello"},
		{name: "done, then silence", body: hello + done + stallHere, text: "Hello"},

		{name: "not done", body: hello + world, text: "Hello wörld", kind: engine.AnswerCut, message: "ended it before its end"},
		{name: "nothing", body: "", kind: engine.AnswerCut},
		{name: "connection breaks", body: hello + cutHere, text: "Hello", kind: engine.AnswerCut, message: "closed the connection"},
		{name: "truncated JSON", body: hello + `{"model":"m","mess`, text: "Hello", kind: engine.AnswerCut},
		{name: "truncated JSON at once", body: `{"model":"m","mess`, kind: engine.AnswerCut, message: "ended it before its end"},
		{name: "truncated JSON, connection breaks", body: hello + `{"model":"m","mess` + cutHere, text: "Hello", kind: engine.AnswerCut, message: "closed the connection"},
		{name: "empty pieces without end", body: hello + strings.Repeat("{}\n", 2000) + done, text: "Hello", kind: engine.AnswerCut, message: "pieces with nothing in them"},
		{name: "empty pieces, but not many", body: hello + strings.Repeat("{}\n", 20) + world + done, text: "Hello wörld"},
		{name: "a line that is too long", body: hello + `{"pad":"` + strings.Repeat("x", 9<<20) + `"}` + "\n" + done, text: "Hello", kind: engine.AnswerCut},
		{name: "the longest line that the library takes", body: hello + padded(512_000-1) + done, text: "Hello"},
		{name: "one byte longer", body: hello + padded(512_000) + done, text: "Hello", kind: engine.AnswerCut},
		{name: "the end in a line that is too long", body: hello + strings.Replace(done, "{", `{"pad":"`+strings.Repeat("x", 600_000)+`",`, 1), text: "Hello", kind: engine.AnswerCut},
		{name: "stall", body: hello + stallHere, text: "Hello", kind: engine.AnswerCut, message: "sent nothing for"},
		{name: "error in the stream", body: hello + `{"error":"out of memory"}` + "\n", text: "Hello", kind: engine.AnswerCut, message: "out of memory"},
		{name: "error in a 200", body: `{"error":"out of memory"}`, kind: engine.Failed, message: "out of memory"},
		{name: "context full in a 200", body: `{"error":"the input length exceeds the context length"}`, kind: engine.ContextFull},
		{name: "web page in a 200", ctype: html, body: "<html><title>Welcome to nginx!</title>", kind: engine.Unreachable, message: "Welcome to nginx!"},

		{name: "401", status: 401, body: `{"error":"unauthorized"}`, kind: engine.Unauthorized, message: "ollama signin"},
		{name: "404 of the model", status: 404, body: `{"error":"model 'm' not found"}`, kind: engine.ModelNotFound, message: " m'"},
		{name: "404 of an old server", status: 404, body: `{"error":"model \"m\" not found, try pulling it first"}`, kind: engine.ModelNotFound, message: " m'"},
		{name: "an impossible name", status: 500, body: `{"error":"invalid model path"}`, kind: engine.ModelNotFound, message: "no model m"},
		{name: "404 of the path", status: 404, ctype: "text/plain", body: "404 page not found", kind: engine.Unreachable, message: "no Ollama at"},
		{name: "429", status: 429, header: "Retry-After: 7", body: `{"error":"slow down"}`, kind: engine.RateLimited, message: "try again in 7s"},
		{name: "500 empty", status: 500, kind: engine.Failed, message: "status 500"},
		{name: "500 page", status: 500, ctype: html, body: "<html><title>Oops</title>", kind: engine.Failed, message: "Oops"},
		{name: "503", status: 503, body: `{"error":"server busy, please try again.  maximum pending requests exceeded"}`, kind: engine.Unreachable, message: "server busy"},
		{name: "redirect", status: 307, header: "Location: https://example.com/", kind: engine.Unreachable, message: "example.com"},
		{name: "context full", status: 400, body: `{"error":"input exceeds maximum context length"}`, kind: engine.ContextFull},
		{name: "blind", status: 500, body: `{"error":"Failed to create new sequence: this model is missing data required for image input"}`, kind: engine.NotVision},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := serve(t, Options{Options: remote.Options{Model: "m"}}, fake{chat: func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", cmp.Or(c.ctype, "application/x-ndjson"))
				if name, value, ok := strings.Cut(c.header, ": "); ok {
					w.Header().Set(name, value)
				}
				w.WriteHeader(max(c.status, 200))
				enginetest.Play(w, r, c.body)
			}})
			if strings.Contains(c.body, stallHere) {
				e.patience.Idle = 50 * time.Millisecond
				if c.kind == "" {
					e.patience.Idle = time.Hour
				}
			}
			got := ask(t, e, question("What is this?", dot(t)))
			if got.err == nil {
				if c.kind != "" || got.text != c.text || got.done.Finish != cmp.Or(c.finish, engine.Stop) {
					t.Fatalf("%+v", got)
				}
				u := got.done.Usage
				if u.PromptTokens != 9 || u.GeneratedTokens != 3 || u.LoadTime != 2e6 || u.PromptTime != 3e6 || u.GenerateTime != 4e6 || u.TTFT <= 0 {
					t.Errorf("%+v", u)
				}
				return
			}
			known := got.err.(*engine.Error)
			if known.Kind != c.kind || got.text != c.text || !strings.Contains(known.Message+known.Hint, c.message) {
				t.Errorf("%q, %s: %s (%s)", got.text, known.Kind, known.Message, known.Hint)
			}
			if c.status == 429 && known.RetryAfter != 7*time.Second {
				t.Error(known.RetryAfter)
			}
		})
	}
}

// padded is a piece of an answer of so many bytes, without the end of its line,
// that says nothing.
func padded(bytes int) string {
	const before, after = `{"pad":"`, `"}`
	return before + strings.Repeat("x", bytes-len(before)-len(after)) + after + "\n"
}

func TestThinking(t *testing.T) {
	t.Parallel()
	e := serve(t, Options{Options: remote.Options{Model: "m"}}, fake{chat: func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Replace(hello, "content", "thinking", 1)+world+done)
	}})
	if got := ask(t, e, question("?")); got.thought != "Hello" || got.text != " wörld" {
		t.Errorf("%+v", got)
	}
}

// A request holds everything, pictures in their places.
func TestRequest(t *testing.T) {
	t.Parallel()
	bodies := make(chan []byte, 1)
	forever := -time.Second
	e := serve(t, Options{Options: remote.Options{Model: "m"}, KeepAlive: &forever}, fake{chat: func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies <- b
		_, _ = io.WriteString(w, done)
	}})
	seed := uint32(7)
	p := dot(t)
	ask(t, e, engine.Request{
		Messages: []engine.Message{
			engine.Text(engine.System, "Be brief."),
			engine.Ask("Is [img] or [img-0] a word?", p, p),
			{Role: engine.User, Parts: []engine.Part{{Text: "One:"}, {Picture: p}, {Text: "Two:"}, {Text: "lines"}, {Picture: p}}},
		},
		Sampling: engine.Sampling{Temperature: 0, TopP: 0.9, Seed: &seed, MaxTokens: 5, Stop: []string{"x"}},
	})
	var doc struct {
		Messages []struct {
			Role, Content string
			Images        [][]byte
		}
		Options         map[string]any
		KeepAlive       any `json:"keep_alive"`
		Truncate, Shift *bool
		Stream          *bool
	}
	if err := json.Unmarshal(<-bodies, &doc); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(doc.Options, doc.KeepAlive, *doc.Truncate, *doc.Shift); got != "map[num_predict:5 seed:7 stop:[x] temperature:0 top_p:0.9] -1 false false" {
		t.Error(got)
	}
	var contents []string
	for _, m := range doc.Messages {
		contents = append(contents, fmt.Sprintf("%s %d %s", m.Role, len(m.Images), m.Content))
	}
	want := []string{"system 0 Be brief.", "user 2 Is [ img] or [ img-0] a word?", "user 2 One:[img]Two:\nlines[img]"}
	if fmt.Sprint(contents) != fmt.Sprint(want) {
		t.Errorf("%q", contents)
	}
	if got := ask(t, e, engine.Request{Messages: []engine.Message{{Role: engine.Assistant, Parts: []engine.Part{{Picture: p}}}}}); engine.KindOf(got.err) != engine.BadPicture {
		t.Error(got.err)
	}
}

// What Ollama's API has is sent, and only when it is wanted; the rest is refused.
func TestExtras(t *testing.T) {
	t.Parallel()
	e := serve(t, Options{Options: remote.Options{Model: "m"}}, fake{})
	s := engine.DefaultSampling()
	s.TopK, s.MinP, s.Typical, s.Penalties = 20, 0.1, 0.9, engine.Penalties{LastN: 32, Repeat: 1.2, Presence: 0.5, Frequency: -0.5}
	r, err := e.request(facts{name: "m"}, engine.Request{Sampling: s})
	if err != nil {
		t.Fatal(err)
	}
	want := "map[frequency_penalty:-0.5 min_p:0.1 num_predict:512 presence_penalty:0.5 repeat_last_n:32 repeat_penalty:1.2 temperature:0.7 top_k:20 top_p:0.9 typical_p:0.9]"
	if got := fmt.Sprint(r.Options); got != want {
		t.Errorf("the options are %s, want %s", got, want)
	}
	// The server would leave out what it does not know.
	b, err := json.Marshal(r.Options)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&api.Options{}); err != nil {
		t.Error(err)
	}
	if r, err := e.request(facts{name: "m"}, engine.Request{Sampling: engine.DefaultSampling()}); err != nil || len(r.Options) != 3 {
		t.Errorf("by default the options are %v, %v", r, err)
	}
	s.DRY.Multiplier = 1
	if _, err := e.request(facts{name: "m"}, engine.Request{Sampling: s}); engine.KindOf(err) != engine.BadOption || err.Error() != "Ollama's API has no dry_multiplier" {
		t.Errorf("the error is %v", err)
	}
}

func TestInfo(t *testing.T) {
	t.Parallel()
	const blind = `{"capabilities":["completion"]}`
	list := `{"models":[{"name":"old:latest","modified_at":"2025-01-01T00:00:00Z"},{"name":"text:latest","modified_at":"2026-03-01T00:00:00Z"},{"name":"new:latest","modified_at":"2026-02-01T00:00:00Z"}]}`
	cases := []struct {
		name, model string
		f           fake
		want        engine.Info
		kind        engine.ErrorKind
		message     string
	}{
		{name: "named", model: "m", want: engine.Info{Model: "m", ContextSize: 8192, Capabilities: engine.Capabilities{Vision: true}}},
		{name: "loaded", model: "m", f: fake{ps: `{"models":[{"name":"m:latest","context_length":4096}]}`}, want: engine.Info{Model: "m", ContextSize: 4096, Capabilities: engine.Capabilities{Vision: true}}},
		{name: "blind", model: "m", f: fake{show: map[string]string{"m": blind}}, want: engine.Info{Model: "m"}},
		{name: "old server", model: "m", f: fake{show: map[string]string{"m": `{"details":{"families":["llama","clip"]}}`}}, want: engine.Info{Model: "m", Capabilities: engine.Capabilities{Vision: true}}},
		{name: "the newest that can see", f: fake{tags: list, show: map[string]string{"text:latest": blind, "": seeing}}, want: engine.Info{Model: "new:latest", ContextSize: 8192, Capabilities: engine.Capabilities{Vision: true}}},
		{name: "none can see", f: fake{tags: list, show: map[string]string{"": blind}}, kind: engine.NotVision, message: "none of the 3 models"},
		{name: "none at all", f: fake{tags: `{"models":[]}`}, kind: engine.ModelNotFound, message: "vlmchat models pull -b ollama"},
		{name: "not there", model: "llava", f: fake{show: map[string]string{}}, kind: engine.ModelNotFound, message: " llava'"},
		{name: "no Ollama", model: "m", f: fake{show: map[string]string{"m": "hello"}}, kind: engine.Failed, message: HostVariable},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := serve(t, Options{Options: remote.Options{Model: c.model}}, c.f)
			info, err := e.Info(t.Context())
			if c.kind != "" {
				if engine.KindOf(err) != c.kind || !strings.Contains(err.Error()+err.(*engine.Error).Hint, c.message) {
					t.Error(err)
				}
				return
			}
			c.want.Engine, c.want.Host = "ollama", e.base.Host
			if err != nil || info != c.want {
				t.Errorf("%+v, %v", info, err)
			}
		})
	}
}

// What a hint has fetched is fetched by the server that lacks it.
func TestPullHint(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"":                             "vlmchat models pull -b ollama m",
		"http://127.0.0.1:11434/":      "vlmchat models pull -b ollama m",
		"gpu":                          "vlmchat models pull -b ollama --base-url http://gpu:11434 m",
		"https://ada:pw@gpu.home/room": "vlmchat models pull -b ollama --base-url https://gpu.home:443/room m",
	} {
		e, err := New(Options{Host: address})
		if err != nil {
			t.Fatal(err)
		}
		if got := e.notFound("m"); got.Hint != "fetch it with '"+want+"'" {
			t.Errorf("%q: %s", address, got.Hint)
		}
		if got := e.notVision("m"); !strings.HasSuffix(got.Hint, strings.TrimSuffix(want, "m")+"qwen2.5vl:3b") {
			t.Errorf("%q: %s", address, got.Hint)
		}
		_ = e.Close()
	}
}

// A picture is not sent to a model that cannot see; words are.
func TestBlindModel(t *testing.T) {
	t.Parallel()
	e := serve(t, Options{Options: remote.Options{Model: "m"}}, fake{
		show: map[string]string{"": `{"capabilities":["completion"]}`},
		chat: func(w http.ResponseWriter, r *http.Request) {
			if b, _ := io.ReadAll(r.Body); bytes.Contains(b, []byte("images")) {
				t.Error("the picture was sent")
			}
			_, _ = io.WriteString(w, hello+done)
		},
	})
	if got := ask(t, e, question("?", dot(t))); engine.KindOf(got.err) != engine.NotVision {
		t.Error(got.err)
	}
	if got := ask(t, e, question("?")); got.err != nil {
		t.Error(got.err)
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "http://127.0.0.1:11434", "  example.com ": "http://example.com:11434", "example.com:80": "http://example.com:80",
		":1234": "http://127.0.0.1:1234", "http://h": "http://h:80", "https://h/": "https://h:443", "https://h:8443/ollama/": "https://h:8443/ollama",
		"h/path": "http://h:11434/path", "0.0.0.0": "http://127.0.0.1:11434", "0.0.0.0:99": "http://127.0.0.1:99", "::1": "http://[::1]:11434",
		"[::1]": "http://[::1]:11434", "[::1]:99": "http://[::1]:99", "[::]:99": "http://127.0.0.1:99", "'h:1'": "http://h:1", "ollama.com": "https://ollama.com:443",
		"http://u:p@h": "http://u:p@h:80",
	} {
		if u, err := parseHost(in); err != nil || u.String() != want {
			t.Errorf("%q: %v, %v", in, u, err)
		}
	}
	for _, in := range []string{"h:99999", "h:port", "ftp://u:secret@h", "two words", "http://h?x"} {
		if _, err := New(Options{Host: in}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func FuzzHost(f *testing.F) {
	f.Add("https://[::1]:80/x")
	f.Fuzz(func(t *testing.T, s string) {
		if u, err := parseHost(s); err == nil && (u.Hostname() == "" || u.Port() == "") {
			t.Errorf("%q: %v", s, u)
		}
	})
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	l.Close()
	for _, model := range []string{"", "m"} {
		got := ask(t, open(t, Options{Options: remote.Options{Model: model}, Host: host}), question("?"))
		if engine.KindOf(got.err) != engine.Unreachable || !strings.Contains(got.err.Error(), host) {
			t.Error(got.err)
		}
	}
}

// However a caller stops, the server sees the connection close.
func TestStoppingClosesTheRequest(t *testing.T) {
	t.Parallel()
	ways := map[string]func(e *Engine, cancel context.CancelFunc) (goOn bool){
		"leaving the loop": func(*Engine, context.CancelFunc) bool { return false },
		"cancelling":       func(_ *Engine, cancel context.CancelFunc) bool { cancel(); return true },
		"closing":          func(e *Engine, _ context.CancelFunc) bool { _ = e.Close(); return true },
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gone := make(chan struct{})
			e := serve(t, Options{Options: remote.Options{Model: "m"}}, fake{chat: func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(w, hello)
				w.(http.Flusher).Flush()
				<-r.Context().Done()
				close(gone)
			}})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var last error
			for ev, err := range e.Chat(ctx, question("?")) {
				last = err
				if ev.Kind == engine.Delta && !way(e, cancel) {
					break
				}
			}
			<-gone
			if name != "leaving the loop" && engine.KindOf(last) != engine.Cancelled {
				t.Error(last)
			}
		})
	}
}

// Whether to think is told only if a person said so.
func TestThinkingIsAskedFor(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 1)
	f := fake{chat: func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies <- string(b)
		_, _ = io.WriteString(w, done)
	}}
	blunt := serve(t, Options{Options: remote.Options{Model: "m"}}, f)
	f.show = map[string]string{"m": thinks}
	e := serve(t, Options{Options: remote.Options{Model: "m"}}, f)
	on, off := true, false
	for want, thinking := range map[string]*bool{`"think":true`: &on, `"think":false`: &off, "": nil} {
		r := question("?")
		r.Thinking = thinking
		ask(t, e, r)
		if body := <-bodies; !strings.Contains(body, want) || want == "" && strings.Contains(body, "think") {
			t.Errorf("the request is %s, want %s in it", body, want)
		}
	}
	// A model that can't need not be told not to, and is not asked to.
	r := question("?")
	r.Thinking = &off
	ask(t, blunt, r)
	if body := <-bodies; strings.Contains(body, "think") {
		t.Errorf("the request is %s", body)
	}
	r.Thinking = &on
	if got := ask(t, blunt, r); engine.KindOf(got.err) != engine.BadOption || !strings.Contains(got.err.Error(), "m of the Ollama") || len(bodies) > 0 {
		t.Errorf("%v, and %d requests", got.err, len(bodies))
	}
}
