package openai

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// What a server refuses for a moment is asked again, also where the error comes in
// place of a stream; an empty purse is not.
func TestTriesAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body string
		status     int
		asked      int32
		kind       engine.ErrorKind
	}{
		{"limit", `{"error":{"message":"slow down"}}`, 429, 2, ""},
		{"overloaded", `{"error":{"message":"overloaded"}}`, 529, 2, ""},
		{"limit in a 200", `{"error":{"message":"slow down","code":429}}`, 200, 2, ""},
		{"purse", `{"error":{"message":"no money","code":"insufficient_quota"}}`, 429, 1, engine.RateLimited},
		{"bad request", `{"error":{"message":"no"}}`, 400, 1, engine.Failed},
		{"bad request in a 200", `{"error":{"message":"no","type":"invalid_request_error"}}`, 200, 1, engine.Failed},
		{"bad request in the stream", `data: {"error":{"message":"no","type":"invalid_request_error","code":null}}` + "\n\n", 200, 1, engine.Failed},
		{"failure in the stream", `data: {"error":{"message":"gone","type":"server_error"}}` + "\n\n", 200, 2, ""},
		{"context", `{"error":{"code":500,"message":"x","type":"exceed_context_size_error"}}`, 500, 1, engine.ContextFull},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			e := serve(t, Options{Options: remote.Options{Model: "m", Retries: 2}}, func(w http.ResponseWriter, _ *http.Request) {
				if asked.Add(1) == 1 {
					w.Header().Set("Retry-After-Ms", "1")
					w.Header().Set("Content-Type", "application/json")
					w.WriteHeader(c.status)
					_, _ = io.WriteString(w, c.body)
					return
				}
				_, _ = io.WriteString(w, hello+stop+ended)
			})
			got := ask(t, t.Context(), e, question("?"))
			if got.kind() != c.kind || asked.Load() != c.asked || (c.kind == "") != (got.text == "Hello") {
				t.Errorf("%q %v, asked %d times", got.text, got.err, asked.Load())
			}
		})
	}
}
