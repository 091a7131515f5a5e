package metrics

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
)

func TestVQAAccuracyIsTheOfficialOne(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Overall    float64
		Accuracies []struct {
			Answer     string
			References []string
			Accuracy   float64
		}
		Normalised [][2]string
	}
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	for _, pair := range f.Normalised {
		if got := NormalizeAnswer(pair[0]); got != pair[1] {
			t.Errorf("%q becomes %q, and %q officially", pair[0], got, pair[1])
		}
	}
	var answers []string
	var references [][]string
	for _, a := range f.Accuracies {
		answers = append(answers, a.Answer)
		references = append(references, a.References)
	}
	if len(answers) < 500 {
		t.Fatalf("%d answers in the fixture", len(answers))
	}
	r := VQA(answers, references)
	if d := math.Abs(r.Score() - f.Overall); !(d < 1e-9) {
		t.Errorf("the accuracy of all is %v, and %v officially", r.Score(), f.Overall)
	}
	for i, a := range f.Accuracies {
		if d := math.Abs(r.Items[i] - a.Accuracy); !(d < 1e-9) {
			t.Errorf("%q has %v of %q, and %v officially", a.Answer, r.Items[i], a.References, a.Accuracy)
		}
	}
}

func TestVQAAccuracyOfFewReferences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer     string
		references string
		want       float64
	}{
		{"Two.", "2", 1}, {"The dog", "a dog!", 1}, {"cat", "dog", 0},
		{"dog", "dog|cat", 1. / 6}, {"dog", "dog|dog|dog", 2. / 3}, {"dog", "dog|dog|dog|dog", 1},
		{"Dog", "dog|dog|dog|dog", 0}, {"Dog", "dog|dog|dog|Dog", 1},
	} {
		if got := VQAAccuracy(c.answer, strings.Split(c.references, "|")); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%q has %v of %s, want %v", c.answer, got, c.references, c.want)
		}
	}
	if got := VQAAccuracy("dog", nil); got != 0 {
		t.Errorf("an answer has %v of no reference", got)
	}
}

func FuzzNormalizeAnswer(f *testing.F) {
	for _, s := range []string{"", "The 1,000 dogs.", "dont", "a-b c", "....5", "\xff,\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := NormalizeAnswer(s)
		if strings.Contains(n, "  ") || strings.ContainsAny(n, answerPunctuation+"\n\t") {
			t.Errorf("%q becomes %q", s, n)
		}
	})
}
