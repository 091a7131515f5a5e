package ollama

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/engine/remote"
)

// A server gets a seed in any case, and tells by which weights and which version it has
// answered.
func TestProvenance(t *testing.T) {
	t.Parallel()
	var sent []uint32
	e := serve(t, Options{Options: remote.Options{Model: "m", MaxPixels: 9}}, fake{
		version: "0.13.5", tags: `{"models":[{"name":"other:latest","digest":"1"},{"name":"m:latest","digest":"abc"}]}`,
		chat: func(w http.ResponseWriter, r *http.Request) {
			var q struct{ Options struct{ Seed *uint32 } }
			if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.Options.Seed == nil {
				t.Errorf("no seed is sent: %v", err)
				return
			}
			sent = append(sent, *q.Options.Seed)
			_, _ = io.WriteString(w, hello+done)
		},
	})
	fixed := uint32(7)
	for _, seed := range []*uint32{nil, nil, &fixed} {
		req := question("?", dot(t))
		req.Sampling.Seed = seed
		var first, last *engine.Provenance
		for ev, err := range e.Chat(t.Context(), req) {
			if err != nil {
				t.Fatal(err)
			}
			if ev.Kind == engine.Delta && first == nil {
				first = ev.Provenance
			}
			last = ev.Provenance
		}
		if first == nil || last == nil || *first.Seed != sent[len(sent)-1] || len(last.Options["pictures"]) != 64 || last.Options["max-pixels"] != "9" {
			t.Fatalf("it comes from %+v, %+v", first, last)
		}
		p, err := e.Prove(t.Context(), *last)
		if err != nil || p.Model != "abc" || p.Runtime != "Ollama 0.13.5" || *p.Seed != *last.Seed {
			t.Errorf("in the end it comes from %+v, %v", p, err)
		}
	}
	if sent[0] == sent[1] || sent[2] != fixed || sent[0]>>31 != 0 {
		t.Errorf("the seeds are %v", sent)
	}
}
