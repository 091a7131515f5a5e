package enginetest

import (
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// maxTokens ends answers where they are told to, with the beginning of what the
// whole answer would have been.
func maxTokens(t *testing.T, s Subject) {
	e := s.Open(t)
	req := Greedy(engine.Ask("Describe this image.", Sample(t, "scene-01.png")))
	whole := mustAsk(t, e, req).Text
	for _, n := range []int{1, 3} {
		req.Sampling.MaxTokens = n
		a := mustAsk(t, e, req)
		if a.Finish != engine.Length || a.Usage.GeneratedTokens != n || a.Text == "" || a.Text == whole || !strings.HasPrefix(whole, a.Text) {
			t.Errorf("%d tokens of %q are %q, %d tokens, finish %q", n, whole, a.Text, a.Usage.GeneratedTokens, a.Finish)
		}
	}
}

// stopStrings end answers before them, wherever they begin in a token.
func stopStrings(t *testing.T, s Subject) {
	e := s.Open(t)
	req := Greedy(engine.Ask("Describe this image.", Sample(t, "scene-01.png")))
	whole := mustAsk(t, e, req).Text
	for _, stop := range [][]string{{" red"}, {"ge re"}, {"nowhere", "igit 9", "in the"}} {
		req.Sampling.Stop = stop
		at := len(whole)
		for _, word := range stop {
			if i := strings.Index(whole, word); i >= 0 {
				at = min(at, i)
			}
		}
		if a := mustAsk(t, e, req); at == len(whole) || a.Text != whole[:at] || a.Finish != engine.Stop {
			t.Errorf("%q stopped at %q is %q, finish %q", whole, stop, a.Text, a.Finish)
		}
	}
}

// seed makes an answer that is drawn come again. Some seed draws another, of a
// model that is not sure.
func seed(t *testing.T, s Subject) {
	e := s.Open(t)
	pictures := []*images.Picture{Sample(t, "scene-04.png"), Sample(t, "scene-24.png")}
	draw := func(seed uint32) string {
		req := Greedy(engine.Ask("Are these images the same?", pictures...))
		req.Sampling = engine.Sampling{Temperature: 1, TopP: 1, TopK: engine.DefaultSampling().TopK, Seed: &seed, MaxTokens: 40}
		return mustAsk(t, e, req).Text
	}
	// The first one fills the cache: what is read from it differs in the last digits.
	draw(0)
	drawn := map[string]bool{}
	for n := range uint32(4) {
		one, again := draw(n), draw(n)
		if one != again {
			t.Errorf("seed %d draws %q and then %q", n, one, again)
		}
		drawn[one] = true
	}
	if len(drawn) < 2 {
		t.Errorf("four seeds draw %v", drawn)
	}
}

// contextFull says so, and the engine goes on.
func contextFull(t *testing.T, s Subject) {
	e := s.Open(t)
	a := Ask(t.Context(), t, e, Greedy(engine.Text(engine.User, strings.Repeat("red circle ", 5000))))
	if a.Kind() != engine.ContextFull {
		t.Errorf("answered %q, %v", a.Text, a.Err)
	}
	mustAsk(t, e, Greedy(engine.Text(engine.User, "Who are you?")))
}
