package metrics

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/metrics/ptb"
)

// fixture is testdata/captions.json: captions, and what pycocoevalcap makes of them.
type fixture struct {
	Corpus map[string]float64
	Items  []struct {
		Candidate       string
		References      []string
		Tokens          string
		ReferenceTokens []string `json:"reference_tokens"`
		Scores          map[string]float64
	}
}

func readFixture(t *testing.T) (*fixture, []Captioned) {
	t.Helper()
	data, err := os.ReadFile("testdata/captions.json")
	if err != nil {
		t.Fatal(err)
	}
	var f fixture
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	all := make([]Captioned, len(f.Items))
	for i, item := range f.Items {
		all[i].Candidate = split(item.Tokens)
		for _, r := range item.ReferenceTokens {
			all[i].References = append(all[i].References, split(r))
		}
	}
	if len(all) < 250 {
		t.Fatalf("%d captions in the fixture", len(all))
	}
	return &f, all
}

func split(tokens string) []string {
	if tokens == "" {
		return nil
	}
	return strings.Split(tokens, " ")
}

func TestCaptionsAreTokenizedAsPycocoevalcapDoes(t *testing.T) {
	t.Parallel()
	f, all := readFixture(t)
	for i, item := range f.Items {
		if got := ptb.Tokenize(item.Candidate); !slices.Equal(got, all[i].Candidate) {
			t.Errorf("%q becomes %q, and %q in the reference", item.Candidate, got, all[i].Candidate)
		}
		for j, r := range item.References {
			if got := ptb.Tokenize(r); !slices.Equal(got, all[i].References[j]) {
				t.Errorf("%q becomes %q, and %q in the reference", r, got, all[i].References[j])
			}
		}
	}
}

func TestCaptionMetricsAreThoseOfPycocoevalcap(t *testing.T) {
	t.Parallel()
	f, all := readFixture(t)
	bleu := BLEU(all)
	one := append(bleu[:], ROUGEL(all), CIDEr(all), CIDErD(all))
	for k, r := range Captions(all) {
		if r.Name != one[k].Name || r.Score() != one[k].Score() || !slices.Equal(r.Items, one[k].Items) {
			t.Errorf("%s is not the same by itself and with the others", one[k].Name)
		}
		if d := math.Abs(r.Score() - f.Corpus[r.Name]); !(d < 1e-9) {
			t.Errorf("%s is %v, and %v in the reference", r.Name, r.Score(), f.Corpus[r.Name])
		}
		for i, item := range f.Items {
			if d := math.Abs(r.Items[i] - item.Scores[r.Name]); !(d < 1e-9) {
				t.Errorf("%s of %q is %v, and %v in the reference", r.Name, item.Tokens, r.Items[i], item.Scores[r.Name])
			}
		}
	}
}
