package openai

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// Wherever a stream breaks off, the answer is whole or said not to be, and what
// came of it is right. It may end as if nothing were wrong, or with a reset.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	const whole = "Hello wörld"
	streams := map[string]string{
		"plain": hello + world + stop + usage + ended,
		"CR LF": strings.ReplaceAll(hello+world+stop+usage+ended, "\n", "\r\n"),
		"gzip":  zipped(t, hello+world+stop+usage+ended),
	}
	for name, stream := range streams {
		for _, how := range []string{"ends", "resets"} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				var at atomic.Int64
				e := serveChat(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					w.Header().Set("Content-Type", "text/event-stream")
					_, _ = io.WriteString(w, stream[:at.Load()])
					w.(http.Flusher).Flush()
					if how == "resets" {
						panic(http.ErrAbortHandler)
					}
				})
				wholes, cuts := 0, 0
				for n := range len(stream) + 1 {
					at.Store(int64(n))
					got := ask(t, t.Context(), e, question("?"))
					switch {
					case got.err == nil && got.text == whole:
						wholes++
					case got.kind() == engine.AnswerCut && strings.HasPrefix(whole, got.text):
						cuts++
					default:
						t.Fatalf("cut at %d of %d: %q, %v", n, len(stream), got.text, got.err)
					}
				}
				if wholes == 0 || cuts < len(stream)/4 {
					t.Errorf("%d answers are whole and %d cut", wholes, cuts)
				}
			})
		}
	}
}

// A stream that is packed is read, whether or not its server says that it is.
func TestPackedStreams(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ how, body, text string }{
		{"gzip", zipped(t, hello+world+stop+ended), "Hello wörld"},
		{"", zipped(t, hello+world+stop+ended), "Hello wörld"},
		{"gzip", hello + world + stop + ended, "Hello wörld"}, // said, and not done
	} {
		e := serveChat(t, Options{Options: remote.Options{Model: "m"}}, func(w http.ResponseWriter, r *http.Request) {
			if asked := r.Header.Get("Accept-Encoding"); asked != "identity" {
				t.Errorf("%q is asked for", asked)
			}
			if c.how != "" {
				w.Header().Set("Content-Encoding", c.how)
			}
			_, _ = io.WriteString(w, c.body)
		})
		if got := ask(t, t.Context(), e, question("?")); got.err != nil || got.text != c.text {
			t.Errorf("%q: %q, %v", c.how, got.text, got.err)
		}
	}
}

func zipped(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for line := range strings.Lines(s) { // as a stream is packed: word by word
		if _, err := io.WriteString(z, line); err != nil {
			t.Fatal(err)
		}
		if err := z.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
