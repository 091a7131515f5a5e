package enginetest

import (
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// follow are the questions that follow the description of scene-01.png.
var follow = []struct {
	question string
	words    []string
}{
	{"What color is the digit?", []string{"red"}},
	{"What is the background color?", []string{"white"}},
	{"Describe this image.", []string{"red digit 9"}},
}

// turns asks follow's questions, each after the answers so far.
func turns(t *testing.T, e engine.Engine, see func(turn int, a Answer)) {
	t.Helper()
	messages := []engine.Message{engine.Ask("Describe this image.", Sample(t, "scene-01.png"))}
	previous := mustAsk(t, e, Greedy(messages...))
	wants(t, previous.Text, "red digit 9")
	for i, f := range follow {
		messages = append(messages, engine.Text(engine.Assistant, previous.Text), engine.Text(engine.User, f.question))
		a := mustAsk(t, e, Greedy(messages...))
		wants(t, a.Text, f.words...)
		if a.Usage.PromptTokens <= previous.Usage.PromptTokens {
			t.Errorf("turn %d has %d tokens, the one before it %d", i, a.Usage.PromptTokens, previous.Usage.PromptTokens)
		}
		see(i, a)
		previous = a
	}
}

// threeTurns goes on about a picture that is some turns ago.
func threeTurns(t *testing.T, s Subject) {
	turns(t, s.Open(t), func(int, Answer) {})
}

// cachedTurns computes a picture once.
func cachedTurns(t *testing.T, s Subject) {
	// Others' conversations may take the place of this one in a server.
	e := s.Endless(t).Engine
	messages := []engine.Message{engine.Ask("Describe this image.", Sample(t, "scene-01.png"))}
	for turn := range 3 {
		req := Greedy(messages...)
		req.Sampling.MaxTokens = 20
		a := mustAsk(t, e, req)
		if turn > 0 && a.Usage.CachedTokens < imageTokens {
			t.Errorf("turn %d computed the picture again: %+v", turn, a.Usage)
		}
		messages = append(messages, engine.Text(engine.Assistant, a.Text), engine.Text(engine.User, "What color is the digit?"))
	}
}

// systemMessage is heard: it makes a sentence a word.
func systemMessage(t *testing.T, s Subject) {
	e := s.Open(t)
	question := engine.Ask("What color is the object?", Sample(t, "scene-01.png"))
	wants(t, mustAsk(t, e, Greedy(question)).Text, "The object is red")
	if a := mustAsk(t, e, Greedy(engine.Text(engine.System, "Answer with one word."), question)); a.Text != "red" {
		t.Errorf("told to answer with one word, it says %q", a.Text)
	}
}

func textAlone(t *testing.T, s Subject) {
	a := mustAsk(t, s.Open(t), Greedy(engine.Text(engine.User, "Who are you?")))
	wants(t, a.Text, "tiny demo model")
	if a.Usage.ImageTokens != 0 || a.Usage.PromptTokens >= imageTokens {
		t.Errorf("the usage is %+v", a.Usage)
	}
}
