package openai

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// A schema reaches the server as it is; a grammar, which most servers would pass
// over, reaches nobody.
func TestStructuredAnswers(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 2)
	e := serveChat(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies <- string(b)
		_, _ = io.WriteString(w, hello+stop+ended)
	})
	req := question("hi")
	req.Schema = json.RawMessage(`{"type":"object","properties":{"b":{},"a":{}}}`)
	if got := ask(t, t.Context(), e, req); got.err != nil {
		t.Fatal(got.err)
	}
	want := `"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object","properties":{"b":{},"a":{}}},"strict":true}}`
	if body := <-bodies; !strings.Contains(body, want) {
		t.Errorf("the server was sent %s", body)
	}
	got := ask(t, t.Context(), e, engine.Request{Messages: req.Messages, Grammar: `root ::= "a"`})
	if engine.KindOf(got.err) != engine.BadRequest || !strings.Contains(got.err.Error(), "no grammars") {
		t.Error(got.err)
	}
	if len(bodies) > 0 {
		t.Errorf("with a grammar the server was sent %s", <-bodies)
	}
}
