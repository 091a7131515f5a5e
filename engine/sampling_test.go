package engine

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// Numbers out of their range are refused by name, and only where they matter.
func TestValidate(t *testing.T) {
	t.Parallel()
	for _, s := range []Sampling{{}, DefaultSampling(), {Temperature: MaxTemperature, TopP: 1, Typical: 1, MinP: 1}, {DRY: DRY{Base: -1}}} {
		if err := s.Validate(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
	for want, edit := range map[string]func(*Sampling){
		"temperature is NaN, and a number from 0 to 100": func(s *Sampling) { s.Temperature = math.NaN() },
		"temperature is -1":    func(s *Sampling) { s.Temperature = -1 },
		"dynatemp_range is -1": func(s *Sampling) { s.Dynamic.Range = -1 },
		"dynatemp_exp is -1":   func(s *Sampling) { s.Dynamic = DynamicTemperature{1, -1} },
		"top_k is -1, and a number from 0 to 2147483647 is expected": func(s *Sampling) { s.TopK = -1 },
		"top_p is 2":                        func(s *Sampling) { s.TopP = 2 },
		"min_p is 1.5":                      func(s *Sampling) { s.MinP = 1.5 },
		"typical is -1":                     func(s *Sampling) { s.Typical = -1 },
		"top_n_sigma is -1":                 func(s *Sampling) { s.TopNSigma = -1 },
		"xtc_probability is 2":              func(s *Sampling) { s.XTC.Probability = 2 },
		"xtc_threshold is 0.6":              func(s *Sampling) { s.XTC = XTC{1, 0.6} },
		"repeat_penalty is +Inf":            func(s *Sampling) { s.Penalties.Repeat = math.Inf(1) },
		"frequency_penalty is 101":          func(s *Sampling) { s.Penalties.Frequency = 101 },
		"presence_penalty is -101":          func(s *Sampling) { s.Penalties.Presence = -101 },
		"repeat_last_n is -1":               func(s *Sampling) { s.Penalties.LastN = -1 },
		"dry_multiplier is -1":              func(s *Sampling) { s.DRY.Multiplier = -1 },
		"dry_base is 0.5":                   func(s *Sampling) { s.DRY.Multiplier, s.DRY.Base = 1, 0.5 },
		"dry_allowed_length is -1":          func(s *Sampling) { s.DRY.Multiplier, s.DRY.AllowedLength = 1, -1 },
		"dry_penalty_last_n is 1048577":     func(s *Sampling) { s.DRY.Multiplier, s.DRY.LastN = 1, MaxHistory+1 },
		"mirostat is 3":                     func(s *Sampling) { s.Mirostat.Version = 3 },
		"mirostat_ent is -1":                func(s *Sampling) { s.Mirostat = Mirostat{2, -1, 1} },
		"mirostat_lr is 2":                  func(s *Sampling) { s.Mirostat = Mirostat{2, 1, 2} },
		"a bias of logit_bias is +Inf":      func(s *Sampling) { s.LogitBias = []LogitBias{{Bias: math.Inf(1)}} },
		"mirostat takes the place of min_p": func(s *Sampling) { s.Mirostat.Version, s.MinP = 2, 0.1 },
	} {
		s := DefaultSampling()
		edit(&s)
		if err := s.Validate(); KindOf(err) != BadOption || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v; want %q", err, want)
		}
	}
}

func TestExtras(t *testing.T) {
	t.Parallel()
	if got := DefaultSampling().Extras(); got != nil {
		t.Errorf("the defaults have the extras %q", got)
	}
	s := DefaultSampling()
	s.TopK, s.Typical, s.Penalties.Repeat, s.XTC.Probability = 20, 0.5, 1.1, 0.5
	if got, want := s.Extras(), []string{"top_k", "typical", "xtc_probability", "repeat_penalty"}; !slices.Equal(got, want) {
		t.Errorf("the extras are %q, want %q", got, want)
	}
}
