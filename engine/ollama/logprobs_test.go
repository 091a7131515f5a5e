package ollama

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// scored is a piece with the log-probability of its token.
func scored(field, text string, logprob float64) string {
	return fmt.Sprintf(`{"model":"m","message":{"role":"assistant","%s":%q},"logprobs":[{"token":%q,"logprob":%g,"top_logprobs":[{"token":%q,"logprob":%g}]}]}`+"\n", field, text, text, logprob, text, logprob)
}

// Log-probabilities come with the text that they are of; those of thoughts are
// not the answer's. A server that knows none is found out before a word is shown.
func TestLogprobs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, version, body, want string
		message                   string // of the error
		unasked                   bool   // the server gets no question
	}{
		{name: "told", version: "0.13.5", body: scored("thinking", "hm", -9) + scored("content", "A", -0.5) + scored("content", "b", -0.25) + done, want: "A:A-0.5/A-0.5 b:b-0.25/b-0.25 "},
		{name: "held back", version: "0.13.5", body: scored("content", "", -0.5) + scored("content", "b", -0.25) + done, want: "b:-0.5/-0.5b-0.25/b-0.25 "},
		{name: "an old server", version: "0.12.6", message: "it is version 0.12.6", unasked: true},
		{name: "the first that can", version: "0.12.11-rc0", body: scored("content", "A", -1) + done, want: "A:A-1/A-1 "},
		{name: "a build of somebody's", version: "0.0.0", body: scored("content", "A", -1) + done, want: "A:A-1/A-1 "},
		{name: "a build of somebody's that can't", version: "0.0.0", body: hello + done, message: "tells no log-probabilities"},
		{name: "no version", body: scored("content", "A", -1) + done, want: "A:A-1/A-1 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			asked := false
			e := serve(t, Options{Options: remote.Options{Model: "m"}}, fake{version: c.version, chat: func(w http.ResponseWriter, r *http.Request) {
				asked = true
				if b, _ := io.ReadAll(r.Body); !strings.Contains(string(b), `"logprobs":true,"top_logprobs":1`) {
					t.Errorf("the request is %s", b)
				}
				_, _ = io.WriteString(w, c.body)
			}})
			req := question("?")
			req.Logprobs, req.TopLogprobs = true, 1
			got, text := "", ""
			var failed error
			for ev, err := range e.Chat(t.Context(), req) {
				failed = err
				if ev.Kind != engine.Delta {
					continue
				}
				text += ev.Text
				got += ev.Text + ":"
				for _, l := range ev.Logprobs {
					got += fmt.Sprintf("%s%g/", l.Text, l.Logprob)
					for _, top := range append([]engine.TokenLogprob{l}, l.Top...) {
						if top.Token != -1 {
							t.Errorf("the token %q has the number %d", top.Text, top.Token)
						}
					}
					got += fmt.Sprintf("%s%g", l.Top[0].Text, l.Top[0].Logprob)
				}
				got += " "
			}
			if c.message != "" {
				if engine.KindOf(failed) != engine.BadOption || !strings.Contains(failed.Error(), c.message) || !strings.Contains(failed.(*engine.Error).Hint, "0.12.11") || text != "" {
					t.Errorf("%q, %v", text, failed)
				}
			} else if failed != nil || got != c.want {
				t.Errorf("%q, %v", got, failed)
			}
			if asked == c.unasked {
				t.Errorf("that a question was sent is %v", asked)
			}
		})
	}
	e := serve(t, Options{Options: remote.Options{Model: "m"}}, fake{})
	req := question("?")
	req.Logprobs, req.TopLogprobs = true, 21
	if got := ask(t, e, req); engine.KindOf(got.err) != engine.BadOption || !strings.Contains(got.err.Error(), "20 likeliest") {
		t.Error(got.err)
	}
}
