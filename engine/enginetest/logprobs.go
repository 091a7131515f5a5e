package enginetest

import (
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// logprobs are told of each token of an answer, and of the likeliest in its place,
// of which greedy sampling took the first. They change no answer, and who does not
// ask for them gets none.
func logprobs(t *testing.T, s Subject) {
	e := s.Open(t)
	req := Greedy(engine.Ask("Describe this image.", Sample(t, "scene-01.png")))
	plain := mustAsk(t, e, req)
	if len(plain.Logprobs) != 0 {
		t.Errorf("nobody asked for %d log-probabilities", len(plain.Logprobs))
	}
	for _, top := range []int{0, 3} {
		req.Logprobs, req.TopLogprobs = true, top
		a := mustAsk(t, e, req)
		if a.Text != plain.Text {
			t.Errorf("with log-probabilities the answer is %q, without %q", a.Text, plain.Text)
		}
		text := ""
		for _, l := range a.Logprobs {
			text += l.Text
			if l.Logprob > 0 || len(l.Top) != top {
				t.Errorf("a token is %+v", l)
			}
			for i := range l.Top {
				if i == 0 && (l.Top[0].Text != l.Text || l.Top[0].Logprob != l.Logprob) || i > 0 && l.Top[i].Logprob > l.Top[i-1].Logprob {
					t.Errorf("a token of a greedy answer is %+v", l)
				}
			}
		}
		// The end of the answer is a token without a text, which engines may tell.
		if text != a.Text || len(a.Logprobs) == 0 || len(a.Logprobs) > a.Usage.GeneratedTokens {
			t.Errorf("the %d tokens are %q, the answer %q, usage %+v", len(a.Logprobs), text, a.Text, a.Usage)
		}
	}
}
