// Package enginetest holds the conversations that every engine has to get right,
// whatever is behind it. They are written once; each engine's tests run them with
// the real thing behind it: a worker, a llama-server, an Ollama. Its own tests hold
// the engines against one another.
//
// The model is the demo model, testdata/tinyvlm.
package enginetest

import (
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// Subject is an engine that is tested. What it opens is closed by whoever opens it
// with the test.
type Subject struct {
	// Name is what Info calls the engine, and Model the demo model's name in it.
	Name, Model string
	// Open opens an engine on the demo model, of which all tests may share one
	// server.
	Open func(testing.TB) engine.Engine
	// Endless starts the endless demo model, for a test alone.
	Endless func(testing.TB) *Endless
	// Blind opens an engine on the demo model without its projector.
	Blind func(testing.TB) engine.Engine
	// Unknown opens an engine on a model that is not there.
	Unknown func(t testing.TB, name string) engine.Engine
	// Locked opens an engine that has a key, on a server with the demo model that
	// wants Key.
	Locked func(t testing.TB, key string) engine.Engine
	// Without says of conversations that this engine can't have why it can't.
	Without map[string]string
}

// Endless is a server, or a worker, with the endless demo model, and an engine on
// it.
type Endless struct {
	Engine engine.Engine
	// Reopen opens another engine on the same server.
	Reopen func(testing.TB) engine.Engine
	// Busy asks the server itself whether it computes.
	Busy func(testing.TB) bool
	// Kill ends the server at once, as a crash would.
	Kill func(testing.TB)
	// Restart starts it again where it was. Nil says that nobody has to: the
	// engine starts a fresh one, with which the answer goes on.
	Restart func(testing.TB)
}

// conversations are all there are, by the names that Without knows.
var conversations = []struct {
	name string
	hold func(*testing.T, Subject)
}{
	{"info", info},
	{"model list", modelList},
	{"describe", describe},
	{"text alone", textAlone},
	{"three turns", threeTurns},
	{"cached turns", cachedTurns},
	{"two pictures", twoPictures},
	{"take picture", takePicture},
	{"system message", systemMessage},
	{"blank texts", blankTexts},
	{"strange texts", strangeTexts},
	{"many at once", manyAtOnce},
	{"max tokens", maxTokens},
	{"stop strings", stopStrings},
	{"seed", seed},
	{"context full", contextFull},
	{"schema", schema},
	{"logprobs", logprobs},
	{"cancel", cancel},
	{"killed", killed},
	{"blind", blind},
	{"wrong model", wrongModel},
	{"wrong key", wrongKey},
}

// Run holds all conversations with the subject but those that it can't have.
func Run(t *testing.T, s Subject) {
	known := map[string]bool{}
	for _, c := range conversations {
		known[c.name] = true
		if why := s.Without[c.name]; why != "" {
			t.Logf("not held: %s: %s", c.name, why)
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.hold(t, s)
		})
	}
	for name := range s.Without {
		if !known[name] {
			t.Errorf("there is no conversation %q that could be left out", name)
		}
	}
}
