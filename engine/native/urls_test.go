package native

import (
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// Nothing is fetched, and no worker is started to find that out.
func TestURLsAreRefused(t *testing.T) {
	t.Parallel()
	e := New(Options{})
	messages := []engine.Message{{Role: engine.User, Parts: []engine.Part{{URL: "https://h/a.png"}, {Text: "?"}}}}
	var err error
	for _, err = range e.Chat(t.Context(), engine.Request{Messages: messages}) {
		if err == nil {
			t.Error("something was answered")
		}
	}
	_, scoring := e.Score(t.Context(), engine.ScoreRequest{Messages: messages, Candidates: []string{"a"}})
	_, embedding := e.Embed(t.Context(), [][]engine.Part{messages[0].Parts})
	_, counting := e.Count(t.Context(), engine.Request{Messages: messages})
	for _, err := range []error{err, scoring, embedding, counting} {
		if engine.KindOf(err) != engine.BadPicture {
			t.Error(err)
		}
	}
}
