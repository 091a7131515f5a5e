package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// settable is the setup of an engine whose temperature, seed and system message can be
// changed.
func settable(e engine.Engine, temperature float64, seed, system string) Setup {
	s := between(e, nil)
	s.Sampling.Temperature, s.System = temperature, system
	if n, err := strconv.ParseUint(seed, 10, 32); err == nil {
		n := uint32(n)
		s.Sampling.Seed = &n
	}
	s.Settings = []Setting{
		{Name: "system", Text: system, Origin: "default", About: "system message"},
		{Name: "temperature", Text: fmt.Sprint(temperature), Default: "0.7", Origin: "--temperature", About: "how much it varies"},
		{Name: "seed", Text: seed, Origin: "/my/config.toml", About: "makes it repeatable"},
		{Name: "top-p", Text: "0.9", Origin: "default"}, {Name: "top-k", Text: "40", Origin: "default"},
	}
	s.Set = func(name, text string) (Setup, error) {
		temperature, seed, system := temperature, seed, system
		switch name {
		case "system":
			system = text
		case "seed":
			seed = text
		case "temperature":
			x, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return Setup{}, fmt.Errorf("temperature %q is not a number", text)
			}
			temperature = x
		}
		return settable(nil, temperature, seed, system), nil
	}
	return s
}

// What is set holds from the next answer on, and the same engine gives it.
func TestSet(t *testing.T) {
	t.Parallel()
	e := newServer("one", say("Fine."))
	p := open(t, Options{Setup: settable(e, 0.5, "7", "")})
	p.sees("one · ollama")
	p.asks("/temp 0")
	p.sees("temperature is 0 from the next answer on.")
	p.asks("/set seed -")
	p.sees("seed is not set from the next answer on.")
	p.asks("/system Be brief.")
	p.sees("The system message from the next answer on:\n  Be brief.")
	p.asks("/set temp warm")
	p.sees(`✗ temperature "warm" is not a number`)
	p.asks("Hello?")
	r := e.asked()[0]
	if want := []string{"system: Be brief.", "user: Hello?"}; !slices.Equal(turns(r), want) || r.Sampling.Temperature != 0 || r.Sampling.Seed != nil {
		t.Errorf("asked %q, %+v", turns(r), r.Sampling)
	}
	p.asks("/temp -")
	p.sees("temperature is 0.7 from")
	p.asks("/system -")
	p.sees("There is no system message from the next answer on.")
	p.asks("Hello?")
	r = e.asked()[1]
	if turns(r)[0] != "user: Hello?" || r.Sampling.Temperature != 0.7 {
		t.Errorf("asked %q, %+v", turns(r), r.Sampling)
	}
	if e.isClosed() {
		t.Error("the engine is closed")
	}
}

// A question that is asked at once has what was set before it, and settings that are
// changed at once all count.
func TestQuestionWaitsForSettings(t *testing.T) {
	t.Parallel()
	e := newServer("one", say("Fine."))
	p := open(t, Options{Setup: settable(e, 0.5, "", "")})
	for _, line := range []string{"/temp 0.1", "/set seed 3", "/model other", "Hello?"} {
		p.enter(line)
	}
	p.sees("Fine.")
	if r := e.asked()[0]; r.Sampling.Temperature != 0.1 || r.Sampling.Seed == nil || *r.Sampling.Seed != 3 {
		t.Errorf("%+v", r.Sampling)
	}
}

func TestSettingsAreShown(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: settable(newServer("one", nil), 0.5, "7", "")})
	p.enter("/set top_")
	p.sees("Several settings begin with top_: top-p, top-k.")
	p.enter("/set colour red")
	p.sees("There is no setting colour.")
	p.enter("/temp")
	p.sees("temperature: 0.5 (--temperature)")
	p.enter("/system")
	p.sees("There is no system message.")
	p.enter("/set")
	for _, want := range []string{"not set (default) · system message", "7 (/my/config.toml) · makes it repeatable"} {
		p.sees(want)
	}
	p.write("repeat")
	p.press(keyEnter)
	p.sees("› /set seed")
	p.press(keyEnter)
	p.m.plain = true
	p.enter("/set")
	if screen := p.screen(); !strings.Contains(screen, "temperature: 0.5 (--temperature)\n  seed: 7") {
		t.Errorf("no list:\n%s", screen)
	}
}

func TestNothingToSet(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: echo()}})
	p.enter("/temp 1")
	p.sees("Nothing can be set here.")
}
