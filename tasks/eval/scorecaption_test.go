package eval

import (
	"math"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/datasets"
)

func TestReportOfCaptions(t *testing.T) {
	t.Parallel()
	set := &datasets.Set{Name: "c", Items: []datasets.Item{
		{ID: "1", References: []string{"A red ring.", "The red ring"}}, {ID: "2", References: []string{"a blue square on black"}}, {ID: "3", References: []string{"two green stars"}},
	}}
	said := []Prediction{
		{ID: "1", Answer: "A Red\nring!"}, {ID: "2", Answer: "a blue circle on black"}, {ID: "3", Answer: "two green stars", Error: "it was cut"},
		{ID: "1", Variant: "flip", Answer: ""}, {ID: "2", Variant: "flip", Answer: "a blue square on black"}, {ID: "3", Variant: "flip", Answer: "two green stars"},
	}
	how := Scoring{Task: datasets.Caption, Variants: []string{"flip"}, MeteorData: "nowhere", SpiceJar: "nowhere"}
	r := newReport(t, set, said, how)
	// Seven of the eight words that were said are right, and the closest references have eleven.
	brevity := math.Exp(1 - 11.0/8)
	if s := scored(t, r.Scores, "BLEU-1"); math.Abs(s.Value-7.0/8*brevity) > 1e-6 || s.N != 3 {
		t.Errorf("BLEU-1: %+v", s)
	}
	for _, name := range []string{"BLEU-4", "ROUGE-L", "CIDEr", "CIDEr-D"} {
		if s := scored(t, r.Variants[0].Changes, name); !(s.Value > 0) || s.N != 3 {
			t.Errorf("by flipping, %s gets better by %+v", name, s)
		}
		if r.Items[2].Scores[name] > 1e-6 {
			t.Errorf("what failed has %s %v", name, r.Items[2].Scores[name])
		}
	}
	// METEOR is computed of the captions of both variants together, and told of each.
	const meteor = "METEOR (exact, stem; own function words)"
	if whole, flipped := scored(t, r.Scores, meteor), scored(t, r.Variants[0].Scores, meteor); whole.N != 3 || flipped.N != 3 || r.Items[0].Scores[meteor] < 0.99 || r.Items[3].Scores[meteor] != 0 || r.Items[4].Scores[meteor] < 0.99 {
		t.Errorf("METEOR: %+v, flipped %+v", whole, flipped)
	}
	if len(r.Notes) != 2 || !strings.Contains(r.Notes[0], "METEOR has only the modules that are built in: ") || !strings.Contains(r.Notes[1], "SPICE was not computed: ") {
		t.Errorf("notes: %q", r.Notes)
	}
	if worst := r.Worst(5); len(worst) != 2 || worst[0].ID != "2" {
		t.Errorf("the worst: %+v", worst)
	}
	// What both know of their captions is enough to compare by.
	c, err := Compare(t.Context(), r, r, "")
	if err != nil || c.By != "CIDEr" || len(c.Scores) != len(r.Scores) {
		t.Fatalf("%+v, %v", c, err)
	}
	for i, s := range c.Scores {
		if s.Name != r.Scores[i].Name || math.Abs(s.A-r.Scores[i].Value) > 1e-12 && !strings.HasPrefix(s.Name, "METEOR") || s.Low != 0 || s.High != 0 {
			t.Errorf("%+v is not %+v", s, r.Scores[i])
		}
	}
}
