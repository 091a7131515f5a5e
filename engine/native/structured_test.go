package native

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
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
