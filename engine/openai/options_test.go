package openai

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// sent is the JSON of a request to a kind of server, without its messages.
func sent(t *testing.T, kind *server, model string, req engine.Request) (map[string]any, error) {
	t.Helper()
	e := open(t, Options{Options: remote.Options{Model: model}})
	r, extra, err := e.request(kind, model, req)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	body := map[string]any{}
	if err := json.Unmarshal(b, &body); err != nil {
		t.Fatal(err)
	}
	for name := range extra {
		if _, ok := body[name]; ok {
			t.Errorf("%s is there twice", name)
		}
	}
	if b, err = json.Marshal(extra); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &body); err != nil {
		t.Fatal(err)
	}
	delete(body, "messages")
	return body, nil
}

func kindCalled(t *testing.T, name string) *server {
	t.Helper()
	for _, s := range append(servers, someServer) {
		if strings.HasPrefix(s.name, name) {
			return s
		}
	}
	t.Fatalf("no kind is called %s", name)
	return nil
}

// Each kind of server gets the names that it knows, and none that it refuses.
func TestWhatServersAreSent(t *testing.T) {
	t.Parallel()
	seed, off := uint32(7), false
	full := engine.Request{Sampling: engine.DefaultSampling(), Thinking: &off}
	full.Sampling.Seed = &seed
	for _, c := range []struct {
		kind, model string
		edit        func(*engine.Request)
		want        string // members beside those of every request
	}{
		{"OpenAI", "gpt-4o", nil, `{"max_completion_tokens":512,"seed":7,"temperature":0.7,"top_p":0.9,"stream_options":{"include_usage":true}}`},
		{"OpenAI", "gpt-5-mini", nil, `{"max_completion_tokens":512,"seed":7,"reasoning_effort":"minimal","stream_options":{"include_usage":true}}`},
		{"OpenAI", "gpt-5.1", nil, `{"max_completion_tokens":512,"seed":7,"reasoning_effort":"none","stream_options":{"include_usage":true}}`},
		{"OpenAI", "o3", nil, `{"max_completion_tokens":512,"seed":7,"reasoning_effort":"low","stream_options":{"include_usage":true}}`},
		{"Azure", "eye", nil, `{"max_tokens":512,"seed":7,"temperature":0.7,"top_p":0.9,"reasoning_effort":"low","stream_options":{"include_usage":true}}`},
		{"OpenRouter", "x/y", nil, `{"max_tokens":512,"seed":7,"temperature":0.7,"top_p":0.9,"reasoning":{"enabled":false},"stream_options":{"include_usage":true}}`},
		{"Gemini", "gemini-2.5-flash", func(r *engine.Request) { r.Sampling.Seed = nil }, `{"max_tokens":512,"temperature":0.7,"top_p":0.9,"reasoning_effort":"none","stream_options":{"include_usage":true}}`},
		{"Anthropic", "claude", func(r *engine.Request) { r.Sampling.Seed = nil }, `{"max_tokens":512,"temperature":0.7,"stream_options":{"include_usage":true}}`},
		{"Mistral", "pixtral", func(r *engine.Request) { r.Thinking = nil }, `{"max_tokens":512,"random_seed":7,"temperature":0.7,"top_p":0.9}`},
		{"Groq", "scout", func(r *engine.Request) { r.Thinking = nil }, `{"max_completion_tokens":512,"seed":7,"temperature":0.7,"top_p":0.9,"stream_options":{"include_usage":true}}`},
		{"vLLM", "m", func(r *engine.Request) {
			r.Sampling.TopK, r.Sampling.MinP, r.Sampling.Penalties.Repeat = 0, 0.25, 1.5
		}, `{"max_tokens":512,"seed":7,"temperature":0.7,"top_p":0.9,"top_k":-1,"min_p":0.25,"repetition_penalty":1.5,"chat_template_kwargs":{"enable_thinking":false,"thinking":false},"stream_options":{"include_usage":true}}`},
		{"llama-server", "m", func(r *engine.Request) {
			r.Thinking, r.Grammar = nil, `root ::= "a"`
			s := &r.Sampling
			s.TopK, s.Typical, s.TopNSigma, s.Dynamic.Range, s.XTC.Probability, s.DRY.Multiplier, s.Penalties.Presence = 0, 0.5, 2, 0.5, 0.25, 0.5, 1
			s.LogitBias = []engine.LogitBias{{Token: 3, Bias: 0.5}, {Text: "x", Forbid: true}}
		}, `{"max_tokens":512,"seed":7,"temperature":0.7,"top_p":0.9,"top_k":0,"typical_p":0.5,"top_n_sigma":2,"dynatemp_range":0.5,"dynatemp_exponent":1,
			"xtc_probability":0.25,"xtc_threshold":0.1,"dry_multiplier":0.5,"dry_base":1.75,"dry_allowed_length":2,"dry_penalty_last_n":64,"dry_sequence_breakers":["\n",":","\"","*"],
			"presence_penalty":1,"repeat_last_n":64,"logit_bias":[[3,0.5],["x",false]],"grammar":"root ::= \"a\"","stream_options":{"include_usage":true}}`},
		{"llama-server", "m", func(r *engine.Request) {
			r.Thinking, r.Sampling = nil, engine.Sampling{Temperature: 1, TopK: 40, TopP: 1, Mirostat: engine.Mirostat{Version: 2, Tau: 4, Eta: 0.5}}
			r.Logprobs = true
		}, `{"temperature":1,"top_p":1,"mirostat":2,"mirostat_tau":4,"mirostat_eta":0.5,"logprobs":true,"top_logprobs":1,"stream_options":{"include_usage":true}}`},
		{"LM Studio", "m", func(r *engine.Request) { r.Thinking, r.Sampling.Penalties.Repeat = nil, 1.5 }, `{"max_tokens":512,"seed":7,"temperature":0.7,"top_p":0.9,"repeat_penalty":1.5,"stream_options":{"include_usage":true}}`},
	} {
		req := full
		if c.edit != nil {
			c.edit(&req)
		}
		got, err := sent(t, kindCalled(t, c.kind), c.model, req)
		if err != nil {
			t.Errorf("%s: %v", c.kind, err)
			continue
		}
		var want map[string]any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		want["model"], want["stream"] = c.model, true
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			t.Errorf("%s: sent\n%s, want\n%s", c.kind, a, b)
		}
	}
}

// What a kind of server would pass over, or refuse a whole request for, is refused
// by its name.
func TestWhatServersLack(t *testing.T) {
	t.Parallel()
	seed, on := uint32(7), true
	schema := json.RawMessage(`{}`)
	for _, c := range []struct {
		kind, model string
		edit        func(*engine.Request)
		want        string
	}{
		{"Gemini", "m", func(r *engine.Request) { r.Sampling.Seed = &seed }, "Gemini's OpenAI-compatible API has no seed"},
		{"Gemini", "m", func(r *engine.Request) { r.Sampling.Penalties.Frequency = 1 }, "no frequency_penalty"},
		{"Anthropic", "m", func(r *engine.Request) { r.Schema = schema }, "passes over one"},
		{"Anthropic", "m", func(r *engine.Request) { r.Logprobs = true }, "no log-probabilities"},
		{"Anthropic", "m", func(r *engine.Request) { r.Thinking = &on }, "whether a model thinks"},
		{"Anthropic", "m", func(r *engine.Request) { r.Sampling.Temperature = 1.5 }, "from 0 to 1"},
		{"Mistral", "m", func(r *engine.Request) { r.Sampling.LogitBias = []engine.LogitBias{{Token: 1, Bias: 1}} }, "no logit_bias"},
		{"Groq", "m", func(r *engine.Request) { r.Thinking = &on }, "whether a model thinks"},
		{"vLLM", "m", func(r *engine.Request) { r.Sampling.Typical = 0.5 }, "vLLM's API has no typical"},
		{"vLLM", "m", func(r *engine.Request) { r.Grammar = "root ::= [a]" }, "no grammars"},
		{"OpenAI", "o3", func(r *engine.Request) { r.Logprobs = true }, "the model o3 tells no log-probabilities"},
		{"OpenAI", "o3", func(r *engine.Request) { r.Sampling.Penalties.Presence = 1 }, "the model o3 takes no presence_penalty"},
	} {
		req := engine.Request{Sampling: engine.DefaultSampling()}
		c.edit(&req)
		if _, err := sent(t, kindCalled(t, c.kind), c.model, req); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.kind, err, c.want)
		}
	}
}

// A server that anyone can run is asked what it is where that matters, once; a host
// that is known never.
func TestServersAreRecognised(t *testing.T) {
	t.Parallel()
	for owner, want := range map[string]string{
		"vllm": "repetition_penalty", "sglang": "repetition_penalty", "llamacpp": "repeat_penalty",
		"organization_owner": "repeat_penalty", "library": "", "me": "",
	} {
		lists := 0
		bodies := make(chan string, 1)
		e := serve(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				lists++
				_, _ = io.WriteString(w, `{"data":[{"id":"m","owned_by":"`+owner+`"}]}`)
				return
			}
			b, _ := io.ReadAll(r.Body)
			bodies <- string(b)
			_, _ = io.WriteString(w, hello+stop+ended)
		})
		plain := question("?")
		if got := ask(t, t.Context(), e, plain); got.err != nil || lists != 0 {
			t.Errorf("%s: %v, %d lists", owner, got.err, lists)
		}
		<-bodies
		plain.Sampling.Penalties.Repeat = 1.5
		for range 2 {
			got := ask(t, t.Context(), e, plain)
			if want == "" {
				if got.kind() != engine.BadOption {
					t.Errorf("%s: %v", owner, got.err)
				}
				continue
			}
			if body := <-bodies; got.err != nil || !strings.Contains(body, `"`+want+`":1.5`) {
				t.Errorf("%s: %v, sent %s", owner, got.err, body)
			}
		}
		if lists != 1 {
			t.Errorf("%s was asked %d times", owner, lists)
		}
	}
}

// Every option that a kind is said to have is one that there is.
func TestOptionsOfServersExist(t *testing.T) {
	t.Parallel()
	all := slices.Collect(maps.Keys(kindCalled(t, "llama-server").options)) // it has every one
	for _, s := range servers {
		for option := range s.options {
			if !slices.Contains(all, option) {
				t.Errorf("%s has %s", s.name, option)
			}
		}
		if len(s.hosts) == 0 == (s.owner == "") {
			t.Errorf("%s is recognised by a host or by a list", s.name)
		}
	}
}
