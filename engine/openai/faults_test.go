package openai

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/enginetest"
	"github.com/vlmchat/vlmchat/engine/remote"
)

const (
	hello  = `data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null}}]}` + "\n\n" + `data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}` + "\n\n"
	world  = `data: {"choices":[{"index":0,"delta":{"content":" wörld"}}]}` + "\n\n"
	stop   = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	length = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}` + "\n\n"
	usage  = `data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":4}}}` + "\n\n"
	ended  = "data: [DONE]\n\n"
)

const cutHere, stallHere = enginetest.CutHere, enginetest.StallHere

// TestFaultyServers is the table of what servers do wrong, or in their own
// way. An answer that is whole has a text and no kind.
func TestFaultyServers(t *testing.T) {
	t.Parallel()
	const key = "sk-very-secret-key"
	const sse, js, html = "text/event-stream", "application/json", "text/html; charset=utf-8"
	cases := []struct {
		name    string
		status  int
		ctype   string
		body    string
		header  string // one more, "Name: value"
		text    string
		kind    engine.ErrorKind
		message string // a part of the error, or of its hint
		finish  engine.Finish
	}{
		{name: "as it should be", ctype: sse, body: hello + world + stop + usage + ended, text: "Hello wörld"},
		{name: "length", ctype: sse, body: hello + length + ended, text: "Hello", finish: engine.Length},
		{name: "end mark without a reason", ctype: sse, body: hello + ended, text: "Hello"},
		{name: "reason without an end mark", ctype: sse, body: hello + stop, text: "Hello"},
		{name: "reason, then the connection breaks", ctype: sse, body: hello + stop + cutHere, text: "Hello"},
		{name: "reason, then silence", ctype: sse, body: hello + stop + stallHere, text: "Hello"},
		{name: "neither reason nor end mark", ctype: sse, body: hello + world, text: "Hello wörld", kind: engine.AnswerCut, message: "ended it before its end"},
		{name: "connection breaks", ctype: sse, body: hello + cutHere, text: "Hello", kind: engine.AnswerCut, message: "closed the connection before its end"},
		{name: "connection breaks at once", ctype: sse, body: cutHere, kind: engine.AnswerCut},
		{name: "nothing", ctype: sse, body: "", kind: engine.AnswerCut},
		{name: "last line without newline", ctype: sse, body: hello + strings.TrimSpace(stop), text: "Hello"},
		{name: "nothing but the end mark", ctype: sse, body: ended, kind: engine.AnswerCut, message: "before its end"},
		{name: "nothing but usage and the end mark", ctype: sse, body: "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3}}\n\n" + ended, kind: engine.AnswerCut, message: "before its end"},
		{name: "end mark without newline", ctype: sse, body: hello + "data: [DONE]", text: "Hello"},
		{name: "no space behind data", ctype: sse, body: strings.ReplaceAll(hello+world+stop+ended, "data: ", "data:"), text: "Hello wörld"},
		{name: "CR LF", ctype: sse, body: strings.ReplaceAll(hello+world+stop+ended, "\n", "\r\n"), text: "Hello wörld"},
		{name: "byte order mark", ctype: sse, body: "\xef\xbb\xbf" + hello + ended, text: "Hello"},
		{name: "many comments", ctype: sse, body: hello + strings.Repeat(": still here\n", 1000) + strings.Repeat("\n", 1000) + world + ended, text: "Hello wörld"},
		{name: "other fields", ctype: sse, body: "event: x\nid: 7\nretry: 10\n" + hello + ended, text: "Hello"},
		{name: "an event of several lines", ctype: sse, body: "data: {\"choices\":\ndata: [{\"index\":0,\ndata: \"delta\":{\"content\":\"Hello\"}}]}\n\n" + ended, text: "Hello"},
		{name: "no error, said in each event", ctype: sse, body: strings.ReplaceAll(hello+world+stop, `{"choices"`, `{"error":null,"choices"`) + ended, text: "Hello wörld"},
		{name: "no content type", ctype: "-", body: hello + ended, text: "Hello"},
		{name: "plain text", ctype: "text/plain", body: hello + ended, text: "Hello"},
		{name: "a large event", ctype: sse, body: fmt.Sprintf(`data: {"choices":[{"index":0,"delta":{"content":"Hello"},"pad":%q}]}`, strings.Repeat("x", 9<<20)) + "\n\n" + ended, text: "Hello"},
		{name: "another choice", ctype: sse, body: hello + strings.ReplaceAll(world, `"index":0`, `"index":1`) + ended, text: "Hello"},
		{name: "no stream", ctype: js, body: `{"choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3}}`, text: "Hello"},
		{name: "no stream, cut", ctype: js, body: `{"choices":[{"index":0,"message":{"role":"assis`, kind: engine.AnswerCut},
		{name: "broken UTF-8", ctype: sse, body: strings.ReplaceAll(hello, "Hello", "H\xff") + ended, text: "H\ufffd"},
		{name: "refusal", ctype: sse, body: strings.ReplaceAll(hello, "content", "refusal") + stop + ended, text: "Hello"},
		{name: "content filter", ctype: sse, body: hello + strings.ReplaceAll(stop, "stop", "content_filter") + ended, text: "Hello", kind: engine.Failed, message: "filter"},
		{name: "abort", ctype: sse, body: hello + strings.ReplaceAll(stop, "stop", "abort") + ended, text: "Hello", kind: engine.AnswerCut},

		{name: "CR alone", ctype: sse, body: strings.ReplaceAll(hello+world+stop+ended, "\n", "\r"), text: "Hello wörld"},
		{name: "no blank lines", ctype: sse, body: strings.ReplaceAll(hello+world+stop+ended, "\n\n", "\n"), text: "Hello wörld"},
		{name: "two documents in a line", ctype: sse, body: strings.TrimSpace(hello) + strings.TrimPrefix(world, "data:") + ended, text: "Hello wörld"},
		{name: "two events in a line", ctype: sse, body: strings.TrimSpace(hello) + world + ended, text: "Hello wörld"},
		{name: "the end mark in the line", ctype: sse, body: strings.TrimSpace(hello) + " [DONE]\n\n", text: "Hello"},
		{name: "no choices", ctype: sse, body: `data: {"choices":null}` + "\n\n" + hello + ended, text: "Hello"},
		{name: "no delta", ctype: sse, body: `data: {"choices":[{"index":0,"delta":null}]}` + "\n\n" + hello + ended, text: "Hello"},
		{name: "no index", ctype: sse, body: strings.ReplaceAll(hello+stop, `"index":0,`, ""), text: "Hello"},
		{name: "members of odd types", ctype: sse, body: `data: {"choices":[{"index":null,"delta":{"content":{},"reasoning":[1]},"finish_reason":false}],"usage":"none","created":"now"}` + "\n\n" + hello + ended, text: "Hello"},
		{name: "a reason called null", ctype: sse, body: strings.ReplaceAll(hello, `"finish_reason":null`, `"finish_reason":"null"`), text: "Hello", kind: engine.AnswerCut},
		{name: "reason with the last words", ctype: sse, body: hello + strings.ReplaceAll(world, `"delta"`, `"finish_reason":"stop","delta"`), text: "Hello wörld"},
		{name: "reason of another choice", ctype: sse, body: hello + strings.ReplaceAll(stop, `"index":0`, `"index":1`), text: "Hello", kind: engine.AnswerCut},
		{name: "reason, then an error", ctype: sse, body: hello + stop + `data: {"error":{"message":"late"}}` + "\n\n", text: "Hello"},
		{name: "usage in every event", ctype: sse, body: strings.ReplaceAll(hello+world, `"choices"`, `"usage":{"prompt_tokens":9,"completion_tokens":1},"choices"`) + stop + usage + ended, text: "Hello wörld"},
		{name: "usage with the reason", ctype: sse, body: hello + strings.ReplaceAll(stop, `"choices"`, `"usage":{"prompt_tokens":9.0,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4}},"choices"`) + ended, text: "Hello"},
		{name: "usage in the choice", ctype: sse, body: hello + strings.ReplaceAll(stop, `"delta"`, `"usage":{"prompt_tokens":9,"completion_tokens":3,"cached_tokens":4},"delta"`) + ended, text: "Hello"},
		{name: "usage of Groq", ctype: sse, body: hello + strings.ReplaceAll(stop, `"choices"`, `"x_groq":{"usage":{"prompt_tokens":9,"completion_tokens":3}},"choices"`) + ended, text: "Hello"},
		{name: "content in parts", ctype: sse, body: strings.ReplaceAll(hello, `"Hello"`, `[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]},{"type":"text","text":"Hello"}]`) + ended, text: "Hello"},
		{name: "a number that is none", ctype: sse, body: strings.ReplaceAll(hello, `"finish_reason":null`, `"score":-Infinity,"x":NaN,"s":"NaN"`) + ended, text: "Hello"},
		{name: "an error event", ctype: sse, body: "event: error\ndata: {\"message\":\"gone\"}\n\n" + ended, kind: engine.Failed, message: "gone"},
		{name: "an error in a list", ctype: js, status: 400, body: `[{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT"}}]`, kind: engine.Failed, message: "API key not valid"},
		{name: "an error in a list in a 200", ctype: js, body: `[{"error":{"code":429,"message":"slow down"}}]`, kind: engine.RateLimited, message: "slow down"},
		{name: "blind at OpenRouter", status: 404, ctype: js, body: `{"error":{"message":"No endpoints found that support image input","code":404}}`, kind: engine.NotVision},
		{name: "packed otherwise", ctype: sse, header: "Content-Encoding: br", body: hello + ended, kind: engine.Failed, message: "not asked for: br"},

		{name: "truncated JSON", ctype: sse, body: hello + `data: {"choices":[{"index":0,"del`, text: "Hello", kind: engine.AnswerCut},
		{name: "truncated JSON, event complete", ctype: sse, body: hello + "data: {\"choices\":[\n\n" + ended, text: "Hello", kind: engine.AnswerCut},
		{name: "stall", ctype: sse, body: hello + stallHere, text: "Hello", kind: engine.AnswerCut, message: "sent nothing for"},
		{name: "error in the stream", ctype: sse, body: hello + `data:   { "error" : {"message": "out of memory", "code": 500}}` + "\n\n" + ended, text: "Hello", kind: engine.AnswerCut, message: "out of memory"},
		{name: "error field in the stream", ctype: sse, body: `error: {"code":500,"message":"slot gone","type":"server_error"}` + "\n\n", kind: engine.Failed, message: "slot gone"},
		{name: "error at the top", ctype: sse, body: `data: {"object":"error","message":"engine dead","code":500}` + "\n\n" + ended, kind: engine.Failed, message: "engine dead"},
		{name: "context full in the stream", ctype: sse, body: `data: {"error":{"code":400,"message":"too long","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":2048}}` + "\n\n", kind: engine.ContextFull, message: "9000 tokens"},
		{name: "error in a 200", ctype: js, body: `{"error":{"message":"out of memory","type":"server_error"}}`, kind: engine.Failed, message: "out of memory"},
		{name: "limit in a 200", ctype: js, body: `{"error":{"message":"slow down","code":429}}`, kind: engine.RateLimited, message: "slow down"},
		{name: "web page in a 200", ctype: html, body: "<html><title>Welcome to nginx!</title></html>", kind: engine.Unreachable, message: "Welcome to nginx!"},
		{name: "web page without a type", ctype: "-", body: "\n<!doctype html><title>Login</title>", kind: engine.Unreachable, message: "base URL"},

		{name: "401", status: 401, ctype: js, body: `{"error":{"message":"Incorrect API key provided: ` + key + `"}}`, kind: engine.Unauthorized, message: KeyVariable},
		{name: "403 page", status: 403, ctype: html, body: "<html><title>Forbidden</title>", kind: engine.Unauthorized},
		{name: "403 repeats the key", status: 403, ctype: js, body: `{"error":{"message":"no access to m with ` + key + `"}}`, kind: engine.Unauthorized, message: "no access to m with [key]"},
		{name: "404 of the model", status: 404, ctype: js, body: "{\"object\":\"error\",\"message\":\"The model `m` does not exist.\",\"code\":404}", kind: engine.ModelNotFound, message: "no model called m"},
		{name: "404 of OpenAI", status: 404, ctype: js, body: `{"error":{"message":"You do not have access to it","code":"model_not_found"}}`, kind: engine.ModelNotFound},
		{name: "404 of the path", status: 404, ctype: js, body: `{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}`, kind: engine.Unreachable, message: "base URL"},
		{name: "404 page", status: 404, ctype: html, body: "<html><title>404</title>", kind: engine.Unreachable, message: "base URL"},
		{name: "429", status: 429, ctype: js, body: `{"error":{"message":"slow down"}}`, header: "Retry-After: 7", kind: engine.RateLimited, message: "try again in 7s"},
		{name: "429 of the purse", status: 429, ctype: js, body: `{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}`, kind: engine.RateLimited, message: "credit"},
		{name: "503 loading", status: 503, ctype: js, body: `{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`, kind: engine.Unreachable, message: "loading its model"},
		{name: "502 page", status: 502, ctype: html, body: "<html><title>Bad Gateway</title>", kind: engine.Unreachable, message: "Bad Gateway"},
		{name: "500 empty", status: 500, ctype: js, body: "", kind: engine.Failed, message: "status 500"},
		{name: "500 repeats the key", status: 500, ctype: js, body: `{"error":{"message":"upstream refused Bearer ` + key + `"}}`, kind: engine.Failed, message: "[key]"},
		{name: "413", status: 413, ctype: html, body: "<html>", kind: engine.BadPicture, message: "too large"},
		{name: "redirect", status: 308, ctype: js, header: "Location: https://example.com/v1/chat", kind: engine.Unreachable, message: "example.com"},
		{name: "context of OpenAI", status: 400, ctype: js, body: `{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}`, kind: engine.ContextFull, message: "8192"},
		{name: "context of llama-server", status: 400, ctype: js, body: `{"error":{"code":400,"message":"x","type":"exceed_context_size_error","n_prompt_tokens":9010,"n_ctx":2048}}`, kind: engine.ContextFull, message: "9010 tokens, and the model's context holds 2048"},
		{name: "blind llama-server", status: 500, ctype: js, body: `{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}`, kind: engine.NotVision},
		{name: "blind vLLM", status: 400, ctype: js, body: `{"object":"error","message":"m is not a multimodal model","code":400}`, kind: engine.NotVision},
		{name: "another 400", status: 400, ctype: js, body: `{"error":{"message":"Failed to load image or audio file","code":400}}`, kind: engine.BadPicture, message: "Failed to load image"},
		{name: "too many pictures", status: 400, ctype: js, body: `{"error":{"message":"At most 1 image(s) may be provided in one request."}}`, kind: engine.BadPicture, message: "takes one picture in a conversation, and was sent several: At most 1 image"},
		{name: "too large a picture", status: 400, ctype: js, body: `{"error":{"message":"image exceeds 5 MB maximum: 5316852 bytes > 5242880 bytes"}}`, kind: engine.BadPicture, message: "5 MB"},
		{name: "blind OpenAI", status: 400, ctype: js, body: `{"error":{"message":"Invalid content type. image_url is only supported by certain models."}}`, kind: engine.NotVision},
		{name: "another 4xx", status: 422, ctype: js, body: `{"error":{"message":"no such parameter","code":422}}`, kind: engine.Failed, message: "no such parameter"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := serveChat(t, Options{Options: remote.Options{Model: "m", Key: remote.Key{Value: key}}}, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if c.ctype != "-" {
					w.Header().Set("Content-Type", c.ctype)
				} else {
					w.Header()["Content-Type"] = nil
				}
				if name, value, ok := strings.Cut(c.header, ": "); ok {
					w.Header().Set(name, value)
				}
				w.WriteHeader(max(c.status, 200))
				enginetest.Play(w, r, c.body)
			})
			if strings.Contains(c.body, stallHere) {
				e.patience.Idle, e.grace = 50*time.Millisecond, 50*time.Millisecond
				if c.kind == "" {
					e.patience.Idle = time.Hour
				}
			}
			got := ask(t, t.Context(), e, question("What is this?", dot(t)))
			if got.text != c.text || got.kind() != c.kind {
				t.Fatalf("%q, %v (%v)", got.text, got.kind(), got.err)
			}
			if got.err != nil {
				known := got.err.(*engine.Error)
				all := fmt.Sprintf("%s %s %v", known.Message, known.Hint, known.Err)
				if !strings.Contains(all, c.message) {
					t.Errorf("%s", all)
				}
				if strings.Contains(all, key) {
					t.Errorf("the key is in %q", all)
				}
				if c.status == 429 && c.header != "" && known.RetryAfter != 7*time.Second {
					t.Error(known.RetryAfter)
				}
				if strings.ContainsAny(known.Message+known.Hint, "\n\x1b") {
					t.Errorf("not one line: %q", all)
				}
				return
			}
			if want := cmp.Or(c.finish, engine.Stop); got.done.Finish != want {
				t.Errorf("finish %q", got.done.Finish)
			}
			if c.name == "as it should be" {
				u := got.done.Usage
				if u.PromptTokens != 9 || u.GeneratedTokens != 3 || u.CachedTokens != 4 || u.TTFT <= 0 {
					t.Errorf("%+v", u)
				}
			}
		})
	}
}

func TestThinking(t *testing.T) {
	t.Parallel()
	e := serve(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.ReplaceAll(hello, `"content":"Hello"`, `"reasoning_content":"Hm."`)+world+stop+ended)
	})
	if got := ask(t, t.Context(), e, question("?")); got.thought != "Hm." || got.text != " wörld" {
		t.Errorf("%+v", got)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	l.Close()
	e := open(t, Options{Options: remote.Options{Model: "m"}, BaseURL: "http://user:password@" + host})
	got := ask(t, t.Context(), e, question("?"))
	if got.kind() != engine.Unreachable || !strings.Contains(got.err.Error(), host) || !strings.Contains(got.err.Error(), "refused") {
		t.Error(got.err)
	}
	if strings.Contains(fmt.Sprint(got.err), "password") {
		t.Error("the password is in the error")
	}
	if _, err := e.Info(t.Context()); engine.KindOf(err) != engine.Unreachable {
		t.Error(err)
	}
}

func TestServerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	e := serve(t, Options{Options: remote.Options{Model: "m"}}, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	e.patience.Header = 30 * time.Millisecond
	if got := ask(t, t.Context(), e, question("?")); got.kind() != engine.Unreachable || !strings.Contains(got.err.Error(), "has not answered") {
		t.Error(got.err)
	}
}

func TestHTTPSToAnHTTPServer(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	e := open(t, Options{Options: remote.Options{Model: "m"}, BaseURL: strings.Replace(srv.URL, "http:", "https:", 1)})
	if got := ask(t, t.Context(), e, question("?")); got.kind() != engine.Unreachable || !strings.Contains(got.err.Error(), "not https") {
		t.Error(got.err)
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
			e := serve(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(w, hello)
				w.(http.Flusher).Flush()
				<-r.Context().Done()
				close(gone)
			})
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

// Whether to think is told only if a person said so: not every server knows it.
func TestThinkingIsAskedFor(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 1)
	e := serveChat(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies <- string(b)
		_, _ = io.WriteString(w, hello+stop+ended)
	})
	off := false
	for want, thinking := range map[string]*bool{`"chat_template_kwargs":{"enable_thinking":false,"thinking":false}`: &off, "": nil} {
		r := question("?")
		r.Thinking = thinking
		ask(t, t.Context(), e, r)
		if body := <-bodies; !strings.Contains(body, want) || want == "" && strings.Contains(body, "chat_template_kwargs") {
			t.Errorf("the request is %s, want %s in it", body, want)
		}
	}
}
