package tasks

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// The demo model picks the right one of four labels.
func TestClassifyScenes(t *testing.T) {
	t.Parallel()
	c := ByLikelihood{openNative(t)}
	right, n := 0, 0
	for _, row := range rows[struct {
		Image, Label string
		Labels       []string
	}](t, "labels.jsonl") {
		all, err := Classify(t.Context(), c, []*images.Picture{scene(t, row.Image)}, row.Labels, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		n++
		if all[0][0].Label == row.Label {
			right++
		}
		sum := 0.0
		for _, l := range all[0] {
			sum += l.Probability
		}
		if math.Abs(sum-1) > 1e-9 || len(all[0]) != len(row.Labels) {
			t.Errorf("%s: %v", row.Image, all[0])
		}
	}
	t.Logf("%d of %d are right", right, n)
	if right*10 < n*9 {
		t.Errorf("%d of %d are right, and nine in ten are the least", right, n)
	}
}

// fixed is a classifier that knows what fits.
type fixed [][]float64

func (f fixed) Fit(_ context.Context, _ []*images.Picture, labels []string, _ Progress) ([][]float64, error) {
	return f, nil
}

func TestClassify(t *testing.T) {
	t.Parallel()
	got, err := Classify(t.Context(), fixed{{0, math.Log(3), 0}, {1000, 0, 1000}}, nil, Labels(" a,b ,  c  d"), 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]Labelled{{{"b", 0.6}, {"a", 0.2}}, {{"a", 0.5}, {"c d", 0.5}}}
	for i := range want {
		if !slices.EqualFunc(got[i], want[i], func(a, b Labelled) bool {
			return a.Label == b.Label && math.Abs(a.Probability-b.Probability) < 1e-12
		}) {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
}

func TestLabelsToRefuse(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"":             "label 1 of 1 is empty",
		"a,,b":         "label 2 of 3 is empty",
		"a, b, ":       "label 3 of 3 is empty",
		"cat,dog, Cat": `the label "Cat" is there twice, as number 1 and number 3`,
		"cat":          "there are two labels at least to choose from, and here are 1",
	} {
		_, err := Classify(t.Context(), fixed{}, nil, Labels(list), 0, nil)
		if engine.KindOf(err) != engine.BadOption || err.Error() != want {
			t.Errorf("%q: %v, want %q", list, err, want)
		}
	}
	if _, err := Classify(t.Context(), ByLikelihood{mute{}}, nil, []string{"a", "b"}, 0, nil); engine.KindOf(err) != engine.BadOption || !strings.Contains(err.Error(), "how likely") {
		t.Errorf("an engine that can't: %v", err)
	}
}

// A label that the model says of anything is worth less, and a long one no less than
// a short one. A blank picture is asked about once for pictures of one size.
func TestByLikelihood(t *testing.T) {
	t.Parallel()
	pictures := []*images.Picture{scene(t, "scene-01.png"), scene(t, "scene-04.png"), scene(t, "scene-01.png")}
	labels := []string{"one", "two or three"}
	for i := range 20 {
		labels = append(labels, strings.Repeat("x", i+1))
	}
	blanks := 0
	e := teller{tell: func(r engine.ScoreRequest) ([]engine.Score, error) {
		if isBlank(r) {
			blanks++
		}
		var scores []engine.Score
		for _, c := range r.Candidates {
			var s engine.Score
			for word := range strings.FieldsSeq(c) {
				logprob := -1.0
				if c == "one" && isBlank(r) {
					logprob = 0 // it is said without a reason
				}
				s.Tokens = append(s.Tokens, engine.TokenLogprob{Text: " " + word, Logprob: logprob})
			}
			s.Tokens = append(s.Tokens, engine.TokenLogprob{Text: "<|im_end|>"})
			scores = append(scores, s)
		}
		if len(scores) > together {
			t.Errorf("%d labels at once", len(scores))
		}
		return scores, nil
	}}
	var last [2]int
	fits, err := ByLikelihood{e}.Fit(t.Context(), pictures, labels, func(done, total int) {
		if done < last[0] {
			t.Errorf("from step %d to step %d", last[0], done)
		}
		last = [2]int{done, total}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(fits) != 3 || !slices.Equal(fits[0], fits[2]) || math.Abs(fits[0][1]-fits[0][2]) > 1e-12 || fits[0][0] >= fits[0][1] {
		t.Errorf("the fits are %v", fits)
	}
	if want := [2]int{10, 10}; blanks != 4 || last != want {
		t.Errorf("%d requests with a blank picture, and the last step was %v of %v", blanks, last, want)
	}

	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Classify(stopped, ByLikelihood{e}, pictures, labels, 0, nil); engine.KindOf(err) != engine.Cancelled {
		t.Errorf("cancelled: %v", err)
	}
}
