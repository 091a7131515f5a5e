package tasks

import (
	"context"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
)

// The demo model picks the right one of four labels.
func TestClassifyScenes(t *testing.T) {
	t.Parallel()
	c := ByLikelihood{Engine: openNative(t)}
	right, n := 0, 0
	for _, row := range rows[struct {
		Image, Label string
		Labels       []string
	}](t, "labels.jsonl") {
		all, err := Classify(t.Context(), c, []*images.Picture{scene(t, row.Image)}, Choice{Labels: named(row.Labels...)}, nil)
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

// named are labels without anything else.
func named(names ...string) []Label {
	var labels []Label
	for _, name := range names {
		labels = append(labels, Label{Name: name})
	}
	return labels
}

// fixed is a classifier that knows what fits.
type fixed [][]float64

func (f fixed) Prepare(_ context.Context, choice Choice, _ Progress) (Fitter, error) {
	return f, choice.Check()
}

func (f fixed) Fit(context.Context, []*images.Picture, Progress) ([][]float64, error) { return f, nil }
func (fixed) Basis() Basis                                                            { return Basis{} }

func TestClassify(t *testing.T) {
	t.Parallel()
	got, err := Classify(t.Context(), fixed{{0, math.Log(3), 0}, {1000, 0, 1000}}, nil, Choice{Labels: Labels(" a,b ,  c  d"), Top: 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]Labelled{{{"b", 0.6, math.Log(3)}, {"a", 0.2, 0}}, {{"a", 0.5, 1000}, {"c d", 0.5, 1000}}}
	for i := range want {
		if !slices.EqualFunc(got[i], want[i], func(a, b Labelled) bool {
			return a.Label == b.Label && a.Logit == b.Logit && math.Abs(a.Probability-b.Probability) < 1e-12
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
		"a,\x1b":       `label 2 of 2, "\x1b", is no text that could be read`,
		"\u200b,a":     `label 1 of 2, "\u200b", is no text that could be read`,
		"a,b\xff":      `label 2 of 2, "b\xff", is no text that could be read`,
		"cat":          "there are two labels at least to choose from, and here is 1",
	} {
		_, err := Classify(t.Context(), fixed{}, nil, Choice{Labels: Labels(list)}, nil)
		if engine.KindOf(err) != engine.BadOption || err.Error() != want {
			t.Errorf("%q: %v, want %q", list, err, want)
		}
	}
	if _, err := Classify(t.Context(), ByLikelihood{Engine: mute{}}, nil, Choice{Labels: Labels("a,b")}, nil); engine.KindOf(err) != engine.BadOption || !strings.Contains(err.Error(), "how likely") {
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
	choice := Choice{Labels: named(labels...)}
	f, err := ByLikelihood{Engine: e}.Prepare(t.Context(), choice, nil)
	if err != nil {
		t.Fatal(err)
	}
	fits, err := f.Fit(t.Context(), pictures, func(done, total int) {
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
	if _, err := Classify(stopped, ByLikelihood{Engine: e}, pictures, choice, nil); engine.KindOf(err) != engine.Cancelled {
		t.Errorf("cancelled: %v", err)
	}
}

// With several labels each has a probability of its own, one alone can be asked about, and
// none need fit.
func TestSeveralMayFit(t *testing.T) {
	t.Parallel()
	logits := fixed{{0, math.Log(3), -math.Log(3)}}
	for _, row := range []struct {
		choice Choice
		want   []Labelled
	}{
		{Choice{Multi: true}, []Labelled{{"b", 0.75, math.Log(3)}, {"a", 0.5, 0}, {"c", 0.25, -math.Log(3)}}},
		{Choice{Multi: true, Threshold: 0.5}, []Labelled{{"b", 0.75, math.Log(3)}, {"a", 0.5, 0}}},
		{Choice{Multi: true, Threshold: 0.5, Top: 1}, []Labelled{{"b", 0.75, math.Log(3)}}},
		{Choice{Multi: true, Threshold: 0.8}, nil},
		{Choice{Threshold: 0.6}, []Labelled{{"b", 9.0 / 13, math.Log(3)}}},
	} {
		row.choice.Labels = Labels("a,b,c")
		got, err := Classify(t.Context(), logits, nil, row.choice, nil)
		if err != nil || !slices.EqualFunc(got[0], row.want, func(a, b Labelled) bool {
			return a.Label == b.Label && math.Abs(a.Probability-b.Probability) < 1e-12
		}) {
			t.Errorf("%+v: %v, %v", row.choice, got, err)
		}
	}
	if got, err := Classify(t.Context(), fixed{{0}}, nil, Choice{Labels: Labels("a"), Multi: true}, nil); err != nil || got[0][0].Probability != 0.5 {
		t.Errorf("one label: %v, %v", got, err)
	}
	if _, err := Classify(t.Context(), fixed{{0, math.NaN()}}, nil, Choice{Labels: Labels("a,b")}, nil); engine.KindOf(err) != engine.Failed {
		t.Errorf("no number: %v", err)
	}
}

// thing is what the captions of the scenes call an object.
var thing = regexp.MustCompile(strings.ReplaceAll(strings.ReplaceAll("(C) (S|digit [0-9])", "C", strings.Join(attributes[0], "|")), "S", strings.Join(attributes[1], "|")))

// mixed are the things of a scene, and as many that are not in it.
func mixed(caption string, random *rand.Rand) (labels []string, there int) {
	for _, found := range thing.FindAllString(caption, -1) {
		if !slices.Contains(labels, found) {
			labels = append(labels, found)
		}
	}
	there = len(labels)
	for len(labels) < 2*there {
		other := attributes[0][random.IntN(len(attributes[0]))] + " " + attributes[1][random.IntN(len(attributes[1]))]
		if !slices.Contains(labels, other) {
			labels = append(labels, other)
		}
	}
	return labels, there
}

// judgeSeveral counts of how many labels a classifier tells rightly whether they fit.
func judgeSeveral(t *testing.T, c Classifier) (right, n int) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, row := range rows[struct {
		Image      string
		References []string
	}](t, "captions.jsonl") {
		labels, there := mixed(row.References[0], random)
		if there == 0 {
			continue
		}
		found, err := Classify(t.Context(), c, []*images.Picture{scene(t, row.Image)}, Choice{Labels: named(labels...), Multi: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range found[0] {
			if n++; (l.Probability >= 0.5) == slices.Contains(labels[:there], l.Label) {
				right++
			}
		}
	}
	t.Logf("%d of %d labels are told rightly", right, n)
	return right, n
}

// The demo model tells of each label whether it fits.
func TestAffirm(t *testing.T) {
	t.Parallel()
	if right, n := judgeSeveral(t, ByLikelihood{Engine: openNative(t)}); right*10 < n*9 {
		t.Errorf("%d of %d are right, and nine in ten are the least", right, n)
	}
}

// What a model says of a blank picture stays on if that is wanted, and none is asked about.
func TestRawLikelihoods(t *testing.T) {
	t.Parallel()
	e := teller{tell: func(r engine.ScoreRequest) ([]engine.Score, error) {
		if isBlank(r) {
			t.Error("a blank picture")
		}
		return make([]engine.Score, len(r.Candidates)), nil
	}}
	f, err := ByLikelihood{Engine: e, Raw: true}.Prepare(t.Context(), Choice{Labels: []Label{{"a", []string{"an apple"}}, {Name: "b"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if b := f.Basis(); b.Calibrated || b.Question != "Which label fits the image best: an apple, b?" {
		t.Errorf("%+v", b)
	}
	if _, err := f.Fit(t.Context(), []*images.Picture{scene(t, "scene-01.png")}, nil); err != nil {
		t.Error(err)
	}
}
