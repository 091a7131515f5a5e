package eval

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/tasks"
)

// newReport scores predictions, which have to be fit for it.
func newReport(t *testing.T, set *datasets.Set, predictions []Prediction, how Scoring) *Report {
	t.Helper()
	r, err := NewReport(t.Context(), set, predictions, how)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// scored finds a score by its name.
func scored(t *testing.T, all []Score, name string) Score {
	t.Helper()
	for _, s := range all {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("there is no %s among %v", name, all)
	return Score{}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// questions are four of one answer each, of two types.
func questions() *datasets.Set {
	kind := func(name string) []datasets.Group {
		return []datasets.Group{{By: "question type", Name: name}, {By: "source", Name: "one"}}
	}
	return &datasets.Set{Name: "q.jsonl", Layout: "jsonl", SHA256: "abc", Items: []datasets.Item{
		{ID: "1", Image: "a.png", Question: "What color?", References: []string{"red"}, Groups: kind("color")},
		{ID: "2", Image: "b.png", Question: "What color?", References: []string{"blue"}, Groups: kind("color")},
		{ID: "3", Image: "a.png", Question: "How many?", References: []string{"2"}, Groups: kind("number")},
		{ID: "4", Image: "c.png", Question: "How many?", References: []string{"3"}, Groups: kind("number")},
	}, Problems: []datasets.Problem{
		{Kind: datasets.MissingPicture, Place: "q.jsonl:5", Item: "5", Detail: "there is no file d.png"},
		{Kind: datasets.UnknownField, Place: "q.jsonl:1", Detail: "colour"},
	}}
}

func TestReportOfAnswers(t *testing.T) {
	t.Parallel()
	r := newReport(t, questions(), []Prediction{
		{ID: "1", Answer: "Red."}, {ID: "2", Answer: "green", Cut: true}, {ID: "3", Answer: "two"}, {ID: "4", Error: "the server is gone"},
		{ID: "1", Variant: "flip", Answer: "red"}, {ID: "2", Variant: "flip", Answer: "blue"}, {ID: "3", Variant: "flip", Answer: ""}, {ID: "4", Variant: "flip", Answer: "3"},
		{ID: "77", Answer: "red"},
	}, Scoring{Task: datasets.VQA, Variants: []string{"flip"}, Asked: Asked{Model: "m"}, Vlmchat: "v"})
	if c := r.Counts; c.Items != 4 || c.Answered != 3 || c.Failed != 1 || c.Cut != 1 || c.Empty != 0 || c.LeftOut["missing picture"] != 1 || len(c.LeftOut) != 1 {
		t.Errorf("counts: %+v", c)
	}
	if len(r.Problems) != 2 || len(r.Scores) != 1 {
		t.Errorf("%d problems, scores %v", len(r.Problems), r.Scores)
	}
	if s := scored(t, r.Scores, "VQA accuracy"); s.Value != 0.5 || s.N != 4 || s.Low != 0 || s.High != 1 || s.Lower {
		t.Errorf("%+v", s)
	}
	if len(r.Groups) != 2 || r.Groups[0].Name != "color" || r.Groups[1].Scores[0].Value != 0.5 || r.Groups[0].Scores[0].N != 2 {
		t.Errorf("groups: %+v", r.Groups)
	}
	if len(r.Variants) != 1 || scored(t, r.Variants[0].Scores, "VQA accuracy").Value != 0.75 {
		t.Fatalf("variants: %+v", r.Variants)
	}
	change := scored(t, r.Variants[0].Changes, "VQA accuracy") // +1 of two items, -1 of one
	if change.Value != 0.25 || change.N != 4 || change.Low >= 0 || change.High != 1 {
		t.Errorf("change: %+v", change)
	}
	if len(r.Notes) != 1 || !strings.HasPrefix(r.Notes[0], "Of the answers, 1 belong to no item") {
		t.Errorf("notes: %q", r.Notes)
	}
	if len(r.Items) != 8 || r.Items[4].Variant != "flip" || r.Items[4].Question != "" || r.Items[0].Scores["VQA accuracy"] != 1 {
		t.Errorf("items: %+v", r.Items)
	}
	if worst := r.Worst(9); len(worst) != 1 || worst[0].ID != "2" {
		t.Errorf("the worst: %+v", worst)
	}
	if failed := r.Failed(9); len(failed) != 1 || failed[0].ID != "4" {
		t.Errorf("failed: %+v", failed)
	}
}

func TestReportOfChoices(t *testing.T) {
	t.Parallel()
	set := &datasets.Set{Name: "c", Items: []datasets.Item{
		{ID: "1", Choices: []string{"red", "blue"}, References: []string{"blue"}},
		{ID: "2", Choices: []string{"red", "blue"}, References: []string{"red"}},
		{ID: "3", Choices: []string{"a cat", "a dog"}, References: []string{"a dog"}},
		{ID: "4", Choices: []string{"1", "2"}, References: []string{"2"}},
		{ID: "5", Question: "?", References: []string{"red", "scarlet"}},
	}}
	r := newReport(t, set, []Prediction{
		{ID: "1", Labels: []tasks.Labelled{{Label: "blue", Probability: 0.6}, {Label: "red", Probability: 0.4}}},
		{ID: "2", Answer: "(B)"}, {ID: "3", Answer: "The dog."}, {ID: "4", Answer: "neither"}, {ID: "5", Answer: "scarlet"},
	}, Scoring{Task: datasets.VQA})
	if s := scored(t, r.Scores, choiceAccuracy); s.Value != 0.5 || s.N != 4 {
		t.Errorf("%+v", s)
	}
	if s := scored(t, r.Scores, exactMatch); s.Value != 1 || s.N != 1 {
		t.Errorf("%+v", s)
	}
	if s := scored(t, r.Scores, "VQA accuracy"); s.N != 1 || !near(s.Value, 1.0/6) { // of one other, once of two
		t.Errorf("%+v", s)
	}
	if s, _ := r.MainOf(r.Scores); s.Name != exactMatch {
		t.Errorf("the main score is %q", s.Name)
	}
	if worst := r.Worst(9); len(worst) != 2 || worst[0].ID != "2" || worst[1].ID != "4" {
		t.Errorf("the worst: %+v", worst)
	}
}

func TestReportOfLabels(t *testing.T) {
	t.Parallel()
	labels := func(names ...string) []tasks.Labelled {
		var all []tasks.Labelled
		for i, n := range names {
			all = append(all, tasks.Labelled{Label: n, Probability: 0.5 / float64(i+1)})
		}
		return all
	}
	set := &datasets.Set{Name: "l", Labels: []string{"a", "b", "c", "d", "e", "f"}}
	for i, right := range []string{"a", "a", "a", "b", "c"} {
		set.Items = append(set.Items, datasets.Item{ID: fmt.Sprint(i), Label: right})
	}
	r := newReport(t, set, []Prediction{
		{ID: "0", Labels: labels("a", "b", "c", "d", "e", "f")}, {ID: "1", Labels: labels("b", "a", "c", "d", "e", "f")},
		{ID: "2", Labels: labels("b", "c", "d", "e", "f", "a")}, {ID: "3", Answer: "b"}, {ID: "4", Error: "broken"},
	}, Scoring{Task: datasets.Classify})
	for name, want := range map[string]float64{"top-1": 2.0 / 5, "top-5": 3.0 / 5, "mean per class": (1.0/3 + 1 + 0) / 3, "macro F1": (2.0/4 + 2.0/4 + 0) / 3} {
		if s := scored(t, r.Scores, name); !near(s.Value, want) || s.N != 5 {
			t.Errorf("%s is not %v: %+v", name, want, s)
		}
	}
	if len(r.Groups) != 3 || r.Groups[0].By != "class" || r.Groups[0].Name != "a" || !near(r.Groups[0].Scores[0].Value, 1.0/3) {
		t.Errorf("classes: %+v", r.Groups)
	}
	if len(r.Confusions) != 1 || r.Confusions[0] != (Confusion{"a", "b", 2}) {
		t.Errorf("confusions: %+v", r.Confusions)
	}
	if worst := r.Worst(9); len(worst) != 2 || worst[0].ID != "2" || len(r.Items[0].Groups) != 0 {
		t.Errorf("the worst: %+v", worst)
	}
}

// Among five labels the right one always is: top-5 says something where there are more. And
// classes of one picture each have no mean of their own.
func TestLabelsHaveOnlyScoresThatSaySomething(t *testing.T) {
	t.Parallel()
	for classes, want := range map[int]bool{5: false, 6: true} {
		var items []datasets.Item
		var found []Prediction
		var five []tasks.Labelled
		for i := range classes {
			name := string(rune('a' + i))
			items, found = append(items, datasets.Item{Label: name}), append(found, Prediction{})
			if i < 5 {
				five = append(five, tasks.Labelled{Label: name})
			}
		}
		for i := range found {
			found[i].Labels = five
		}
		all, _ := measureLabels(items, found)
		if got := slices.ContainsFunc(all, func(m measure) bool { return m.Name == "top-5" }); got != want {
			t.Errorf("of five labels and %d classes there is a top-5: %v", classes, got)
		}
		if slices.ContainsFunc(all, func(m measure) bool { return m.Name == "mean per class" }) {
			t.Errorf("%d pictures of as many classes have a mean per class", classes)
		}
	}
}

func TestReportOfRankings(t *testing.T) {
	t.Parallel()
	set := &datasets.Set{Name: "r", Items: []datasets.Item{
		{ID: "1", Image: "1.png", References: []string{"x", "y"}}, {ID: "2", Image: "2.png", References: []string{"z"}}, {ID: "3", References: []string{"u", "v"}},
	}}
	rank := func(d Direction, of int, ranks ...int) Ranking { return Ranking{Direction: d, Ranks: ranks, Of: of} }
	r := newReport(t, set, []Prediction{
		{ID: "1", Rankings: []Ranking{rank(ImageToText, 3, 1, 3), rank(TextToImage, 2, 1), rank(TextToImage, 2, 2)}},
		{ID: "2", Rankings: []Ranking{rank(ImageToText, 3, 2), rank(TextToImage, 2, 1)}},
		{ID: "3", Error: "the picture is broken"},
	}, Scoring{Task: datasets.Retrieval})
	for name, want := range map[string]struct {
		value float64
		n     int
	}{
		"text-to-image recall@1": {2.0 / 5, 5}, "text-to-image recall@5": {3.0 / 5, 5}, "text-to-image MRR": {2.5 / 5, 5}, "text-to-image mAP": {2.5 / 5, 5},
		"text-to-image median rank": {2, 5}, // 1, 2, 1 and twice 3, which is behind the last
		"image-to-text recall@1":    {1.0 / 3, 3}, "image-to-text MRR": {1.5 / 3, 3},
		"image-to-text mAP":         {((1+2.0/3)/2 + 1.0/2) / 3, 3},
		"image-to-text median rank": {2, 3},
	} {
		if s := scored(t, r.Scores, name); !near(s.Value, want.value) || s.N != want.n {
			t.Errorf("%s is not %v: %+v", name, want, s)
		}
	}
	if got := r.Items[0].Scores["text-to-image recall@1"]; got != 0.5 {
		t.Errorf("of the two texts of a picture, one is first: %v", got)
	}
	if worst := r.Worst(9); len(worst) != 2 || worst[0].ID != "1" || worst[1].ID != "2" {
		t.Errorf("the worst: %+v", worst)
	}
}

func TestReportOfTexts(t *testing.T) {
	t.Parallel()
	set := &datasets.Set{Name: "p", Items: []datasets.Item{{ID: "1", References: []string{"x"}}, {ID: "2", References: []string{"y"}}, {ID: "3", References: []string{"z"}}}}
	r := newReport(t, set, []Prediction{
		{ID: "1", Logprob: -4 * math.Ln2, Tokens: 4, Blank: -8 * math.Ln2}, {ID: "2", Logprob: -6 * math.Ln2, Tokens: 1, Blank: -7 * math.Ln2}, {ID: "3", Error: "no"},
	}, Scoring{Task: datasets.Perplexity})
	if s := scored(t, r.Scores, perplexity); !near(s.Value, 4) || s.N != 2 || !s.Lower { // 10 bits of 5 tokens
		t.Errorf("%+v", s)
	}
	if s := scored(t, r.Scores, blankPerplexity); !near(s.Value, 8) {
		t.Errorf("%+v", s)
	}
	if got := r.Items[1].Scores[perplexity]; !near(got, 64) {
		t.Errorf("of the second text: %v", got)
	}
	if worst := r.Worst(1); worst[0].ID != "2" {
		t.Errorf("the worst: %+v", worst)
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "2 of 3 texts") {
		t.Errorf("notes: %q", r.Notes)
	}
}

// Numbers that are none never get into a report, which JSON could not say.
func TestReportWithoutNumbers(t *testing.T) {
	t.Parallel()
	set := &datasets.Set{Name: "p", Items: []datasets.Item{{ID: "1"}, {ID: "2"}}}
	r := newReport(t, set, []Prediction{{ID: "1", Error: "no"}, {ID: "2", Logprob: math.Inf(-1), Tokens: 3}}, Scoring{Task: datasets.Perplexity})
	if len(r.Scores) != 0 || len(r.Items[1].Scores) != 0 {
		t.Errorf("%+v, %+v", r.Scores, r.Items)
	}
	for _, set := range []*datasets.Set{{Name: "empty"}, questions()} {
		if _, err := NewReport(t.Context(), set, []Prediction{{ID: "x"}}, Scoring{Task: datasets.VQA}); err == nil {
			t.Errorf("%s is scored without an answer", set.Name)
		}
	}
	if _, err := NewReport(t.Context(), questions(), nil, Scoring{Task: "singing"}); err == nil {
		t.Error("singing is scored")
	}
}

// A hundred kinds are told apart, and no more.
func TestGroupsAreBounded(t *testing.T) {
	t.Parallel()
	set := &datasets.Set{Name: "g"}
	var said []Prediction
	for i := range 20_000 {
		set.Items = append(set.Items, datasets.Item{ID: fmt.Sprint(i), References: []string{"x"}, Groups: []datasets.Group{{By: "number", Name: fmt.Sprint(i)}, {By: "parity", Name: fmt.Sprint(i % 2)}, {By: "parity", Name: fmt.Sprint(i % 2)}}})
		said = append(said, Prediction{ID: fmt.Sprint(i), Answer: []string{"x", "y"}[i%2]})
	}
	r := newReport(t, set, said, Scoring{Task: datasets.VQA})
	if len(r.Groups) != 2 || r.Groups[0].Scores[0].Value != 1 || r.Groups[1].Scores[0].Value != 0 || r.Groups[0].Scores[0].N != 10_000 {
		t.Errorf("%+v", r.Groups)
	}
	if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, `20000 different kinds by "number"`) }) {
		t.Errorf("%q", r.Notes)
	}
}
