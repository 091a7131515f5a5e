package llamacpp

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/testdata/hostile"
	"github.com/vlmchat/vlmchat/testdata/llamaserver"
	tinyvlmfiles "github.com/vlmchat/vlmchat/testdata/tinyvlm"
)

// talks are conversations in which the tiny model has said things before, so that
// there is something to penalise: of the next answer to the first it is sure, of
// that to the second it isn't. The picture is the first message's.
var talks = [][]string{
	{"Describe this image.", described, "Describe this image.", described, "Describe this image."},
	{"Describe this image.", described, "Describe this image again.", described, "And once more."},
}

// readTalk computes the conversation as llama-server does, from nothing: the same
// numbers need the same batches. It returns how many tokens it has, and
// positions.
func (r *rig) readTalk(t *testing.T, talk []string, picture Bitmap) (history []Token, tokens, pos int) {
	t.Helper()
	text := "<|im_start|>user\n<PICTURE>"
	for i, said := range talk {
		if i > 0 {
			text += "<|im_start|>" + []string{"user", "assistant"}[i%2] + "\n"
		}
		text += said + "<|im_end|>\n"
	}
	chunks, err := r.projector.Tokenize(text+"<|im_start|>assistant\n", r.model.AddsBOS(), []Bitmap{picture})
	if err != nil {
		t.Fatal(err)
	}
	defer chunks.Close()
	r.context.Clear()
	for i, c := range chunks.All {
		if c.Tokens != nil {
			err = r.context.DecodeTokens(0, c.Tokens, pos, i == len(chunks.All)-1)
		} else {
			var embeddings []float32
			if embeddings, err = r.projector.Encode(c, func(float64) bool { return true }); err == nil {
				err = r.context.DecodeTile(0, c.Tile, embeddings, pos, 0, c.Count)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		history = append(history, c.Tokens...)
		tokens, pos = tokens+c.Count, pos+c.Positions
	}
	return history, tokens, pos
}

// goOn answers the conversation.
func (r *rig) goOn(t *testing.T, talk []string, picture Bitmap, o engine.Sampling) (text string, prompt, tokens int) {
	t.Helper()
	history, prompt, pos := r.readTalk(t, talk, picture)
	s := r.sampler(t, o)
	s.Accept(history...)
	var answer []byte
	for {
		token, err := s.Sample(r.context, -1)
		if err != nil {
			t.Fatal(err)
		}
		tokens++
		if r.model.IsEnd(token) {
			return string(bytes.ToValidUTF8(answer, nil)), prompt, tokens
		}
		answer = r.model.Piece(answer, token)
		if tokens == o.MaxTokens {
			return string(bytes.ToValidUTF8(answer, nil)), prompt, tokens
		}
		if err := r.context.DecodeTokens(0, []Token{token}, pos, true); err != nil {
			t.Fatal(err)
		}
		pos++
	}
}

// serverGoesOn asks llama-server to answer the conversation, with the settings
// by its own names, none of which is left to its defaults.
func serverGoesOn(t *testing.T, url string, talk []string, picture string, s engine.Sampling) (text string, prompt, tokens int) {
	t.Helper()
	type m = map[string]any
	file, err := os.ReadFile(filepath.Join(tinyvlm, "samples", picture))
	if err != nil {
		t.Fatal(err)
	}
	var messages []m
	for i, said := range talk {
		var content any = said
		if i == 0 {
			content = []m{
				{"type": "image_url", "image_url": m{"url": "data:image/png;base64," + base64.StdEncoding.EncodeToString(file)}},
				{"type": "text", "text": said},
			}
		}
		messages = append(messages, m{"role": []string{"user", "assistant"}[i%2], "content": content})
	}
	typical := s.Typical
	if typical == 0 {
		typical = 1
	}
	biases := [][2]any{}
	for _, b := range s.LogitBias {
		var token, bias any = b.Token, b.Bias
		if b.Text != "" {
			token = b.Text
		}
		if b.Forbid {
			bias = false
		}
		biases = append(biases, [2]any{token, bias})
	}
	body, err := json.Marshal(m{
		"messages": messages, "max_tokens": s.MaxTokens, "cache_prompt": false, "seed": *s.Seed,
		"temperature": s.Temperature, "dynatemp_range": s.Dynamic.Range, "dynatemp_exponent": s.Dynamic.Exponent,
		"top_k": s.TopK, "top_p": s.TopP, "min_p": s.MinP, "typical_p": typical, "top_n_sigma": s.TopNSigma,
		"xtc_probability": s.XTC.Probability, "xtc_threshold": s.XTC.Threshold,
		"repeat_last_n": s.Penalties.LastN, "repeat_penalty": s.Penalties.Repeat,
		"frequency_penalty": s.Penalties.Frequency, "presence_penalty": s.Penalties.Presence,
		"dry_multiplier": s.DRY.Multiplier, "dry_base": s.DRY.Base, "dry_allowed_length": s.DRY.AllowedLength,
		"dry_penalty_last_n": s.DRY.LastN, "dry_sequence_breakers": s.DRY.Breakers,
		"mirostat": s.Mirostat.Version, "mirostat_tau": s.Mirostat.Tau, "mirostat_eta": s.Mirostat.Eta,
		"logit_bias": biases,
	})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(url+"/v1/chat/completions", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Choices []struct {
			Message struct{ Content string } `json:"message"`
		} `json:"choices"`
		Usage struct {
			Prompt int `json:"prompt_tokens"`
			Tokens int `json:"completion_tokens"`
		} `json:"usage"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || len(answer.Choices) != 1 {
		t.Fatalf("llama-server: %s, %v", resp.Status, err)
	}
	// How many marks stand for bytes that are no text is each side's own affair.
	text = strings.ReplaceAll(answer.Choices[0].Message.Content, "\ufffd", "")
	return text, answer.Usage.Prompt, answer.Usage.Tokens
}

// Every sampler gives the tokens that it gives in the llama-server of the same
// runtime, with the same seed after the same prompt, and has a part in it.
func TestSamplersLikeLlamaServer(t *testing.T) {
	r := newRig(t)
	const file = "scene-01.png"
	picture := bitmap(t, file)
	server := llamaserver.Run(t, tinyvlm+"tiny-vlm.gguf", tinyvlm+"tiny-vlm-mmproj.gguf", "-np", "1", "-c", "512")
	// The tiny model is sure of itself unless it is heated.
	plain := engine.DefaultSampling()
	plain.TopP, plain.TopK, plain.MaxTokens = 1, 0, 40
	const hot, cold = 2, 0
	for _, c := range []struct {
		name        string
		temperature float64
		edit        func(*engine.Sampling)
	}{
		{"heat", 0.5, func(s *engine.Sampling) { s.Temperature = 3 }},
		{"dynamic temperature", hot, func(s *engine.Sampling) { s.Dynamic = engine.DynamicTemperature{Range: 1.5, Exponent: 1.5} }},
		{"dynamic temperature, cold", cold, func(s *engine.Sampling) { s.Dynamic = engine.DynamicTemperature{Range: 3, Exponent: 0.3} }},
		{"top-k", hot, func(s *engine.Sampling) { s.TopK = 4 }},
		{"top-p", hot, func(s *engine.Sampling) { s.TopP = 0.7 }},
		{"top-k and top-p", hot, func(s *engine.Sampling) { s.TopK, s.TopP = 20, 0.8 }},
		{"min-p", hot, func(s *engine.Sampling) { s.MinP = 0.3 }},
		{"typical", hot, func(s *engine.Sampling) { s.Typical = 0.5 }},
		{"typical, cold", cold, func(s *engine.Sampling) { s.Typical = 0.3 }},
		{"top-n-sigma", hot, func(s *engine.Sampling) { s.TopNSigma = 1 }},
		{"XTC", hot, func(s *engine.Sampling) { s.XTC = engine.XTC{Probability: 0.7, Threshold: 0.05} }},
		{"XTC, cold", cold, func(s *engine.Sampling) { s.XTC = engine.XTC{Probability: 0.9, Threshold: 0.001} }},
		{"repeat penalty", hot, func(s *engine.Sampling) { s.Penalties = engine.Penalties{LastN: 64, Repeat: 1.8} }},
		{"frequency penalty", hot, func(s *engine.Sampling) { s.Penalties = engine.Penalties{LastN: 200, Frequency: 1.5, Repeat: 1} }},
		{"presence penalty", hot, func(s *engine.Sampling) { s.Penalties = engine.Penalties{LastN: 200, Presence: 2, Repeat: 1} }},
		{"penalties, cold", cold, func(s *engine.Sampling) { s.Penalties = engine.Penalties{LastN: 200, Repeat: 2, Presence: 5} }},
		{"DRY", hot, func(s *engine.Sampling) { s.DRY.Multiplier, s.DRY.LastN = 4, 300 }},
		{"DRY, breakers", hot, func(s *engine.Sampling) {
			s.DRY = engine.DRY{Multiplier: 5, Base: 1.2, AllowedLength: 1, LastN: 300, Breakers: []string{" red", "digit", "shows"}}
		}},
		{"DRY, cold", cold, func(s *engine.Sampling) { s.DRY.Multiplier, s.DRY.LastN = 4, 300 }},
		{"Mirostat", hot, func(s *engine.Sampling) { s.Mirostat = engine.Mirostat{Version: 1, Tau: 2, Eta: 0.2} }},
		{"Mirostat 2", hot, func(s *engine.Sampling) { s.Mirostat = engine.Mirostat{Version: 2, Tau: 1.5, Eta: 0.3} }},
		{"logit bias", hot, func(s *engine.Sampling) {
			s.LogitBias = []engine.LogitBias{{Text: " red", Forbid: true}, {Text: " blue", Bias: 4}, {Token: 100, Bias: 2.5}}
		}},
		{"logit bias, cold", cold, func(s *engine.Sampling) { s.LogitBias = []engine.LogitBias{{Text: "The image", Forbid: true}} }},
		{"all of them", 1.5, func(s *engine.Sampling) {
			s.TopK, s.TopP, s.MinP, s.Typical, s.TopNSigma = 50, 0.95, 0.01, 0.98, 3
			s.XTC, s.Penalties = engine.XTC{Probability: 0.3, Threshold: 0.1}, engine.Penalties{LastN: 32, Repeat: 1.1, Frequency: 0.2, Presence: 0.3}
			s.DRY.Multiplier, s.Dynamic.Range = 0.8, 0.5
			s.LogitBias = []engine.LogitBias{{Text: ".", Bias: -1}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			matters := false
			for i := range 4 {
				seed, talk := uint32(i), talks[i%2]
				without := plain
				without.Temperature, without.Seed = c.temperature, &seed
				with := without
				c.edit(&with)
				want, prompt, tokens := serverGoesOn(t, server.URL, talk, file, with)
				text, ours, n := r.goOn(t, talk, picture, with)
				if text != want || ours != prompt || n != tokens {
					t.Errorf("seed %d: we answer %q (%d tokens to %d), llama-server answers %q (%d tokens to %d)", seed, text, n, ours, want, tokens, prompt)
				}
				if !matters {
					unlike, _, _ := r.goOn(t, talk, picture, without)
					matters = text != unlike
				}
			}
			if !matters {
				t.Error("the answers are those without it")
			}
		})
	}
}

// A model's file can say that some tokens are never to be written.
func TestSuppressedTokens(t *testing.T) {
	r := newRig(t)
	r.ask(t)
	likeliest := r.first(t, engine.Sampling{})
	f := hostile.Open(tinyvlmfiles.Model)
	f.Set(hostile.Numbers("tokenizer.ggml.suppress_tokens", int32(likeliest)))
	path := filepath.Join(t.TempDir(), "quiet.gguf")
	if err := os.WriteFile(path, f.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	model, err := r.lib.LoadModel(path, ModelOptions{}, func(float32) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	defer model.Close()
	if len(model.suppressed()) == 0 {
		t.Skip("this build does not know of them, nor does its llama-server")
	}
	s, err := model.NewSampler(engine.Sampling{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.Sample(r.context, -1)
	if want := r.first(t, engine.Sampling{LogitBias: []engine.LogitBias{{Token: int(likeliest), Forbid: true}}}); err != nil || got != want {
		t.Errorf("token %d is chosen (%v), and %d is the likeliest but the suppressed one", got, err, want)
	}
}
