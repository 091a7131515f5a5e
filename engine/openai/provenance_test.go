package openai

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// A server of one's own is asked with a seed that is drawn, and by that answers the same
// again. It tells which build it is.
func TestRealServerRepeats(t *testing.T) {
	t.Parallel()
	_, e := tiny(t)
	req := question("Describe this image.", sample(t, "scene-01.png"))
	req.Sampling = engine.DefaultSampling()
	req.Sampling.Temperature = 1.2
	first := ask(t, t.Context(), e, req)
	if first.err != nil {
		t.Fatal(first.err)
	}
	p := first.done.Provenance
	if p == nil || p.Seed == nil || p.Runtime == "" || len(p.Options["pictures"]) != 64 || p.Options[answeredAs] == "" {
		t.Fatalf("the answer comes from %+v", p)
	}
	req.Sampling.Seed = p.Seed
	if again := ask(t, t.Context(), e, req); again.err != nil || again.text != first.text || again.done.Provenance.Options["pictures"] != p.Options["pictures"] {
		t.Errorf("asked again it says %q (%v), and said %q", again.text, again.err, first.text)
	}
}

// A server that is not known is sent no seed that nobody asked for. What it tells of
// itself is told, and no key with it.
func TestProvenanceOfSomeServer(t *testing.T) {
	t.Parallel()
	const key = "key-of-mine-123"
	e := serveChat(t, Options{Options: remote.Options{Model: "m", MaxPixels: 100, Key: remote.Key{Value: key}}, Detail: "low"}, func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), "seed") {
			t.Errorf("the request is %s", body)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, `data: {"model":"m-2026 `+key+`","system_fingerprint":7,"choices":[{"index":0,"delta":{"content":"Hi"}}]}`+"\n\n"+
			`data: {"system_fingerprint":"fp_1\n2","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
	})
	var first *engine.Provenance
	for ev, err := range e.Chat(t.Context(), question("?")) {
		if err != nil {
			t.Fatal(err)
		}
		switch ev.Kind {
		case engine.Delta:
			first = ev.Provenance
		case engine.Done:
			p := ev.Provenance
			if p.Seed != nil || p.Runtime != "fp_1 2" || p.Options["max-pixels"] != "100" || p.Options["detail"] != "low" {
				t.Errorf("the answer comes from %+v", p)
			}
			if as := p.Options[answeredAs]; !strings.HasPrefix(as, "m-2026") || strings.Contains(as, key) {
				t.Errorf("the model is called %q", as)
			}
		}
	}
	if first == nil || !strings.HasPrefix(first.Options[answeredAs], "m-2026") {
		t.Errorf("the first piece comes from %+v", first)
	}
}
