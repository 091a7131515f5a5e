//go:build abi

package native

import (
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/runtimes"
	"github.com/vlmchat/vlmchat/testdata/hostile"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
)

// abiSampled is a way to sample, with or without an adapter, and the answer of
// llama-server to the conversation of abiConversation and its first question
// again. All of them leave nothing to chance, as builds draw by it differently.
type abiSampled struct {
	name     string
	lora     bool
	sampling engine.Sampling
	answer   string
}

func abiSamplings() []abiSampled {
	const described = "The image shows three objects on a blue background: a large yellow heart at the top, a small yellow heart on the right and a small yellow heart in the bottom left."
	one := engine.DefaultSampling()
	one.Temperature, one.TopK, one.MinP, one.Typical, one.TopNSigma = 1, 1, 0.1, 0.9, 2
	one.Dynamic.Range, one.XTC.Probability = 0.5, 0.5
	mirostat := func(version int) engine.Sampling {
		return engine.Sampling{Temperature: 1, TopP: 1, MaxTokens: 100, Mirostat: engine.Mirostat{Version: version, Tau: 1e-6, Eta: 1e-6}}
	}
	cold := func(s engine.Sampling) engine.Sampling {
		s.MaxTokens = 100
		return s
	}
	return []abiSampled{
		{"filters", false, one, described},
		{"Mirostat", false, mirostat(1), described},
		{"Mirostat 2", false, mirostat(2), described},
		{"penalties", false, cold(engine.Sampling{Penalties: engine.Penalties{LastN: 40, Repeat: 1.3, Presence: 1, Frequency: 0.5}}),
			"The image shows three objects on a blue background: a large yellow heart at the top, a small yellow heart in the center and a small yellow heart on the right."},
		{"DRY", false, cold(engine.Sampling{DRY: engine.DRY{Multiplier: 3, Base: 1.75, AllowedLength: 2, LastN: 300, Breakers: []string{":"}}}), "Bothing"},
		{"bias", false, cold(engine.Sampling{LogitBias: []engine.LogitBias{{Text: " yellow", Forbid: true}, {Text: " three", Bias: -30}}}),
			"The image shows two objects on a blue background: a large green heart at the top and a small orange heart on the right."},
		{"adapter", true, greedy, "The image shows three objects on a white background: a large yellow heart at the top and a small yellow heart on the right."},
	}
}

// abiAgain is the conversation, and its first question again.
func abiAgain(t *testing.T) []engine.Message {
	t.Helper()
	turn := abiConversation(t)[0]
	return []engine.Message{turn.message(), engine.Text(engine.Assistant, turn.answer), engine.Text(engine.User, turn.question)}
}

// testSampling samples in each way.
func testSampling(t *testing.T, libraries runtimes.Runtime) {
	o := Options{Model: abiModel(t), Runtime: libraries, Threads: 1, ContextSize: 1024}
	plain := open(t, o)
	o.LoRAs = []LoRA{{adapter(t, hostile.LoRA(1).Bytes()), 0.5}}
	adapted := open(t, o)
	for _, c := range abiSamplings() {
		e := plain
		if c.lora {
			e = adapted
		}
		if got := mustAsk(t, e, c.sampling, abiAgain(t)...).text; got != c.answer {
			t.Errorf("%s: the answer is %q, and should be %q", c.name, got, c.answer)
		}
	}
}

// The answers are those of a real llama-server.
func TestABISampledAnswers(t *testing.T) {
	m := abiModel(t)
	plain := startServer(t, m)
	adapted := llamaserver.Run(t, m.Path, m.Projector, "-np", "1", "--lora-scaled", adapter(t, hostile.LoRA(1).Bytes())+":0.5")
	for _, c := range abiSamplings() {
		server, s := plain, c.sampling
		if c.lora {
			server = adapted
		}
		biases := [][2]any{}
		for _, b := range s.LogitBias {
			bias := any(b.Bias)
			if b.Forbid {
				bias = false
			}
			biases = append(biases, [2]any{b.Text, bias})
		}
		request := map[string]any{
			"messages": toOpenAI(abiAgain(t)), "max_tokens": s.MaxTokens, "cache_prompt": false,
			"temperature": s.Temperature, "top_k": 1, "logit_bias": biases,
			"repeat_last_n": s.Penalties.LastN, "repeat_penalty": max(s.Penalties.Repeat, 1),
			"frequency_penalty": s.Penalties.Frequency, "presence_penalty": s.Penalties.Presence,
			"dry_multiplier": s.DRY.Multiplier, "dry_base": max(s.DRY.Base, 1), "dry_allowed_length": s.DRY.AllowedLength, "dry_penalty_last_n": s.DRY.LastN,
			"mirostat": s.Mirostat.Version, "mirostat_tau": s.Mirostat.Tau, "mirostat_eta": s.Mirostat.Eta,
		}
		if s.DRY.Breakers != nil {
			request["dry_sequence_breakers"] = s.DRY.Breakers
		}
		if got, _, _ := post(t, server, request); got != c.answer {
			t.Errorf("%s: llama-server answers %q, and %q is written down", c.name, got, c.answer)
		}
	}
}
