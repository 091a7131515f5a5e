package cli

import (
	"reflect"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
)

// sampled reads how answers are sampled by some flags.
func sampled(flags map[string]string) (engine.Sampling, error) {
	c := config.LoadWithoutFile(func(name string) (string, bool) {
		v, ok := flags[name]
		return v, ok
	})
	a := app{config: c}
	return a.sampling()
}

// Settings and the vocabulary have the same defaults.
func TestDefaultSampling(t *testing.T) {
	t.Parallel()
	want := engine.DefaultSampling()
	want.Typical = 1 // llama.cpp's way to say off
	if got, err := sampled(nil); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

// Each setting is about something, and is bounded.
func TestSamplingSettings(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, values := range map[string][2]string{ // one that is good, one that is not
		config.Temperature: {"1.5", "101"}, config.TopP: {"0.5", "1.1"}, config.MaxTokens: {"7", "0"},
		config.Seed: {"4294967294", "4294967295"}, config.Stop: {"END", `["END"`},
		config.TopK: {"20", "-1"}, config.MinP: {"0.2", "2"}, config.Typical: {"0.6", "NaN"}, config.TopNSigma: {"1", "-1"},
		config.XTCProbability: {"0.4", "2"}, config.XTCThreshold: {"0.2", "0.6"},
		config.DynatempRange: {"0.3", "-1"}, config.DynatempExponent: {"2", "x"},
		config.RepeatPenalty: {"1.2", "Inf"}, config.RepeatLastN: {"8", "-1"},
		config.PresencePenalty: {"0.7", "1000"}, config.FrequencyPenalty: {"-0.7", "-1000"},
		config.DRYMultiplier: {"0.8", "-1"}, config.DRYBase: {"2", "0.5"}, config.DRYAllowedLength: {"3", "1.5"},
		config.DRYPenaltyLastN: {"9", "99999999"}, config.DRYSequenceBreaker: {"[]", `["`},
		config.Mirostat: {"2", "3"}, config.MirostatLR: {"0.3", "2"}, config.MirostatEnt: {"4", "-4"},
		config.LogitBias: {"red=1", "red"},
	} {
		got, err := sampled(map[string]string{name: values[0]})
		if err != nil || reflect.DeepEqual(got, defaults(t)) {
			t.Errorf("%s %s: %+v, %v", name, values[0], got, err)
		}
		if _, err := sampled(map[string]string{name: values[1]}); err == nil || !strings.Contains(err.Error(), "(from --"+name+") is not ") {
			t.Errorf("%s %s: the error is %v", name, values[1], err)
		}
		seen[name] = values[0]
	}
	for _, s := range config.Sampling {
		if seen[s.Name] == "" {
			t.Errorf("nothing tries --%s", s.Name)
		}
	}
}

func defaults(t *testing.T) engine.Sampling {
	t.Helper()
	s, err := sampled(nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParseLogitBias(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]engine.LogitBias{
		"15043=1.5":   {Token: 15043, Bias: 1.5},
		"15043=false": {Token: 15043, Forbid: true},
		" red=-2":     {Text: " red", Bias: -2},
		`"7"=false`:   {Text: "7", Forbid: true},
		`"\n"=1`:      {Text: "\n", Bias: 1},
		"a=b=3":       {Text: "a=b", Bias: 3},
	} {
		if got, ok := parseLogitBias(text); !ok || got != want {
			t.Errorf("%s: %+v, %v; want %+v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "=1", "red", "red=", "red=much", "red=NaN", "red=-Inf", `"=1`, `""=1`, `"a"b"=1`} {
		if got, ok := parseLogitBias(text); ok {
			t.Errorf("%s: %+v", text, got)
		}
	}
}
