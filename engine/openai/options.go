package openai

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	client "github.com/sashabaranov/go-openai"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// matters tells whether a request has something that a server of a kind that is
// not known has to be asked for: it may have it under another name, or not at all.
func matters(req engine.Request) bool {
	for _, option := range req.Sampling.Extras() {
		if penalties[option] != option {
			return true
		}
	}
	return req.Logprobs || req.Grammar != "" || req.Thinking != nil || len(req.Sampling.LogitBias) > 0
}

// setSampling sets what every server has, by the names that this one has for it.
func (s *server) setSampling(r *client.ChatCompletionRequest, extra map[string]any, model string, req engine.Request) error {
	if s.limit == maxCompletionTokens || reasons(model) {
		r.MaxCompletionTokens = req.Sampling.MaxTokens
	} else {
		r.MaxTokens = req.Sampling.MaxTokens
	}
	switch seed := req.Sampling.Seed; {
	case seed == nil:
	case s.seed == "":
		return s.lacks("seed")
	default:
		extra[s.seed] = *seed
	}
	if reasons(model) { // those refuse both
		return nil
	}
	if most := s.maxTemperature; most > 0 && req.Sampling.Temperature > most {
		return &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("%s API takes a temperature from 0 to %g, not %g", s.name, most, req.Sampling.Temperature)}
	}
	r.Temperature = float32(req.Sampling.Temperature)
	if r.Temperature == 0 {
		// The library leaves a zero out, and the server would take its own.
		extra["temperature"] = 0
	}
	if !s.noTopP {
		r.TopP = float32(req.Sampling.TopP)
	}
	return nil
}

// lacks is the error of an option that a kind of server does not have.
func (s *server) lacks(option string) *engine.Error {
	return &engine.Error{
		Kind:    engine.BadOption,
		Message: fmt.Sprintf("%s API has no %s", s.name, option),
		Hint:    "leave it out, or use the native engine, which has it",
	}
}

// setOptions sets the options that not every server has.
func (s *server) setOptions(r *client.ChatCompletionRequest, extra map[string]any, model string, req engine.Request) error {
	if err := remote.CheckSampling(req.Sampling, s.name, slices.Collect(maps.Keys(s.options))...); err != nil {
		return err
	}
	for _, option := range req.Sampling.Extras() {
		if reasons(model) && penalties[option] == option {
			return &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("the model %s takes no %s", shown(model), option), Hint: "leave it out, or choose a model that does not reason"}
		}
		called, numbers := s.options[option], numbersOf(option, req.Sampling)
		if n, ok := numbers[option]; ok {
			extra[called] = n
		}
		if s.llamacpp {
			delete(numbers, option)
			maps.Copy(extra, numbers)
		}
	}
	if k, ok := extra["top_k"]; ok && k == 0 && s.everyToken != 0 {
		extra["top_k"] = s.everyToken
	}
	if s.llamacpp {
		setAnyBias(extra, req.Sampling.LogitBias)
		return nil
	}
	return s.setBias(r, req.Sampling.LogitBias)
}

// numbersOf are the numbers of an option: its own by its name, and those that go
// with it as llama-server calls them.
func numbersOf(option string, s engine.Sampling) map[string]any {
	switch option {
	case "dynatemp_range":
		return map[string]any{option: s.Dynamic.Range, "dynatemp_exponent": s.Dynamic.Exponent}
	case "top_k":
		return map[string]any{option: s.TopK}
	case "min_p":
		return map[string]any{option: s.MinP}
	case "typical":
		return map[string]any{option: s.Typical}
	case "top_n_sigma":
		return map[string]any{option: s.TopNSigma}
	case "xtc_probability":
		return map[string]any{option: s.XTC.Probability, "xtc_threshold": s.XTC.Threshold}
	case "repeat_penalty":
		return map[string]any{option: s.Penalties.Repeat, "repeat_last_n": s.Penalties.LastN}
	case "frequency_penalty":
		return map[string]any{option: s.Penalties.Frequency, "repeat_last_n": s.Penalties.LastN}
	case "presence_penalty":
		return map[string]any{option: s.Penalties.Presence, "repeat_last_n": s.Penalties.LastN}
	case "dry_multiplier":
		all := map[string]any{option: s.DRY.Multiplier, "dry_base": s.DRY.Base, "dry_allowed_length": s.DRY.AllowedLength, "dry_penalty_last_n": s.DRY.LastN}
		if len(s.DRY.Breakers) > 0 { // llama-server refuses none
			all["dry_sequence_breakers"] = s.DRY.Breakers
		}
		return all
	case "mirostat":
		return map[string]any{option: s.Mirostat.Version, "mirostat_tau": s.Mirostat.Tau, "mirostat_eta": s.Mirostat.Eta}
	}
	return nil
}

// never is the API's bias of a token that is not to be written.
const never = -100

// setBias sets biases as OpenAI's API has them.
func (s *server) setBias(r *client.ChatCompletionRequest, biases []engine.LogitBias) error {
	for _, b := range biases {
		if b.Text != "" || b.Bias != math.Trunc(b.Bias) {
			return &engine.Error{
				Kind: engine.BadOption, Message: s.name + " API takes tokens by their numbers and whole numbers for logit_bias",
				Hint: "write --logit-bias NUMBER=BIAS, or use the native engine, which takes texts and fractions",
			}
		}
		if r.LogitBias == nil {
			r.LogitBias = map[string]int{}
		}
		bias := int(b.Bias)
		if b.Forbid {
			bias = never
		}
		r.LogitBias[strconv.Itoa(b.Token)] = bias
	}
	return nil
}

// setAnyBias sets biases as llama-server takes them: texts and fractions, too.
func setAnyBias(extra map[string]any, biases []engine.LogitBias) {
	var list [][2]any
	for _, b := range biases {
		pair := [2]any{b.Token, b.Bias}
		if b.Text != "" {
			pair[0] = b.Text
		}
		if b.Forbid {
			pair[1] = false
		}
		list = append(list, pair)
	}
	if list != nil {
		extra["logit_bias"] = list
	}
}

// setForm sets what an answer is to be held to, and what is to be told of it.
func (s *server) setForm(r *client.ChatCompletionRequest, extra map[string]any, model string, req engine.Request) error {
	switch {
	case req.Grammar == "":
	case s.grammar == "":
		return remote.NoGrammar(s.name + " API")
	default:
		extra[s.grammar] = req.Grammar
	}
	switch {
	case len(req.Schema) == 0:
	case !s.schema:
		return &engine.Error{
			Kind:    engine.BadRequest,
			Message: s.name + " API can't hold an answer to a schema: it passes over one",
			Hint:    "leave out --schema, or use another server or the native engine",
		}
	default:
		r.ResponseFormat = &client.ChatCompletionResponseFormat{
			Type: client.ChatCompletionResponseFormatTypeJSONSchema,
			// Strict: a server that can't hold its model to this schema says so.
			JSONSchema: &client.ChatCompletionResponseFormatJSONSchema{Name: "answer", Schema: req.Schema, Strict: true},
		}
	}
	switch {
	case !req.Logprobs:
	case !s.logprobs, reasons(model):
		e := s.lacks("log-probabilities")
		if s.logprobs {
			e.Message = fmt.Sprintf("the model %s tells no log-probabilities", shown(model))
		}
		e.Hint = "ask without them, or use the native engine, which tells them"
		return e
	default:
		r.LogProbs = true
		// llama-server would tell twenty by itself, and with none of them nothing.
		r.TopLogProbs = max(req.TopLogprobs, 1)
	}
	return nil
}

// setThinking sets whether the model is to think, if a person said so.
func (s *server) setThinking(_ *client.ChatCompletionRequest, extra map[string]any, model string, req engine.Request) error {
	if req.Thinking == nil {
		return nil
	}
	member, value, can := "", any(nil), false
	if s.thinking != nil {
		member, value, can = s.thinking(model, *req.Thinking)
	}
	if !can {
		return &engine.Error{
			Kind:    engine.BadOption,
			Message: s.name + " API has no way to say whether a model thinks",
			Hint:    "leave out --thinking, or choose a model that thinks, or one that does not",
		}
	}
	if member != "" {
		extra[member] = value
	}
	return nil
}
