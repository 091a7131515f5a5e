package openai

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// chunk is an event with this in its choice.
func chunk(inside string) string {
	return `data: {"choices":[{"index":0,` + inside + `}]}` + "\n\n"
}

// Log-probabilities come with the text that they are of, whatever servers make of
// parts of characters and of tokens that can't come.
func TestLogprobs(t *testing.T) {
	t.Parallel()
	stream := chunk(`"delta":{"role":"assistant","content":""}`) +
		chunk(`"delta":{"reasoning":"Hm."},"logprobs":{"content":[{"token":"Hm.","logprob":-1}]}`) +
		chunk(`"delta":{"content":""},"logprobs":{"content":[{"id":5,"token":"","bytes":[195],"logprob":-0.5,"top_logprobs":[{"id":5,"token":"","bytes":[195],"logprob":-0.5},{"token":"x","logprob":-Infinity}]}]}`) +
		chunk(`"delta":{"content":"ö"},"logprobs":{"content":[{"token":"\u00b6","bytes":[182],"logprob":null}]}`) +
		chunk(`"delta":{"content":"!"},"logprobs":{"content":[{"token":"!","logprob":-3.4e38},{"token":"","logprob":1e-9,"bytes":null}]}`) +
		stop + ended
	e := serveChat(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, stream) })
	req := question("?")
	req.Logprobs, req.TopLogprobs = true, 2
	var got [][]engine.TokenLogprob
	text := ""
	for ev, err := range e.Chat(t.Context(), req) {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Kind == engine.Delta {
			text += ev.Text
			got = append(got, ev.Logprobs)
		}
	}
	half := engine.TokenLogprob{Text: "\ufffd", Token: 5, Logprob: -0.5}
	whole := half
	whole.Top = []engine.TokenLogprob{half, {Text: "x", Token: notTold, Logprob: impossible}}
	want := [][]engine.TokenLogprob{
		{whole, {Text: "\ufffd", Token: notTold, Logprob: impossible}},
		{{Text: "!", Token: notTold, Logprob: impossible}, {Token: notTold}},
	}
	if text != "ö!" || !reflect.DeepEqual(got, want) {
		t.Errorf("%q\n%+v, want\n%+v", text, got, want)
	}
	if _, err := json.Marshal(got); err != nil {
		t.Error(err)
	}
}

// A server that tells none though it was asked is found out before its answer is
// shown.
func TestServerWithoutLogprobs(t *testing.T) {
	t.Parallel()
	e := serveChat(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, hello+world+stop+ended) })
	req := question("?")
	req.Logprobs = true
	if got := ask(t, t.Context(), e, req); got.kind() != engine.BadOption || got.text != "" || !strings.Contains(got.err.Error(), e.base.Host) {
		t.Errorf("%q, %v", got.text, got.err)
	}
}

// Counts come in several forms; what was thought is part of what was generated.
func TestUsage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		said string
		want engine.Usage
	}{
		"OpenAI":  {`{"prompt_tokens":9,"completion_tokens":30,"total_tokens":39,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":20}}`, engine.Usage{PromptTokens: 9, CachedTokens: 4, GeneratedTokens: 30, ThinkingTokens: 20}},
		"xAI":     {`{"prompt_tokens":9,"completion_tokens":10,"total_tokens":39,"prompt_tokens_details":{"image_tokens":6},"completion_tokens_details":{"reasoning_tokens":20}}`, engine.Usage{PromptTokens: 9, ImageTokens: 6, GeneratedTokens: 30, ThinkingTokens: 20}},
		"Gemini":  {`{"prompt_tokens":9,"completion_tokens":10,"total_tokens":39}`, engine.Usage{PromptTokens: 9, GeneratedTokens: 30, ThinkingTokens: 20}},
		"nulls":   {`{"prompt_tokens":9.0,"completion_tokens":null,"total_tokens":null,"prompt_tokens_details":null}`, engine.Usage{PromptTokens: 9}},
		"strange": {`["none"]`, engine.Usage{}},
		"huge":    {`{"prompt_tokens":1e300}`, engine.Usage{}},
	} {
		var u counts
		if err := json.Unmarshal([]byte(c.said), &u); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got engine.Usage
		u.into(&got)
		if got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// An answer that comes all at once says nothing of the time that it took to write.
func TestSpeedOfWhatComesAtOnce(t *testing.T) {
	t.Parallel()
	start := time.Now()
	for _, c := range []struct {
		took    time.Duration
		timings *timings
		want    float64
	}{
		{time.Microsecond, nil, 0},
		{time.Second, nil, 99},
		{time.Microsecond, &timings{PredictedMS: 2}, 99 * 500}, // a server's own word counts
	} {
		a := answer{start: start, first: start.Add(time.Second), usage: &counts{Completion: 100}, timings: c.timings}
		a.last = a.first.Add(c.took)
		if u := a.totals(); u.TokensPerSecond() != c.want || u.TTFT != time.Second {
			t.Errorf("in %v: %v tokens/s, the first after %v", c.took, u.TokensPerSecond(), u.TTFT)
		}
	}
}

// Thoughts are told apart from the answer under every name that they have, once.
func TestNamesOfThoughts(t *testing.T) {
	t.Parallel()
	for _, said := range []string{
		`"reasoning_content":"Hm."`, `"reasoning":"Hm."`, `"reasoning":"Hm.","reasoning_content":"Hm."`, `"reasoning":"Hm.","reasoning_details":[{"text":"Hm."}]`,
		`"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]}]`,
	} {
		e := serveChat(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, chunk(`"delta":{`+said+`}`)+world+stop+ended)
		})
		if got := ask(t, t.Context(), e, question("?")); got.err != nil || got.thought != "Hm." || got.text != " wörld" {
			t.Errorf("%s: %+v", said, got)
		}
	}
}

// A list of models is read in every server's form.
func TestModelList(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	day := time.Unix(1700000000, 0).UTC()
	for name, c := range map[string]struct {
		said string
		want []engine.ModelInfo
	}{
		"newest first": {`{"data":[{"id":"a","created":1},{"id":"b","created":1700000000}]}`, []engine.ModelInfo{{Name: "b", Modified: day}, {Name: "a", Modified: time.Unix(1, 0).UTC()}}},
		"llama-server": {`{"data":[{"id":"m.gguf","owned_by":"llamacpp","created":1700000000,"meta":{"n_ctx":64,"n_params":7600000000,"size":5,"ftype":"Q4_K - Medium"},"architecture":{"input_modalities":["text","image"]}}]}`,
			[]engine.ModelInfo{{Name: "m.gguf", Size: 5, ContextSize: 64, Vision: &yes, Parameters: "7.6B", Quantization: "Q4_K - Medium"}}},
		"OpenRouter": {`{"data":[{"id":"x/y","context_length":8,"architecture":{"input_modalities":["text"]}}]}`, []engine.ModelInfo{{Name: "x/y", ContextSize: 8, Vision: &no}}},
		"Mistral":    {`{"data":[{"id":"pixtral","max_context_length":8,"capabilities":{"vision":true}}]}`, []engine.ModelInfo{{Name: "pixtral", ContextSize: 8, Vision: &yes}}},
		"Together":   {`[{"id":"t","created":1700000000,"context_length":8}]`, []engine.ModelInfo{{Name: "t", ContextSize: 8, Modified: day}}},
		"vLLM":       {`{"data":[{"id":"v","owned_by":"vllm","created":1700000000,"max_model_len":8,"capabilities":["x"]}]}`, []engine.ModelInfo{{Name: "v", ContextSize: 8}}},
		"none":       {`{"data":[]}`, []engine.ModelInfo{}},
	} {
		e := serve(t, Options{}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.said) })
		if got, err := e.Models(t.Context()); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Vectors come in any order and length, and leave in that of the texts, of unit
// length.
func TestEmbed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ said, problem string }{
		{`{"data":[{"index":1,"embedding":[0,2]},{"index":0,"embedding":[3,4]}]}`, ""},
		{`{"data":[{"index":0,"embedding":[3,4]}]}`, "no vector for text 2 of 2"},
		{`{"data":[{"index":0,"embedding":[3,4]},{"index":0,"embedding":[3,4]}]}`, "fit no text"},
		{`{"data":[{"index":0,"embedding":[3,4]},{"index":7,"embedding":[3,4]}]}`, "fit no text"},
		{`{"data":[{"index":0,"embedding":[0,0]},{"index":1,"embedding":[3,4]}]}`, "fit no text"},
		{`{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[3,4]}]}`, "no vector"},
		{`{"data":"none"}`, "something else"},
		{`{"error":{"message":"no such thing"}}`, "no such thing"},
	} {
		e := serve(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			if r.URL.Path != "/v1/embeddings" || !strings.Contains(string(b), `"input":["a","b\nc"]`) {
				t.Errorf("%s %s", r.URL.Path, b)
			}
			_, _ = io.WriteString(w, c.said)
		})
		got, err := e.Embed(t.Context(), [][]engine.Part{{{Text: "a"}}, {{Text: "b"}, {Text: "c"}}})
		switch {
		case c.problem != "":
			if err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("%s: %v", c.said, err)
			}
		case err != nil || !reflect.DeepEqual(got, [][]float32{{0.6, 0.8}, {0, 1}}):
			t.Errorf("%v, %v", got, err)
		}
	}
	e := open(t, Options{Options: remote.Options{Model: "m"}})
	if _, err := e.Embed(t.Context(), [][]engine.Part{{{Picture: dot(t)}}}); engine.KindOf(err) != engine.BadPicture {
		t.Error(err)
	}
}

// A schema that a server can't hold its model to is told as such.
func TestSchemaThatIsRefused(t *testing.T) {
	t.Parallel()
	e := serveChat(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"message":"'response_format' of type 'json_schema' is not supported"}}`)
	})
	req := question("?")
	req.Schema = json.RawMessage(`{"type":"object"}`)
	if got := ask(t, t.Context(), e, req); got.kind() != engine.BadRequest || !strings.Contains(got.err.Error(), e.base.Host) {
		t.Error(got.err)
	}
}

// The real server takes llama.cpp's samplers and a grammar, lists its model and has
// vectors.
func TestRealServerHasMore(t *testing.T) {
	t.Parallel()
	_, e := tiny(t, "--embeddings", "--pooling", "last")
	req := question("Describe this image.", sample(t, "scene-01.png"))
	plain := ask(t, t.Context(), e, req)
	req.Sampling.Temperature, req.Sampling.TopK = 1, 1
	req.Sampling.DRY = engine.DRY{Multiplier: 0.001, Base: 1.75, AllowedLength: 60, LastN: 64}
	if got := ask(t, t.Context(), e, req); got.err != nil || got.text != plain.text {
		t.Errorf("with one token to choose from: %q, %v; the likeliest: %q", got.text, got.err, plain.text)
	}
	req.Grammar = `root ::= "seven" | "eight"`
	if got := ask(t, t.Context(), e, req); got.err != nil || got.text != "seven" && got.text != "eight" {
		t.Errorf("%q, %v", got.text, got.err)
	}
	forbidden := question("Describe this image.", sample(t, "scene-01.png"))
	first, _, _ := strings.Cut(plain.text, " ")
	forbidden.Sampling.LogitBias = []engine.LogitBias{{Text: first, Forbid: true}}
	if got := ask(t, t.Context(), e, forbidden); got.err != nil || strings.HasPrefix(got.text, first+" ") {
		t.Errorf("%q was forbidden: %q, %v", first, got.text, got.err)
	}
	models, err := e.Models(t.Context())
	if err != nil || len(models) != 1 || models[0].Vision == nil || !*models[0].Vision || models[0].Size == 0 || models[0].Parameters == "" || !models[0].Modified.IsZero() {
		t.Errorf("%+v, %v", models, err)
	}
	v, err := e.Embed(t.Context(), [][]engine.Part{{{Text: "a red circle"}}, {{Text: "a blue square"}}, {{Text: "a red circle"}}})
	if err != nil || len(v) != 3 {
		t.Fatal(len(v), err)
	}
	dot := func(a, b []float32) (sum float64) {
		for i := range a {
			sum += float64(a[i]) * float64(b[i])
		}
		return sum
	}
	if math.Abs(dot(v[0], v[0])-1) > 1e-5 || dot(v[0], v[2]) < 0.999 || dot(v[0], v[1]) >= dot(v[0], v[2]) {
		t.Errorf("%v %v %v", dot(v[0], v[0]), dot(v[0], v[2]), dot(v[0], v[1]))
	}
}
