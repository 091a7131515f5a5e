package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Sampling says how tokens are chosen and when an answer ends. Except for TopP,
// the zero value of a field leaves what it is about out.
type Sampling struct {
	Temperature float64            `json:"temperature"` // 0 takes the likeliest token each time
	Dynamic     DynamicTemperature `json:"dynamic_temperature,omitzero"`
	Seed        *uint32            `json:"seed,omitempty"` // nil draws a fresh one

	// Filters, each of which leaves fewer tokens to choose from.
	TopK      int     `json:"top_k,omitempty"`       // so many of the likeliest
	TopP      float64 `json:"top_p"`                 // nucleus: the likeliest that add up to this; 1 considers every token
	MinP      float64 `json:"min_p,omitempty"`       // those at least this likely, the likeliest being 1
	Typical   float64 `json:"typical,omitempty"`     // locally typical ones that add up to this; 1 considers every token
	TopNSigma float64 `json:"top_n_sigma,omitempty"` // those within so many standard deviations of the likeliest
	XTC       XTC     `json:"xtc,omitzero"`

	Penalties Penalties   `json:"penalties,omitzero"`
	DRY       DRY         `json:"dry,omitzero"`
	Mirostat  Mirostat    `json:"mirostat,omitzero"`
	LogitBias []LogitBias `json:"logit_bias,omitempty"`

	MaxTokens int      `json:"max_tokens"`     // of the answer; 0 leaves it to the engine
	Stop      []string `json:"stop,omitempty"` // an answer ends before any of these
}

// DynamicTemperature moves the temperature within Range around the one that is
// set, higher where the model is less certain (by entropy, to the power of
// Exponent).
type DynamicTemperature struct {
	Range    float64 `json:"range,omitempty"`
	Exponent float64 `json:"exponent,omitempty"`
}

// XTC excludes top choices: with a probability, all tokens of at least the
// threshold but the least likely of them.
type XTC struct {
	Probability float64 `json:"probability,omitempty"`
	Threshold   float64 `json:"threshold,omitempty"` // above 0.5 there are no two such tokens
}

// Penalties make tokens less likely that are among the last ones of the
// conversation, pictures not counted.
type Penalties struct {
	LastN     int     `json:"last_n,omitempty"`    // tokens that are looked at
	Repeat    float64 `json:"repeat,omitempty"`    // divides the logit; 1 does nothing
	Frequency float64 `json:"frequency,omitempty"` // is subtracted for each time that the token is there
	Presence  float64 `json:"presence,omitempty"`  // is subtracted once
}

// DRY ("don't repeat yourself") makes a token less likely that would go on with
// a repetition, by Multiplier * Base^(length - AllowedLength).
type DRY struct {
	Multiplier    float64 `json:"multiplier,omitempty"`
	Base          float64 `json:"base,omitempty"`
	AllowedLength int     `json:"allowed_length,omitempty"` // tokens that may repeat unpunished
	LastN         int     `json:"last_n,omitempty"`         // tokens that are looked at
	// Breakers are texts that no repetition goes across.
	Breakers []string `json:"breakers,omitempty"`
}

// Mirostat keeps the surprise of an answer near Tau, by its version 1 or 2. As in
// llama.cpp it takes the place of filters and penalties.
type Mirostat struct {
	Version int     `json:"version,omitempty"`
	Tau     float64 `json:"tau,omitempty"` // target entropy, in bits
	Eta     float64 `json:"eta,omitempty"` // learning rate
}

// LogitBias makes tokens likelier or less likely: Token, or those that Text
// consists of where that is set.
type LogitBias struct {
	Token  int     `json:"token"`
	Text   string  `json:"text,omitempty"`
	Bias   float64 `json:"bias,omitempty"`   // is added to the logit
	Forbid bool    `json:"forbid,omitempty"` // is a bias that rules the token out
}

// DefaultSampling returns the settings used unless a person says otherwise:
// those of LLaVA's own demonstration (temperature 0.7, top-p 0.9, 512 tokens)
// with llama.cpp's top-k, which spares top-p to sort a whole vocabulary. What is
// off has llama.cpp's numbers for when it is turned on.
func DefaultSampling() Sampling {
	return Sampling{
		Temperature: 0.7, TopK: 40, TopP: 0.9, MaxTokens: 512,
		Dynamic:   DynamicTemperature{Exponent: 1},
		XTC:       XTC{Threshold: 0.1},
		Penalties: Penalties{LastN: 64, Repeat: 1},
		DRY:       DRY{Base: 1.75, AllowedLength: 2, LastN: 64, Breakers: []string{"\n", ":", `"`, "*"}},
		Mirostat:  Mirostat{Tau: 5, Eta: 0.1},
	}
}

// Bounds of what makes sense. MaxHistory is of memory as well.
const (
	MaxTemperature = 100
	MaxPenalty     = 100
	MaxHistory     = 1 << 20 // tokens that are looked at for repetitions
)

// DrawSeed draws a seed, for whoever was given none. The highest number is none of them:
// for llama.cpp it means that another one is to be drawn.
func DrawSeed() uint32 { return rand.Uint32N(math.MaxUint32) }

// Validate refuses numbers with which sampling is not defined or has no effect
// though it is turned on. The error names the number and its range.
func (s Sampling) Validate() error {
	for _, n := range []struct {
		name        string
		value       float64
		least, most float64
		on          bool
	}{
		{"temperature", s.Temperature, 0, MaxTemperature, true},
		{"dynatemp_range", s.Dynamic.Range, 0, MaxTemperature, true},
		{"dynatemp_exp", s.Dynamic.Exponent, 0, MaxTemperature, s.Dynamic.Range != 0},
		{"top_k", float64(s.TopK), 0, math.MaxInt32, true},
		{"top_p", s.TopP, 0, 1, true},
		{"min_p", s.MinP, 0, 1, true},
		{"typical", s.Typical, 0, 1, true},
		{"top_n_sigma", s.TopNSigma, 0, 100, true},
		{"xtc_probability", s.XTC.Probability, 0, 1, true},
		{"xtc_threshold", s.XTC.Threshold, 0, 0.5, s.XTC.Probability != 0},
		{"repeat_penalty", s.Penalties.Repeat, 0, MaxPenalty, true},
		{"frequency_penalty", s.Penalties.Frequency, -MaxPenalty, MaxPenalty, true},
		{"presence_penalty", s.Penalties.Presence, -MaxPenalty, MaxPenalty, true},
		{"repeat_last_n", float64(s.Penalties.LastN), 0, MaxHistory, true},
		{"dry_multiplier", s.DRY.Multiplier, 0, MaxPenalty, true},
		{"dry_base", s.DRY.Base, 1, MaxPenalty, s.DRY.Multiplier != 0},
		{"dry_allowed_length", float64(s.DRY.AllowedLength), 0, MaxHistory, s.DRY.Multiplier != 0},
		{"dry_penalty_last_n", float64(s.DRY.LastN), 0, MaxHistory, s.DRY.Multiplier != 0},
		{"mirostat", float64(s.Mirostat.Version), 0, 2, true},
		{"mirostat_ent", s.Mirostat.Tau, 0, 100, s.Mirostat.Version != 0},
		{"mirostat_lr", s.Mirostat.Eta, 0, 1, s.Mirostat.Version != 0},
	} {
		if n.on && !(n.least <= n.value && n.value <= n.most) {
			return &Error{Kind: BadOption, Message: fmt.Sprintf("%s is %.10g, and a number from %.10g to %.10g is expected", n.name, n.value, n.least, n.most)}
		}
	}
	for _, b := range s.LogitBias {
		if math.IsNaN(b.Bias) || math.IsInf(b.Bias, 0) {
			return &Error{Kind: BadOption, Message: fmt.Sprintf("a bias of logit_bias is %g, and a number is expected", b.Bias)}
		}
	}
	if s.Mirostat.Version == 0 {
		return nil
	}
	for _, name := range s.Extras() {
		switch name {
		case "mirostat", "logit_bias", "top_k":
		default:
			return &Error{
				Kind: BadOption, Message: "mirostat takes the place of " + name + ": they can't be used together",
				Hint: "leave one of them out",
			}
		}
	}
	return nil
}

// Extras names the options in use that not every engine has, as llama.cpp does
// (flags have dashes). TopK is one if it is not the default and matters.
func (s Sampling) Extras() []string {
	var names []string
	for _, o := range []struct {
		name string
		on   bool
	}{
		{"dynatemp_range", s.Dynamic.Range != 0},
		{"top_k", s.TopK != DefaultSampling().TopK && s.Temperature > 0},
		{"min_p", s.MinP != 0},
		{"typical", s.Typical != 0 && s.Typical != 1},
		{"top_n_sigma", s.TopNSigma != 0},
		{"xtc_probability", s.XTC.Probability != 0},
		{"repeat_penalty", s.Penalties.Repeat != 0 && s.Penalties.Repeat != 1},
		{"frequency_penalty", s.Penalties.Frequency != 0},
		{"presence_penalty", s.Penalties.Presence != 0},
		{"dry_multiplier", s.DRY.Multiplier != 0},
		{"mirostat", s.Mirostat.Version != 0},
		{"logit_bias", len(s.LogitBias) > 0},
	} {
		if o.on {
			names = append(names, o.name)
		}
	}
	return names
}
