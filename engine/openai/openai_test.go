package openai

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// A request holds everything, in its order.
func TestRequest(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 1)
	e := serveChat(t, Options{Options: remote.Options{Model: "m", Key: remote.Key{Value: " key\n"}, MaxPixels: 4}}, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies <- r.URL.Path + " " + r.Header.Get("Authorization") + " " + string(b)
		_, _ = io.WriteString(w, hello+stop+ended)
	})
	seed := uint32(1<<32 - 1)
	p := dot(t)
	ask(t, t.Context(), e, engine.Request{
		Messages: []engine.Message{
			engine.Text(engine.System, "Be brief."),
			{Role: engine.User, Parts: []engine.Part{{Text: "first"}, {Picture: p}, {Text: "then"}, {Picture: p}, {Text: ""}}},
			engine.Text(engine.Assistant, ""),
			{Role: engine.User, Parts: []engine.Part{{Text: "two"}, {Text: "lines"}}},
		},
		Sampling: engine.Sampling{Temperature: 0, TopP: 0.9, Seed: &seed, MaxTokens: 7, Stop: []string{"\n"}},
	})
	got := <-bodies
	head, body, _ := strings.Cut(got, " {")
	if head != "/v1/chat/completions Bearer key" {
		t.Error(head)
	}
	var doc map[string]any
	if err := json.Unmarshal([]byte("{"+body), &doc); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"model": "m", "temperature": 0.0, "top_p": 0.9, "seed": 4294967295.0, "max_tokens": 7.0, "stream": true} {
		if doc[name] != want {
			t.Errorf("%s is %v", name, doc[name])
		}
	}
	messages := doc["messages"].([]any)
	content := func(i int) any { return messages[i].(map[string]any)["content"] }
	if content(0) != "Be brief." || content(2) != " " || content(3) != "two\nlines" {
		t.Error(messages)
	}
	var order []string
	for _, part := range content(1).([]any) {
		p := part.(map[string]any)
		if text, ok := p["text"].(string); ok {
			order = append(order, text)
			continue
		}
		url, _, _ := strings.Cut(p["image_url"].(map[string]any)["url"].(string), ",")
		order = append(order, url)
	}
	if strings.Join(order, " ") != "first data:image/png;base64 then data:image/png;base64" {
		t.Error(order)
	}
}

// What OpenAI's API has is sent, the rest is refused.
func TestExtras(t *testing.T) {
	t.Parallel()
	e := open(t, Options{Options: remote.Options{Model: "m"}})
	s := engine.DefaultSampling()
	s.Penalties.Presence, s.Penalties.Frequency = 0.5, -0.5
	s.LogitBias = []engine.LogitBias{{Token: 7, Bias: 3}, {Token: 8, Forbid: true}}
	r, extra, err := e.request(someServer, "m", engine.Request{Sampling: s})
	if err != nil || extra["presence_penalty"] != 0.5 || extra["frequency_penalty"] != -0.5 || len(r.LogitBias) != 2 || r.LogitBias["7"] != 3 || r.LogitBias["8"] != -100 {
		t.Errorf("%+v %v", r, err)
	}
	for want, edit := range map[string]func(*engine.Sampling){
		"OpenAI's API has no min_p":          func(s *engine.Sampling) { s.MinP = 0.1 },
		"OpenAI's API has no top_k":          func(s *engine.Sampling) { s.TopK = 20 },
		"OpenAI's API has no repeat_penalty": func(s *engine.Sampling) { s.Penalties.Repeat = 1.1 },
		"tokens by their numbers":            func(s *engine.Sampling) { s.LogitBias = []engine.LogitBias{{Text: "x", Bias: 1}} },
		"whole numbers":                      func(s *engine.Sampling) { s.LogitBias = []engine.LogitBias{{Token: 1, Bias: 1.5}} },
		"min_p is 2":                         func(s *engine.Sampling) { s.MinP = 2 },
	} {
		s := engine.DefaultSampling()
		edit(&s)
		if _, _, err := e.request(someServer, "m", engine.Request{Sampling: s}); engine.KindOf(err) != engine.BadOption || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v; want %q", err, want)
		}
	}
}

// OpenAI's reasoning models refuse a temperature and call the limit otherwise.
func TestRequestToAReasoningModel(t *testing.T) {
	t.Parallel()
	e := open(t, Options{Options: remote.Options{Model: "o3-mini"}})
	r, extra, err := e.request(someServer, "o3-mini", engine.Request{Sampling: engine.DefaultSampling()})
	if err != nil || len(extra) > 0 || r.Temperature != 0 || r.TopP != 0 || r.MaxTokens != 0 || r.MaxCompletionTokens != 512 {
		t.Errorf("%+v %v %v", r, extra, err)
	}
}

func TestPictureInAnotherRole(t *testing.T) {
	t.Parallel()
	e := open(t, Options{Options: remote.Options{Model: "m"}})
	for _, role := range []engine.Role{engine.System, engine.Assistant} {
		got := ask(t, t.Context(), e, engine.Request{Messages: []engine.Message{{Role: role, Parts: []engine.Part{{Picture: dot(t)}}}}})
		if got.kind() != engine.BadPicture || !strings.Contains(got.err.Error(), "dot.png") {
			t.Error(got.err)
		}
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "https://api.openai.com/v1", "localhost:8080": "http://localhost:8080/v1",
		" http://[::1]:80/ ": "http://[::1]:80/v1", "https://h/api/v2/": "https://h/api/v2",
		"https://h/v1/chat/completions": "https://h/v1", "http://h/v1?x=1#y": "http://h/v1",
	} {
		if u, err := parseBase(in); err != nil || u.String() != want {
			t.Errorf("%q: %v, %v", in, u, err)
		}
	}
	for _, in := range []string{"ftp://h", "http://", "http://u:secret@h:port", "http://u:secret@h:99999", "h:0", "::", ",", "a,b"} {
		if _, err := New(Options{BaseURL: in}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", in, err)
		}
	}
	if _, err := New(Options{Options: remote.Options{Key: remote.Key{Value: "two\nlines"}}}); engine.KindOf(err) != engine.Unauthorized || strings.Contains(err.Error(), "two") {
		t.Error(err)
	}
}

func TestModels(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, model, list string
		status            int
		want              engine.Info
		kind              engine.ErrorKind
		message           string
	}{
		{name: "the only one", list: `{"data":[{"id":"a","max_model_len":99}]}`, want: engine.Info{Model: "a", ContextSize: 99, Capabilities: engine.Capabilities{Vision: true}}},
		{name: "several", list: `{"data":[{"id":"a"},{"id":"b"}]}`, kind: engine.ModelNotFound, message: "several models: a, b"},
		{name: "none", list: `{"data":[]}`, kind: engine.ModelNotFound, message: "has no model"},
		{name: "named", model: "b", list: `{"data":[{"id":"a"},{"id":"b","context_length":7,"architecture":{"input_modalities":["text"]}}]}`, want: engine.Info{Model: "b", ContextSize: 7}},
		{name: "not in the list", model: "c", list: `{"data":[{"id":"a"}]}`, want: engine.Info{Model: "c", Capabilities: engine.Capabilities{Vision: true}}},
		{name: "any name", model: "any", list: `{"data":[{"id":"/m/a.gguf","owned_by":"llamacpp","meta":{"n_ctx":64},"architecture":{"input_modalities":["text","image"]}}]}`, want: engine.Info{Model: "any", ContextSize: 64, Capabilities: engine.Capabilities{Vision: true}}},
		{name: "no list", model: "c", status: 404, list: `{}`, want: engine.Info{Model: "c", Capabilities: engine.Capabilities{Vision: true}}},
		{name: "no list, no name", status: 404, list: `{"error":{"message":"File Not Found"}}`, kind: engine.Unreachable, message: "base URL"},
		{name: "a page", list: `<html>`, kind: engine.Unreachable, message: "web page"},
		{name: "something else", list: `{"data":7}`, kind: engine.Failed, message: "list of models"},
		{name: "wrong key", model: "c", status: 401, list: `{}`, kind: engine.Unauthorized, message: "asks for a key"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := serve(t, Options{Options: remote.Options{Model: c.model}}, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(max(c.status, 200))
				_, _ = io.WriteString(w, c.list)
			})
			info, err := e.Info(t.Context())
			if c.kind != "" {
				if engine.KindOf(err) != c.kind || !strings.Contains(err.Error()+err.(*engine.Error).Hint, c.message) {
					t.Error(err)
				}
				return
			}
			c.want.Engine, c.want.Host = "openai", e.base.Host
			if err != nil || info != c.want {
				t.Errorf("%+v, %v", info, err)
			}
		})
	}
}

// A picture is not sent to a model that is known to be blind.
func TestKnownToBeBlind(t *testing.T) {
	t.Parallel()
	e := serve(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			t.Error("the picture was sent")
		}
		_, _ = io.WriteString(w, `{"data":[{"id":"a","architecture":{"input_modalities":["text"]}}]}`)
	})
	if got := ask(t, t.Context(), e, question("?", dot(t))); got.kind() != engine.NotVision {
		t.Error(got.err)
	}
}

// A key that may chat need not be one that may list the models. Where a model was
// named, it is asked; one that is not accepted at all is told at once.
func TestKeyThatMayNotList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		model  string
		kind   engine.ErrorKind
	}{
		{403, "m", ""}, {404, "m", ""}, {405, "m", ""}, {401, "m", engine.Unauthorized},
		{403, "", engine.Unauthorized}, {404, "", engine.Unreachable}, {405, "", engine.Unreachable},
	} {
		e := serve(t, Options{Options: remote.Options{Model: c.model, Key: remote.Key{Value: "sk-restricted"}}}, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, `{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: api.model.read"}}`)
				return
			}
			_, _ = io.WriteString(w, hello+stop+ended)
		})
		info, err := e.Info(t.Context())
		if kind := engine.KindOf(err); err == nil && c.kind != "" || err != nil && kind != c.kind || info.Model != c.model {
			t.Errorf("%d with the model %q: %+v, %v", c.status, c.model, info, err)
		}
		if c.kind != "" {
			continue
		}
		if got := ask(t, t.Context(), e, question("?", dot(t))); got.err != nil || got.text != "Hello" {
			t.Errorf("%d: %+v", c.status, got)
		}
	}
}
