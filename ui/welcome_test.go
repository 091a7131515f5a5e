package ui

import (
	"context"
	"iter"
	"strings"
	"sync/atomic"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/vlmchat/vlmchat/engine"
)

// guest is a person without a configuration, on a machine where some things are found
// when a test says so.
type guest struct {
	*person
	found     chan Finding
	seen      atomic.Bool
	kept      atomic.Pointer[To]
	installed atomic.Bool
}

func welcomeOptions(g *guest) Options {
	demo, served := newServer("tiny-vlm", say("A disc.")), newServer("gemma3:4b", say("A yellow disc."))
	setup := between(Nobody{}, map[string]engine.Engine{"native": demo, "ollamagemma3:4b": served})
	return Options{Setup: setup, Welcome: &Welcome{
		Find: func(ctx context.Context, found func(Finding)) {
			for f := range g.found {
				found(f)
			}
		},
		Install: func(context.Context) iter.Seq2[engine.PullProgress, error] {
			return func(yield func(engine.PullProgress, error) bool) {
				g.installed.Store(true)
				yield(engine.PullProgress{Status: "unpacking", Done: 1, Total: 1}, nil)
			}
		},
		Keep: func(to To) (string, error) { g.kept.Store(&to); return "/home/me/config.toml", nil },
		Seen: func() error { g.seen.Store(true); return nil },
	}}
}

var (
	findDemo = Finding{Fact: "llama.cpp: b1234", Choices: []Choice{{Name: "tiny-vlm", About: "the demo model", To: To{Backend: "native"}, Rank: 3}}}
	findGood = Finding{Fact: "Ollama at \x1b[31mlocalhost", Choices: []Choice{{Name: "gemma3:4b", About: "Ollama", To: To{Backend: "ollama", Model: "gemma3:4b"}, Rank: 1}}}
	findKey  = Finding{Fact: "OPENAI_API_KEY is set", Choices: []Choice{{Name: "OpenAI", Write: "/backend openai", Rank: 5}}}
)

func welcomes(t *testing.T) *guest {
	t.Helper()
	g := &guest{found: make(chan Finding)}
	g.person = open(t, welcomeOptions(g))
	g.sees("Welcome to vlmchat")
	return g
}

// What is found comes as it is found; the best is suggested, and starts with one key.
func TestWelcome(t *testing.T) {
	t.Parallel()
	g := welcomes(t)
	g.sees("looking for what is here")
	g.found <- findDemo
	g.sees("› 1 tiny-vlm  the demo model · suggested")
	g.found <- findGood
	g.sees("› 1 gemma3:4b  Ollama · suggested\n  2 tiny-vlm")
	g.sees("· Ollama at localhost\n")
	close(g.found)
	g.until("all", func() bool { return !strings.Contains(g.screen(), "looking") })
	g.press(keyEnter)
	g.sees("From here on gemma3:4b")
	g.until("seen", g.seen.Load)
	if g.kept.Load() != nil {
		t.Error("it was kept")
	}
	g.enter("What?")
	g.sees("A yellow disc.")
}

// A choice by number, kept for later chats.
func TestWelcomeKept(t *testing.T) {
	t.Parallel()
	g := welcomes(t)
	g.found <- findDemo
	g.found <- findGood
	g.sees("2 tiny-vlm")
	g.write("s")
	g.sees("It is kept for later chats.")
	g.write("2")
	g.sees("From here on tiny-vlm")
	g.sees("/home/me/config.toml says so.")
	if to := g.kept.Load(); to == nil || *to != (To{Backend: "native"}) {
		t.Errorf("kept %+v", to)
	}
}

// What a person has moved to stays chosen as more is found.
func TestWelcomeMoved(t *testing.T) {
	t.Parallel()
	g := welcomes(t)
	g.found <- findDemo
	g.found <- findKey
	g.sees("2 OpenAI")
	g.press(keyDown, keyUp)
	g.found <- findGood
	g.sees("› 2 tiny-vlm")
	g.press(keyDown, keyEnter)
	if got := g.m.composer.value(); got != "/backend openai " {
		t.Errorf("the composer has %q", got)
	}
}

// Who wants nothing of it is left alone, and told what there is to do.
func TestWelcomeLeft(t *testing.T) {
	t.Parallel()
	g := welcomes(t)
	g.found <- findDemo
	g.press(keyEsc)
	g.sees("/start shows again what there is")
	g.until("seen", g.seen.Load)
	g.enter("What?")
	g.sees("✗ Nothing answers yet.")
	close(g.found)
	g.enter("/model moondream:latest")
	g.sees("✗ There is no")
}

// What runs models is fetched first where it is missing.
func TestWelcomeInstalls(t *testing.T) {
	t.Parallel()
	g := welcomes(t)
	f := findDemo
	f.Choices = []Choice{{Name: "install llama.cpp, then tiny-vlm", To: To{Backend: "native"}, Install: true}}
	g.found <- f
	g.sees("install llama.cpp")
	g.press(keyEnter)
	g.sees("llama.cpp is there.")
	g.sees("From here on tiny-vlm")
	if !g.installed.Load() {
		t.Error("nothing was installed")
	}
}

// A chat of plain lines has numbers.
func TestPlainWelcome(t *testing.T) {
	t.Parallel()
	g := &guest{found: make(chan Finding, 2)}
	g.found <- findDemo
	g.found <- findGood
	close(g.found)
	said, err := plainly(t, welcomeOptions(g), "/start 1", "What?")
	for _, want := range []string{"llama.cpp: b1234", "1. gemma3:4b: Ollama", "/start and a number picks one.", "From here on gemma3:4b", "A yellow disc."} {
		if !strings.Contains(said, want) || err != nil {
			t.Errorf("%q is missing, %v, in\n%s", want, err, said)
		}
	}
}

// There is room for the choices on the smallest of screens.
func TestWelcomeFits(t *testing.T) {
	t.Parallel()
	g := welcomes(t)
	g.found <- findDemo
	g.found <- findGood
	g.found <- findKey
	g.sees("3 OpenAI")
	for _, size := range [][2]int{{80, 24}, {40, 12}, {30, 7}, {1, 1}} {
		g.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		if size[1] >= 7 {
			g.sees("3 OpenAI")
		}
	}
}

// Who begins with the choice of a conversation is first asked what answers.
func TestWelcomeThenChoice(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]tea.KeyPressMsg{"started": keyEnter, "left": keyEsc} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := &guest{found: make(chan Finding)}
			o := keptIn(welcomeOptions(g), library(t))
			o.Choose = true
			g.person = open(t, o)
			g.sees("Welcome to vlmchat")
			g.found <- findDemo
			g.sees("tiny-vlm")
			close(g.found)
			g.press(key)
			g.sees("Conversations")
			g.sees("How many dogs are there?")
		})
	}
}
