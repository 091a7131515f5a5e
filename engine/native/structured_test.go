package native

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/jsonschema"
)

func TestGrammarOf(t *testing.T) {
	t.Parallel()
	yes := `root ::= "yes"`
	if g, err := grammarOf(engine.Request{Grammar: yes}); g != yes || err != nil {
		t.Errorf("a grammar becomes %q, %v", g, err)
	}
	if g, err := grammarOf(engine.Request{}); g != "" || err != nil {
		t.Errorf("nothing becomes %q, %v", g, err)
	}
	if g, err := grammarOf(engine.Request{Schema: json.RawMessage(`{"const": "yes"}`)}); !strings.Contains(g, "root ::=") || err != nil {
		t.Errorf("a schema becomes %q, %v", g, err)
	}
	for want, req := range map[string]engine.Request{
		"at once":           {Grammar: yes, Schema: json.RawMessage(`true`)},
		`at #/not: a model`: {Schema: json.RawMessage(`{"not": true}`)},
	} {
		if _, err := grammarOf(req); err == nil || engine.KindOf(err) != engine.BadRequest || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q", err, want)
		}
	}
}

// An answer within a grammar goes on from what of it was said.
func TestSaidWithinAGrammar(t *testing.T) {
	t.Parallel()
	e := open(t, options(t))
	c, err := e.attach(t.Context(), func(engine.Event) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	const schema = `{"type": "object", "properties": {"colour": {"enum": ["red", "green"]}, "digit": {"type": "integer", "minimum": 0, "maximum": 9}}, "required": ["colour", "digit"]}`
	messages := []engine.Message{engine.Ask("Describe this image.", sample(t, "scene-01.png"))}
	grammar, err := grammarOf(engine.Request{Schema: json.RawMessage(schema)})
	if err != nil {
		t.Fatal(err)
	}
	answer := func(said string) (rest string, err error) {
		req := toWire(engine.Request{Messages: messages, Sampling: greedy, Grammar: grammar})
		req.Said = said
		err = e.ask(t.Context(), c, "/chat", req, engine.Pictures(messages), func(l line) (bool, error) {
			if l.Event != nil && l.Event.Kind == engine.Delta {
				rest += l.Event.Text
			}
			return l.Event == nil || l.Event.Kind != engine.Done, nil
		})
		return rest, err
	}
	whole, err := answer("")
	if err != nil || jsonschema.Check([]byte(schema), []byte(whole)) != nil {
		t.Fatalf("the answer is %q, %v", whole, err)
	}
	for _, cut := range []int{1, len(whole) / 2, len(whole) - 1} {
		rest, err := answer(whole[:cut])
		if err != nil || jsonschema.Check([]byte(schema), []byte(whole[:cut]+rest)) != nil {
			t.Errorf("after %q comes %q, %v", whole[:cut], rest, err)
		}
	}
	if rest, err := answer("It is"); err == nil || !strings.Contains(err.Error(), "not within the grammar") {
		t.Errorf("after what the grammar does not allow comes %q, %v", rest, err)
	}
}
