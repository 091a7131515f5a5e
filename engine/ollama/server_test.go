//go:build ollama

package ollama

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/testdata/ollamaserver"
)

// real opens a model of a real Ollama.
func real(t *testing.T, s *ollamaserver.Server, model string) *Engine {
	t.Helper()
	return open(t, Options{Host: s.URL, Options: remote.Options{Model: model}})
}

func scene(t *testing.T) *images.Picture {
	t.Helper()
	const file = "../../testdata/tinyvlm/samples/scene-12.png"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := images.Decode(file, b, images.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func describe(t *testing.T) engine.Request {
	t.Helper()
	req := question("Describe this image.", scene(t))
	req.Sampling.MaxTokens = 60
	return req
}

func TestOllamaAnswers(t *testing.T) {
	t.Parallel()
	s := ollamaserver.Start(t)
	e := real(t, s, s.Model)
	info, err := e.Info(t.Context())
	if err != nil || !info.Capabilities.Vision || info.Capabilities.Thinking {
		t.Fatalf("%+v, %v", info, err)
	}
	got := ask(t, e, describe(t))
	if got.err != nil || got.done.Usage.PromptTokens < 64 || got.done.Usage.GeneratedTokens < 3 || got.done.Usage.PromptTime <= 0 || got.done.Usage.TTFT <= 0 {
		t.Fatalf("%+v", got)
	}
	t.Logf("%q, %+v", got.text, *got.done.Usage)

	on := true
	req := describe(t)
	req.Thinking = &on
	if got := ask(t, e, req); engine.KindOf(got.err) != engine.BadOption {
		t.Error(got.err)
	}
	if got := ask(t, real(t, s, s.Thinker), req); got.err != nil {
		t.Error(got.err)
	}
	if got := ask(t, real(t, s, s.Blind), describe(t)); engine.KindOf(got.err) != engine.NotVision {
		t.Error(got.err)
	}
	if got := ask(t, real(t, s, "nobody"), describe(t)); engine.KindOf(got.err) != engine.ModelNotFound {
		t.Error(got.err)
	}

	req = describe(t)
	req.Schema = json.RawMessage(`{"type":"object","properties":{"shape":{"enum":["circle","square"]}},"required":["shape"]}`)
	got = ask(t, e, req)
	var doc struct{ Shape string }
	if err := json.Unmarshal([]byte(got.text), &doc); got.err != nil || err != nil || doc.Shape != "circle" && doc.Shape != "square" {
		t.Errorf("%q, %v, %v", got.text, got.err, err)
	}
}

func TestOllamaLogprobs(t *testing.T) {
	t.Parallel()
	s := ollamaserver.Start(t)
	req := describe(t)
	req.Logprobs, req.TopLogprobs = true, 5
	var text, tokens strings.Builder
	for ev, err := range real(t, s, s.Model).Chat(t.Context(), req) {
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(ev.Text)
		for _, l := range ev.Logprobs {
			tokens.WriteString(l.Text)
			sum := 0.0
			for _, top := range l.Top {
				sum += math.Exp(top.Logprob)
			}
			if len(l.Top) != 5 || sum > 1.001 || l.Top[0].Text != l.Text || l.Top[0].Logprob != l.Logprob {
				t.Errorf("at temperature 0 %+v was taken, and the sum is %g", l, sum)
			}
		}
	}
	if text.Len() == 0 || text.String() != tokens.String() {
		t.Errorf("the text is %q, its tokens %q", text.String(), tokens.String())
	}
}

func TestOllamaModels(t *testing.T) {
	t.Parallel()
	s := ollamaserver.Start(t)
	e := real(t, s, s.Model)
	all, err := e.Models(t.Context())
	if err != nil || len(all) != 3 {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, m := range all {
		blind := m.Name == s.Blind+":latest"
		if m.Vision == nil || *m.Vision == blind || m.Size < 1<<20 || m.ContextSize < 1024 || m.Thinking != (m.Name == s.Thinker+":latest") || m.Modified.IsZero() {
			t.Errorf("%+v", m)
		}
	}
	d, err := e.DescribeModel(t.Context(), s.Model)
	if err != nil || d.Size < 1<<20 || d.Quantization == "" {
		t.Fatalf("%+v, %v", d, err)
	}
	facts := map[string]string{}
	for _, f := range d.Facts {
		facts[f.Name] = f.Value
	}
	if facts["licence"] != "MIT" || !strings.Contains(facts["capabilities"], "vision") || facts["projector"] == "" || facts["architecture"] == "" || !strings.Contains(facts["chat template"], "im_start") || !strings.Contains(facts["modelfile parameters"], "stop") {
		t.Errorf("%q", facts)
	}
	t.Logf("%q", facts)
	for _, err := range e.Pull(t.Context(), "no-such-model-of-anybody") {
		if kind := engine.KindOf(err); err != nil && kind != engine.Unreachable && kind != engine.ModelNotFound {
			t.Error(err)
		} else if err != nil {
			t.Log(err)
			return
		}
	}
	t.Error("a model that does not exist was pulled")
}

func TestOllamaEmbeds(t *testing.T) {
	t.Parallel()
	s := ollamaserver.Start(t)
	e := real(t, s, s.Blind)
	texts := [][]engine.Part{{{Text: "a red circle"}}, {{Text: "a red circle"}}, {{Text: "five"}}}
	v, err := e.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	dot := func(a, b []float32) (sum float64) {
		for i := range a {
			sum += float64(a[i]) * float64(b[i])
		}
		return sum
	}
	if len(v) != 3 || math.Abs(dot(v[0], v[0])-1) > 1e-3 || math.Abs(dot(v[0], v[1])-1) > 1e-3 || dot(v[0], v[2]) > 0.999 {
		t.Errorf("%d vectors: %g, %g, %g", len(v), dot(v[0], v[0]), dot(v[0], v[1]), dot(v[0], v[2]))
	}
	if _, err := e.Embed(t.Context(), [][]engine.Part{{{Picture: scene(t)}}}); engine.KindOf(err) != engine.BadPicture {
		t.Error(err)
	}
}

// long asks for what takes longer than a test wants to wait.
func long() engine.Request {
	req := question("Describe.")
	req.Sampling = engine.Sampling{Temperature: 5, MaxTokens: 100_000}
	return req
}

func TestOllamaKilled(t *testing.T) {
	t.Parallel()
	s := ollamaserver.Start(t)
	e := real(t, s, s.Model)
	var last error
	for ev, err := range e.Chat(t.Context(), long()) {
		if ev.Kind == engine.Delta && last == nil {
			s.Kill()
		}
		last = err
	}
	if engine.KindOf(last) != engine.AnswerCut {
		t.Error(last)
	}
	if _, err := real(t, s, s.Model).Info(t.Context()); engine.KindOf(err) != engine.Unreachable {
		t.Error(err)
	}
}

// Of the model that was kept for no time nothing is left, of the one that is
// kept for good there is.
func TestOllamaKeepAlive(t *testing.T) {
	t.Parallel()
	s := ollamaserver.Start(t)
	for _, keep := range []time.Duration{-time.Second, time.Hour, 0} {
		e := open(t, Options{Host: s.URL, KeepAlive: &keep, Options: remote.Options{Model: s.Blind}})
		if got := ask(t, e, question("Hello")); got.err != nil {
			t.Fatal(got.err)
		}
		deadline := time.Now().Add(time.Minute)
		for {
			running, err := e.client(&exchange{engine: e}).ListRunning(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			loaded := len(running.Models) > 0
			if loaded && keep != 0 {
				if until := time.Until(running.Models[0].ExpiresAt); (keep < 0) != (until > 24*time.Hour) {
					t.Errorf("with %v it stays for %v", keep, until)
				}
			}
			if loaded == (keep != 0) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal(errors.New("the model is loaded although it was to be kept for no time, or the other way round"))
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}
