package openai

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// The real server answers the demo model's questions through this engine as it
// does when asked by hand, without a stream.
func TestRealServerAnswers(t *testing.T) {
	t.Parallel()
	s, e := tiny(t)
	info, err := e.Info(t.Context())
	if err != nil || info.Model != "tiny-vlm.gguf" || info.ContextSize != 2048 || !info.Capabilities.Vision || "http://"+info.Host != s.URL {
		t.Fatalf("%+v, %v", info, err)
	}
	right, all := 0, 0
	for line := range strings.Lines(string(readFile(t, samples+"samples/vqa.jsonl"))) {
		var q struct{ Image, Question, Answer string }
		if err := json.Unmarshal([]byte(line), &q); err != nil {
			t.Fatal(err)
		}
		if all == 40 {
			break
		}
		all++
		req := question(q.Question, sample(t, q.Image))
		got := ask(t, t.Context(), e, req)
		if got.err != nil {
			t.Fatal(got.err)
		}
		u := got.done.Usage
		if u.PromptTokens < 64 || u.GeneratedTokens < 1 || u.TTFT <= 0 || u.PromptTime <= 0 || got.done.Finish != engine.Stop {
			t.Errorf("%+v", got.done)
		}
		if want := byHand(t, s.URL, e, req); got.text != want {
			t.Errorf("%s %s: %q, asked by hand %q", q.Image, q.Question, got.text, want)
		}
		if strings.Contains(strings.ToLower(got.text), q.Answer) {
			right++
		}
	}
	// The model is small (its README has the figures); one that did not see
	// the pictures would be right far less often.
	if right*10 < all*6 {
		t.Errorf("%d of %d answers are right", right, all)
	}
}

// byHand asks with net/http alone.
func byHand(t *testing.T, url string, e *Engine, req engine.Request) string {
	t.Helper()
	r, _, err := e.request(someServer, "any", req)
	if err != nil {
		t.Fatal(err)
	}
	messages, err := json.Marshal(r.Messages)
	if err != nil {
		t.Fatal(err)
	}
	pictures := engine.Pictures(req.Messages)
	all, err := e.inlines(pictures, len(pictures))
	if err != nil {
		t.Fatal(err)
	}
	messages = withPictures(messages, all)
	body, _ := json.Marshal(map[string]any{"messages": json.RawMessage(messages), "temperature": 0, "top_p": 1, "max_tokens": r.MaxTokens})
	resp, err := http.Post(url+"/v1/chat/completions", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var doc struct {
		Choices []struct{ Message struct{ Content string } }
	}
	if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil || len(doc.Choices) == 0 {
		t.Fatal(resp.Status, err)
	}
	return doc.Choices[0].Message.Content
}

func TestRealServerLimits(t *testing.T) {
	t.Parallel()
	_, e := tiny(t)
	long := question("Describe the image.", sample(t, "scene-05.jpg"))
	long.Sampling.MaxTokens = 2
	if got := ask(t, t.Context(), e, long); got.err != nil || got.done.Finish != engine.Length || got.done.Usage.GeneratedTokens != 2 {
		t.Errorf("%+v", got)
	}
	got := ask(t, t.Context(), e, question(strings.Repeat("circle ", 9000)))
	if got.kind() != engine.ContextFull || !strings.Contains(got.err.Error(), "2048") {
		t.Error(got.err)
	}
}

func TestRealServerWithoutProjector(t *testing.T) {
	t.Parallel()
	s, _ := tinyBlind(t)
	asked := open(t, Options{BaseURL: s.URL})
	if info, err := asked.Info(t.Context()); err != nil || info.Capabilities.Vision {
		t.Errorf("%+v, %v", info, err)
	}
	// Refused here, and, where the model was named and nothing is known of it,
	// by the server.
	for _, e := range []*Engine{asked, open(t, Options{Options: remote.Options{Model: "tiny"}, BaseURL: s.URL})} {
		if got := ask(t, t.Context(), e, question("?", dot(t))); got.kind() != engine.NotVision {
			t.Error(got.err)
		}
		if got := ask(t, t.Context(), e, question("Hi")); got.err != nil {
			t.Error(got.err)
		}
	}
}

// A server that fetches a picture for itself sees what it would have been sent.
func TestRealServerFetches(t *testing.T) {
	t.Parallel()
	_, e := tiny(t)
	files := httptest.NewServer(http.FileServer(http.Dir(samples + "samples")))
	t.Cleanup(files.Close)
	const text = "Describe this image."
	sent := ask(t, t.Context(), e, question(text, sample(t, "scene-01.png")))
	req := question(text)
	req.Messages[0].Parts = append([]engine.Part{{URL: files.URL + "/scene-01.png"}}, req.Messages[0].Parts...)
	if got := ask(t, t.Context(), e, req); got.err != nil || got.text != sent.text || got.text == "" {
		t.Errorf("%q, %v; as data %q", got.text, got.err, sent.text)
	}
	req.Messages[0].Parts[0].URL = files.URL + "/none.png"
	if got := ask(t, t.Context(), e, req); got.kind() != engine.BadPicture || got.text != "" {
		t.Errorf("%q, %v", got.text, got.err)
	}
}
