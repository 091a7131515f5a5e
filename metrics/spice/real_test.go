//go:build spice && unix

package spice

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/vlmchat/vlmchat/metrics"
)

// TestTheReference runs the real jar, with and without a cache, and holds its scores against
// those that it gave when it was called as pycocoevalcap calls it.
func TestTheReference(t *testing.T) {
	s, err := Find("../../.cache/spice")
	if err != nil {
		t.Fatalf("this test needs the reference (run 'make spice'): %v", err)
	}
	data, err := os.ReadFile("testdata/scores.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Test  string
		Refs  []string
		Score float64
	}
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	var all []metrics.Captioned
	for _, r := range rows {
		all = append(all, captioned(r.Test, r.Refs...))
	}
	s.Memory = 4 << 10
	for _, cache := range []string{"", t.TempDir()} {
		s.Cache = cache
		r, err := s.Score(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if d := math.Abs(r.Items[i] - row.Score); !(d < 1e-9) {
				t.Errorf("SPICE of %q is %v, and %v in the reference", row.Test, r.Items[i], row.Score)
			}
		}
	}
}
