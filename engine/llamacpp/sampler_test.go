package llamacpp

import (
	"math"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// ask computes a question, so that there are logits to sample from.
func (r *rig) ask(t *testing.T) {
	t.Helper()
	const question = "<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\n"
	tokens, err := r.model.Tokenize(question, false, true)
	if err != nil {
		t.Fatal(err)
	}
	r.context.Clear()
	if err := r.context.DecodeTokens(0, tokens, 0, true); err != nil {
		t.Fatal(err)
	}
}

// first is the token that a sampler chooses after a history.
func (r *rig) first(t *testing.T, o engine.Sampling, history ...Token) Token {
	t.Helper()
	s := r.sampler(t, o)
	s.Accept(history...)
	token, err := s.Sample(r.context, -1)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// A penalty and DRY look at as many tokens as they are told, whatever the form of
// llama.cpp's functions: what is counted as another number would show here.
func TestPenaltiesLookBack(t *testing.T) {
	r := newRig(t)
	r.ask(t)
	likeliest := r.first(t, engine.Sampling{})
	other := likeliest + 1
	most := float64(engine.MaxPenalty)
	for name, c := range map[string]struct {
		o       engine.Sampling
		history []Token
		same    bool // the likeliest token is chosen all the same
	}{
		"presence":             {engine.Sampling{Penalties: engine.Penalties{LastN: 1, Presence: most}}, []Token{likeliest}, false},
		"presence, longer ago": {engine.Sampling{Penalties: engine.Penalties{LastN: 1, Presence: most}}, []Token{likeliest, other}, true},
		"presence, of none":    {engine.Sampling{Penalties: engine.Penalties{LastN: 0, Presence: most}}, []Token{likeliest}, true},
		"frequency":            {engine.Sampling{Penalties: engine.Penalties{LastN: 3, Frequency: most}}, []Token{likeliest, other, other}, false},
		"repetition":           {engine.Sampling{Penalties: engine.Penalties{LastN: 3, Repeat: most}}, []Token{likeliest, other, other}, false},
		"repetition, off":      {engine.Sampling{Penalties: engine.Penalties{LastN: 3, Repeat: 1}}, []Token{likeliest}, true},
		"DRY": {engine.Sampling{DRY: engine.DRY{Multiplier: most, Base: 2, AllowedLength: 2, LastN: 64}},
			[]Token{other, other + 1, likeliest, other, other + 1}, false},
		"DRY, shorter": {engine.Sampling{DRY: engine.DRY{Multiplier: most, Base: 2, AllowedLength: 3, LastN: 64}},
			[]Token{other, other + 1, likeliest, other, other + 1}, true},
		"DRY, longer ago": {engine.Sampling{DRY: engine.DRY{Multiplier: most, Base: 2, AllowedLength: 2, LastN: 4}},
			[]Token{other, other + 1, likeliest, other, other + 1}, true},
		"DRY, off": {engine.Sampling{DRY: engine.DRY{Base: 2, AllowedLength: 2, LastN: 64}},
			[]Token{other, other + 1, likeliest, other, other + 1}, true},
	} {
		if got := r.first(t, c.o, c.history...); (got == likeliest) != c.same {
			t.Errorf("%s: token %d is chosen, the likeliest is %d", name, got, likeliest)
		}
	}
}

func TestLogitBias(t *testing.T) {
	r := newRig(t)
	r.ask(t)
	likeliest := r.first(t, engine.Sampling{})
	nine, err := r.model.Tokenize("9", false, false)
	if err != nil || len(nine) != 1 {
		t.Fatal(nine, err)
	}
	forbid := engine.LogitBias{Token: int(likeliest), Forbid: true}
	second := r.first(t, engine.Sampling{LogitBias: []engine.LogitBias{forbid}})
	if second == likeliest {
		t.Error("a forbidden token is chosen")
	}
	if got := r.first(t, engine.Sampling{LogitBias: []engine.LogitBias{forbid, {Text: "9", Bias: 1000}}}); got != nine[0] {
		t.Errorf("token %d is chosen, and %d has a bias of 1000", got, nine[0])
	}
	all := make([]engine.LogitBias, r.model.VocabSize())
	for i := range all {
		all[i] = engine.LogitBias{Token: i, Forbid: true}
	}
	for want, biases := range map[string][]engine.LogitBias{
		"is not in the model's vocabulary": {{Token: r.model.VocabSize()}},
		"the token -1 is not":              {{Token: -1, Bias: 1}},
		"forbids every token":              all,
		"is NaN":                           {{Token: 1, Bias: math.NaN()}},
	} {
		if _, err := r.model.NewSampler(engine.Sampling{LogitBias: biases}); engine.KindOf(err) != engine.BadOption || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v; want %q", err, want)
		}
	}
	if got := r.first(t, engine.Sampling{Temperature: 1, TopP: 1, LogitBias: all[1:]}); got != 0 {
		t.Errorf("token %d is chosen, and all but 0 are forbidden", got)
	}
}

// A build that lacks a sampler says which.
func TestMissingSamplers(t *testing.T) {
	r := newRig(t)
	lib := Library{Version: r.lib.Version, llama: r.lib.llama} // a build without them
	f := &lib.llama
	f.SamplerInitLogitBias, f.SamplerInitMinP, f.SamplerInitTypical, f.SamplerInitTopNSigma = 0, nil, nil, nil
	f.SamplerInitXTC, f.SamplerInitTempExt, f.SamplerInitMirostat, f.SamplerInitMirostatV2 = nil, nil, nil, nil
	f.SamplerInitPenalties, f.SamplerInitDRY = nil, nil
	model := Model{lib: &lib, ptr: r.model.ptr, vocab: r.model.vocab}
	for want, edit := range map[string]func(*engine.Sampling){
		"dynatemp_range":  func(s *engine.Sampling) { s.Dynamic.Range = 1 },
		"min_p":           func(s *engine.Sampling) { s.MinP = 0.1 },
		"typical":         func(s *engine.Sampling) { s.Typical = 0.5 },
		"top_n_sigma":     func(s *engine.Sampling) { s.TopNSigma = 1 },
		"xtc_probability": func(s *engine.Sampling) { s.XTC.Probability = 0.5 },
		"penalties":       func(s *engine.Sampling) { s.Penalties.Repeat = 2 },
		"dry_multiplier":  func(s *engine.Sampling) { s.DRY.Multiplier = 1 },
		"mirostat":        func(s *engine.Sampling) { s.Mirostat.Version = 1 },
		"logit_bias":      func(s *engine.Sampling) { s.LogitBias = []engine.LogitBias{{Bias: 1}} },
	} {
		o := engine.DefaultSampling()
		edit(&o)
		if _, err := model.NewSampler(o); engine.KindOf(err) != engine.BadOption || !strings.Contains(err.Error(), "has no sampler for "+want) {
			t.Errorf("%s: the error is %v", want, err)
		}
		s, err := r.model.NewSampler(o)
		if err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		s.Close()
	}
}

// What a grammar refuses is not what was written: penalties don't see it.
func TestGrammarKeepsRefusedTokensFromPenalties(t *testing.T) {
	r := newRig(t)
	r.ask(t)
	likeliest := r.first(t, engine.Sampling{})
	g, err := r.model.NewGrammar(`root ::= "9"`)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	s := r.sampler(t, engine.Sampling{Penalties: engine.Penalties{LastN: 8, Presence: engine.MaxPenalty}})
	nine, err := s.SampleWithin(g, r.context, -1)
	if err != nil || nine == likeliest {
		t.Fatal(nine, err)
	}
	if got, err := s.Sample(r.context, -1); err != nil || got != likeliest {
		t.Errorf("token %d is chosen, and %d was never written (%v)", got, likeliest, err)
	}
}
