package native

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
)

// The log-probabilities of an answer are those that scoring it gives, and the
// likeliest token is the one that greedy sampling took.
func TestLogprobsAndScores(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	messages := []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-01.png"))}
	var told []engine.TokenLogprob
	text := ""
	for ev, err := range e.Chat(t.Context(), engine.Request{Messages: messages, Sampling: greedy, Logprobs: true, TopLogprobs: 3}) {
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, ev.Logprobs...)
		if ev.Kind == engine.Delta {
			text += ev.Text
		}
	}
	joined := ""
	for _, l := range told {
		joined += l.Text
		if l.Logprob > 0 || len(l.Top) != 3 || l.Top[0].Token != l.Token || l.Top[0].Logprob != l.Logprob || l.Top[1].Logprob > l.Top[0].Logprob {
			t.Errorf("a token of a greedy answer is %+v", l)
		}
	}
	if joined != text || len(told) == 0 {
		t.Errorf("the tokens are %q, the answer %q", joined, text)
	}
	candidates := []string{text, "yes", text + " And more of it.", "A large red digit", "", "no"}
	scores, err := e.Score(t.Context(), engine.ScoreRequest{Messages: messages, Candidates: candidates, TopLogprobs: 2})
	if err != nil || len(scores) != len(candidates) {
		t.Fatalf("%d scores, %v", len(scores), err)
	}
	if len(scores[0].Tokens) != len(told) {
		t.Fatalf("%d tokens are scored, %d were written", len(scores[0].Tokens), len(told))
	}
	for i, s := range scores[0].Tokens {
		if s.Token != told[i].Token || math.Abs(s.Logprob-told[i].Logprob) > 0.02 {
			t.Errorf("token %d is scored %+v and was written with %+v", i, s, told[i])
		}
		if len(s.Top) != 2 || s.Top[0].Token != s.Token || s.Top[1].Logprob > s.Top[0].Logprob {
			t.Errorf("the likeliest in the place of token %d of a greedy answer are %+v", i, s.Top)
		}
	}
	if len(scores[4].Tokens) != 0 || !math.IsInf(scores[4].Perplexity(), 1) {
		t.Errorf("an empty text has the score %+v", scores[4])
	}
	if p := scores[0].Perplexity(); p < 1 || p > scores[1].Perplexity() {
		t.Errorf("perplexity of the answer %v, of another %v", p, scores[1].Perplexity())
	}
	// Each alone, and all again from the cache, are the same.
	for i, c := range candidates {
		one, err := e.Score(t.Context(), engine.ScoreRequest{Messages: messages, Candidates: []string{c}})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(one[0].Logprob()-scores[i].Logprob()) > 0.02 {
			t.Errorf("%q has %v alone and %v among others", c, one[0].Logprob(), scores[i].Logprob())
		}
	}
	ended, err := e.Score(t.Context(), engine.ScoreRequest{Messages: messages, Candidates: []string{text, text[:len(text)/2]}, End: true})
	if err != nil {
		t.Fatal(err)
	}
	whole, half := ended[0].Tokens[len(ended[0].Tokens)-1], ended[1].Tokens[len(ended[1].Tokens)-1]
	if whole.Logprob < -1 || half.Logprob > whole.Logprob {
		t.Errorf("the end is worth %v after the whole answer and %v after half of it", whole.Logprob, half.Logprob)
	}
}

// More candidates than there are sequences, of more tokens than a batch of logits.
func TestScoreMany(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	messages := []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-02.png"))}
	var candidates []string
	for i := range 60 {
		candidates = append(candidates, strings.Repeat("a red circle ", 1+i%9))
	}
	scores, err := e.Score(t.Context(), engine.ScoreRequest{Messages: messages, Candidates: candidates})
	if err != nil || len(scores) != len(candidates) {
		t.Fatalf("%d scores, %v", len(scores), err)
	}
	for i := 9; i < len(scores); i++ {
		if math.Abs(scores[i].Logprob()-scores[i-9].Logprob()) > 0.05*float64(len(scores[i].Tokens)) {
			t.Errorf("the same text has %v and %v", scores[i].Logprob(), scores[i-9].Logprob())
		}
	}
	if a := mustAsk(t, e, greedy, messages...); a.usage.CachedTokens == 0 || a.usage.EncodeTime != 0 {
		t.Errorf("an answer after the scores has usage %+v", a.usage)
	}
	_, err = e.Score(t.Context(), engine.ScoreRequest{Messages: messages, Candidates: []string{strings.Repeat("red ", 3000)}})
	if engine.KindOf(err) != engine.ContextFull {
		t.Errorf("the error is %v", err)
	}
}

// What is counted is what is computed.
func TestCount(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	messages := []engine.Message{
		engine.Ask("Describe this image.", sample(t, "scene-01.png"), sample(t, "scene-05.jpg")),
		engine.Text(engine.Assistant, "It shows a star."), engine.Ask("And this one?", sample(t, "scene-01.png")),
	}
	c, err := e.Count(t.Context(), engine.Request{Messages: messages})
	if err != nil {
		t.Fatal(err)
	}
	a := mustAsk(t, e, greedy, messages...)
	if c.Tokens != a.usage.PromptTokens || c.ImageTokens != a.usage.ImageTokens || len(c.Pictures) != 3 || c.Pictures[2] != 64 || c.ContextSize == 0 {
		t.Errorf("counted %+v, computed %+v", c, a.usage)
	}
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	text := func(s string) []engine.Part { return []engine.Part{{Text: s}} }
	picture := func(name string) []engine.Part { return []engine.Part{{Picture: sample(t, name)}} }
	inputs := [][]engine.Part{
		text("a red circle"), text("a red circle."), text("who are you"), picture("scene-01.png"), picture("scene-02.png"),
		append(picture("scene-01.png"), text("Describe this image.")...),
	}
	v, err := e.Embed(t.Context(), inputs)
	if err != nil || len(v) != len(inputs) {
		t.Fatalf("%d vectors, %v", len(v), err)
	}
	dot := func(a, b []float32) (sum float64) {
		for i := range a {
			sum += float64(a[i]) * float64(b[i])
		}
		return sum
	}
	for i := range v {
		if math.Abs(dot(v[i], v[i])-1) > 1e-3 {
			t.Errorf("vector %d has the length %v", i, math.Sqrt(dot(v[i], v[i])))
		}
		again, err := e.Embed(t.Context(), inputs[i:i+1])
		if err != nil || dot(again[0], v[i]) < 0.999 {
			t.Errorf("input %d has another vector the second time: %v", i, err)
		}
	}
	if same, other := dot(v[0], v[1]), dot(v[0], v[2]); same < other {
		t.Errorf("like texts are %v near each other, unlike ones %v", same, other)
	}
	if d := dot(v[3], v[4]); d > 0.9999 {
		t.Errorf("two pictures have one vector (%v)", d)
	}
	if _, err := e.Embed(t.Context(), [][]engine.Part{text("")}); err == nil {
		t.Error("an empty text has a vector")
	}
}

// An answer goes on from what of it was said.
func TestSaid(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	messages := []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-01.png"))}
	whole := mustAsk(t, e, greedy, messages...)
	cut := strings.Index(whole.text, " digit")
	req := toWire(engine.Request{Messages: messages, Sampling: greedy})
	req.Said = whole.text[:cut]
	c, err := e.attach(t.Context(), func(engine.Event) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	rest := ""
	err = e.ask(t.Context(), c, "/chat", req, engine.Pictures(messages), func(l line) (bool, error) {
		if l.Event != nil && l.Event.Kind == engine.Delta {
			rest += l.Event.Text
		}
		return l.Event == nil || l.Event.Kind != engine.Done, nil
	})
	if err != nil || rest != whole.text[cut:] {
		t.Errorf("after %q comes %q, %v; want %q", req.Said, rest, err, whole.text[cut:])
	}
}

// Who asks for a vector beside others who go away gets it.
func TestEmbedBesideOthersWhoLeave(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	if _, err := e.Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	for round := range 40 {
		p := drawing(t, 100+round, 90)
		inputs := [][]engine.Part{{{Picture: p}, {Text: "a red circle"}}, {{Text: "who are you"}}}
		ctx, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { _, _ = e.Embed(ctx, inputs) })
		}
		all.Go(func() {
			if v, err := e.Embed(t.Context(), inputs); err != nil || len(v) != len(inputs) {
				t.Errorf("%d vectors, %v", len(v), err)
			}
		})
		time.Sleep(time.Duration(round%10) * time.Millisecond)
		leave()
		all.Wait()
	}
}
