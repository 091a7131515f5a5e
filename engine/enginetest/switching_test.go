package enginetest_test

import (
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/enginetest"
)

// A conversation that goes from one engine to the next takes all with it that was
// said and shown: the last answer is about the first picture.
func TestConversationMovesOn(t *testing.T) {
	t.Parallel()
	moveOn(t, openNative(t, 2), openOpenAI(t), openNative(t, 2))
	moveOn(t, openOpenAI(t), openNative(t, 2), openOpenAI(t))
}

func moveOn(t *testing.T, engines ...engine.Engine) {
	t.Helper()
	digit, heart := enginetest.Sample(t, "scene-01.png"), enginetest.Sample(t, "scene-05.jpg")
	var messages []engine.Message
	tokens := 0
	for i, turn := range []struct {
		message engine.Message
		want    string
	}{
		{engine.Ask("Describe this image.", digit), "red digit 9"},
		{engine.Ask("Describe this image.", heart), "green heart"},
		{engine.Text(engine.User, "What color is the digit?"), "digit is red"},
	} {
		messages = append(messages, turn.message)
		a := enginetest.Ask(t.Context(), t, engines[i], enginetest.Greedy(messages...))
		if a.Err != nil || !strings.Contains(a.Text, turn.want) || a.Usage.PromptTokens <= tokens {
			t.Errorf("turn %d is answered %q (%d tokens after %d), %v; want %q", i, a.Text, a.Usage.PromptTokens, tokens, a.Err, turn.want)
		}
		tokens = a.Usage.PromptTokens
		messages = append(messages, engine.Text(engine.Assistant, a.Text))
	}
}
