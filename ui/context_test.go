package ui

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// counting is a fake that counts a token for each letter and 64 for each picture, and
// leaves out the oldest messages for which there is no room.
type counting struct {
	*fake
	size int
}

func (c counting) Info(context.Context) (engine.Info, error) {
	info := fakeInfo
	info.ContextSize, info.Capabilities.Counting = c.size, true
	return info, nil
}

func (c counting) Count(_ context.Context, r engine.Request) (engine.Count, error) {
	n := engine.Count{ContextSize: c.size}
	for _, m := range r.Messages {
		for _, part := range m.Parts {
			n.Tokens += len(part.Text)
			if part.Picture != nil {
				n.Tokens += 64
				n.ImageTokens += 64
				n.Pictures = append(n.Pictures, 64)
			}
		}
	}
	if n.Tokens+r.Sampling.MaxTokens > c.size {
		n.Dropped = 2
	}
	return n, nil
}

// The meter counts what the next question finds, a picture that waits for it included.
func TestMeterCountsAhead(t *testing.T) {
	t.Parallel()
	e := counting{&fake{reply: say("Ten chars.")}, 1000}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.sees("ready")
	p.asks("/attach a.png")
	p.sees("ctx █░░░░ 6% of 1.0k")
	p.asks("/attach b.png")
	p.sees("ctx █░░░░ 12% of 1.0k")
	p.asks("Well?")
	p.sees("ctx █░░░░ 14% of 1.0k")
	p.asks("/clear")
	p.until("empty", func() bool { return !strings.Contains(p.screen(), "ctx") })
}

// What the next answer will leave out is said before it is asked for, once.
func TestFullContextIsToldAhead(t *testing.T) {
	t.Parallel()
	e := counting{&fake{reply: say(strings.Repeat("x", 85))}, 100}
	p := open(t, Options{Setup: Setup{Engine: e}})
	p.asks("One?")
	p.sees("ctx ████░ 89% of 100, nearly full")
	p.asks("Two?")
	p.sees("The context is full: the next answer will leave out the first 2 messages.")
	p.sees("next leaves out 2")
	p.asks("Three?")
	p.sees("next leaves out 2")
	if screen := p.screen(); strings.Count(screen, "The context is full") != 1 {
		t.Errorf("not said once:\n%s", screen)
	}
}

// What will be left out depends on how long the answer may be.
func TestForecastKnowsTheLimit(t *testing.T) {
	t.Parallel()
	e := counting{&fake{reply: say("Ten chars.")}, 1000}
	setup := Setup{Engine: e, Settings: []Setting{{Name: "max-tokens"}}}
	setup.Sampling.MaxTokens = 100
	setup.Set = func(_, text string) (Setup, error) {
		n, err := strconv.Atoi(text)
		setup.Sampling.MaxTokens = n
		return setup, err
	}
	p := open(t, Options{Setup: setup})
	p.asks("Well?")
	p.sees("ctx █░░░░ 1% of 1.0k")
	p.asks("/set max-tokens 999")
	p.sees("next leaves out 2")
	p.asks("/set max-tokens 100")
	p.until("there is room", func() bool { return !strings.Contains(p.screen(), "next leaves out 2") })
}

func TestContext(t *testing.T) {
	t.Parallel()
	e := counting{&fake{reply: say("Ten chars.")}, 1000}
	p := open(t, Options{Setup: Setup{Engine: e, System: "Be brief."}, Pictures: []*images.Picture{testPicture("/x/a.png", 8, 8), testPicture("b.png", 8, 8)}})
	p.sees("ctx")
	p.asks("Well?")
	p.asks("/context")
	p.sees(`  The conversation takes 152 of the context's 1000 tokens.
  system message    9 █░░░░░░░░░
  messages         15 █░░░░░░░░░
  pictures        128 █░░░░░░░░░
    a.png          64
    b.png          64
  free            848 █████████░`)
}

// Of an engine that can't count ahead the last answer's usage is shown.
func TestContextByUsage(t *testing.T) {
	t.Parallel()
	p := open(t, Options{Setup: Setup{Engine: echo()}})
	p.sees("ready")
	p.asks("/context")
	p.sees("Nothing is known yet")
	p.asks("Well?")
	p.asks("/context")
	p.sees("  The conversation takes 123 of the context's 2048 tokens.\n  messages      36")
	p.sees("  free        1925 █████████░")
}

func TestGauge(t *testing.T) {
	t.Parallel()
	for percent, want := range map[int]string{0: "░░░░░", 1: "█░░░░", 50: "███░░", 99: "████░", 100: "█████", 120: "█████"} {
		if got := gauge(percent, 5); got != want {
			t.Errorf("%d%% is %s, want %s", percent, got, want)
		}
	}
}
