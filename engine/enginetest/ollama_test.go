//go:build ollama

package enginetest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/enginetest"
	"github.com/vlmchat/vlmchat/engine/ollama"
	"github.com/vlmchat/vlmchat/engine/remote"
	"github.com/vlmchat/vlmchat/testdata/ollamaserver"
)

func openOllama(t testing.TB) *ollama.Engine {
	t.Helper()
	s := ollamaserver.Start(t)
	e, err := ollama.New(ollama.Options{Options: remote.Options{Model: s.Model}, Host: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// Ollama has another llama.cpp with another way to prepare pictures, so its answers
// may differ in details. It describes what is in them all the same.
func TestOllamaDescribesTheSamples(t *testing.T) {
	t.Parallel()
	const least = 20 // of 24; the model's README has 95 %
	e := openOllama(t)
	right, all := 0, 0
	for line := range strings.Lines(read(t, "captions.jsonl")) {
		var c struct {
			Image      string
			References []string
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		a := enginetest.Ask(t.Context(), t, e, enginetest.Greedy(engine.Ask("Describe this image.", enginetest.Sample(t, c.Image))))
		if a.Err != nil {
			t.Fatalf("%s: %v", c.Image, a.Err)
		}
		all++
		if slices.Contains(c.References, a.Text) {
			right++
		} else {
			t.Logf("%s: %q is not among %q", c.Image, a.Text, c.References)
		}
	}
	t.Logf("%d of %d descriptions are right", right, all)
	if right < least {
		t.Errorf("%d of %d descriptions are right, and %d should be", right, all, least)
	}
}

func TestOllamaTakesAConversationOn(t *testing.T) {
	t.Parallel()
	moveOn(t, openNative(t, 2), openOpenAI(t), openOllama(t))
	moveOn(t, openOllama(t), openNative(t, 2), openOpenAI(t))
}
