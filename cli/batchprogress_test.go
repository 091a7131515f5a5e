package cli

import (
	"testing"
	"time"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks/batch"
)

// A batch that goes on counts what was done before, in its line and in the end.
func TestProgressOfBatchThatGoesOn(t *testing.T) {
	t.Parallel()
	p := &batchProgress{status: &status{}, prices: engine.Prices{Input: 1}, kinds: map[string]int{}}
	plan := batch.Plan{Items: 1100, Done: 1000, Todo: 60, Later: 40}
	p.begin(plan)
	if got, want := p.line(p.began), "1,000/1,060 · $0.00"; got != want {
		t.Errorf("it begins with %q, and not %q", got, want)
	}
	tokens, kind, cost := 50, "bad_picture", batch.Float(0.25)
	p.took(batch.Record{Status: batch.Answered, GeneratedTokens: &tokens, Cost: &cost})
	p.took(batch.Record{Status: batch.Failed, ErrorKind: &kind})
	if got, want := p.line(p.began.Add(2*time.Second)), "1,002/1,060 · 1 error · 58s left · $0.2500 · 1.0/s · 25 tok/s"; got != want {
		t.Errorf("it goes on with %q, and not %q", got, want)
	}
	for want, about := range map[string]struct {
		plan     batch.Plan
		answered int
		left     int
	}{
		"1 item answered in 0s, 1,000 done before, 40 left for another run, $0.2500": {plan, 1, 0},
		"nothing to ask, 3 done before (left out as no pictures: 2 files)":           {batch.Plan{Items: 3, Done: 3}, 0, 2},
	} {
		p.began = time.Now()
		if got := p.summary(about.plan, batch.Summary{Answered: about.answered}, about.left); got != want {
			t.Errorf("it ends with %q, and not %q", got, want)
		}
	}
}
