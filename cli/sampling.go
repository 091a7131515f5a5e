package cli

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
)

// sampling reads how answers are sampled.
func (a *app) sampling() (engine.Sampling, error) {
	s := engine.DefaultSampling()
	for _, n := range []struct {
		name        string
		to          *float64
		least, most float64
	}{
		{config.Temperature, &s.Temperature, 0, engine.MaxTemperature},
		{config.DynatempRange, &s.Dynamic.Range, 0, engine.MaxTemperature},
		{config.DynatempExponent, &s.Dynamic.Exponent, 0, engine.MaxTemperature},
		{config.TopP, &s.TopP, 0, 1},
		{config.MinP, &s.MinP, 0, 1},
		{config.Typical, &s.Typical, 0, 1},
		{config.TopNSigma, &s.TopNSigma, 0, 100},
		{config.XTCProbability, &s.XTC.Probability, 0, 1},
		{config.XTCThreshold, &s.XTC.Threshold, 0, 0.5},
		{config.RepeatPenalty, &s.Penalties.Repeat, 0, engine.MaxPenalty},
		{config.PresencePenalty, &s.Penalties.Presence, -engine.MaxPenalty, engine.MaxPenalty},
		{config.FrequencyPenalty, &s.Penalties.Frequency, -engine.MaxPenalty, engine.MaxPenalty},
		{config.DRYMultiplier, &s.DRY.Multiplier, 0, engine.MaxPenalty},
		{config.DRYBase, &s.DRY.Base, 1, engine.MaxPenalty},
		{config.MirostatLR, &s.Mirostat.Eta, 0, 1},
		{config.MirostatEnt, &s.Mirostat.Tau, 0, 100},
	} {
		var err error
		if *n.to, err = a.config.Float(n.name, n.least, n.most); err != nil {
			return s, err
		}
	}
	for _, n := range []struct {
		name        string
		to          *int
		least, most int
	}{
		{config.MaxTokens, &s.MaxTokens, 1, math.MaxInt32},
		{config.TopK, &s.TopK, 0, math.MaxInt32},
		{config.RepeatLastN, &s.Penalties.LastN, 0, engine.MaxHistory},
		{config.DRYAllowedLength, &s.DRY.AllowedLength, 0, engine.MaxHistory},
		{config.DRYPenaltyLastN, &s.DRY.LastN, 0, engine.MaxHistory},
		{config.Mirostat, &s.Mirostat.Version, 0, 2},
	} {
		var err error
		if *n.to, err = a.config.Int(n.name, n.least); err != nil {
			return s, err
		}
		if *n.to > n.most {
			return s, a.config.Reject(n.name, "a whole number up to "+strconv.Itoa(n.most))
		}
	}
	var err error
	if s.Seed, err = a.seed(); err != nil {
		return s, err
	}
	if s.Stop, err = a.config.List(config.Stop); err != nil {
		return s, err
	}
	if s.DRY.Breakers, err = a.config.List(config.DRYSequenceBreaker); err != nil {
		return s, err
	}
	if s.LogitBias, err = a.logitBias(); err != nil {
		return s, err
	}
	return s, s.Validate()
}

// seed reads the seed, nil for a fresh one.
func (a *app) seed() (*uint32, error) {
	text := a.config.String(config.Seed)
	if text == "" {
		return nil, nil
	}
	// To llama.cpp the highest number means a fresh seed.
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n == math.MaxUint32 {
		return nil, a.config.Reject(config.Seed, "a whole number from 0 to 4294967294")
	}
	seed := uint32(n)
	return &seed, nil
}

// logitBias reads TOKEN=BIAS: a token's number, or a text, which may be in
// quotes as a JSON string, and what is added to its logit, or false.
func (a *app) logitBias() ([]engine.LogitBias, error) {
	texts, err := a.config.List(config.LogitBias)
	if err != nil {
		return nil, err
	}
	var all []engine.LogitBias
	for _, t := range texts {
		b, ok := parseLogitBias(t)
		if !ok {
			return nil, a.config.Reject(config.LogitBias, `TOKEN=BIAS, where TOKEN is a token's number or a text (a number as text in quotes: '"7"=1'), and BIAS a number, or false for never`)
		}
		all = append(all, b)
	}
	return all, nil
}

func parseLogitBias(s string) (b engine.LogitBias, ok bool) {
	i := strings.LastIndexByte(s, '=')
	if i <= 0 {
		return b, false
	}
	token, bias := s[:i], s[i+1:]
	if n, err := strconv.Atoi(token); err == nil {
		b.Token = n
	} else if b.Text = token; strings.HasPrefix(token, `"`) && strings.HasSuffix(token, `"`) {
		if json.Unmarshal([]byte(token), &b.Text) != nil || b.Text == "" {
			return b, false
		}
	}
	if b.Forbid = bias == "false"; b.Forbid {
		return b, true
	}
	var err error
	b.Bias, err = strconv.ParseFloat(bias, 64)
	return b, err == nil && !math.IsNaN(b.Bias) && !math.IsInf(b.Bias, 0)
}
