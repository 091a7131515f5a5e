package eval

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/datasets"
)

// written is a report as another process reads it.
func written(t *testing.T, r *Report) *Report {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), ReportName)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := ReadReport(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestCompareAnswers(t *testing.T) {
	t.Parallel()
	a := written(t, newReport(t, questions(), []Prediction{{ID: "1", Answer: "red"}, {ID: "2", Answer: "green"}, {ID: "3", Answer: "2"}, {ID: "4", Error: "gone"}},
		Scoring{Task: datasets.VQA, Asked: Asked{Model: "m", Prompt: "p", Sampling: map[string]any{"temperature": 0.0, "top_p": 0.9}}}))
	b := written(t, newReport(t, questions(), []Prediction{{ID: "1", Answer: "blue"}, {ID: "2", Answer: "blue"}, {ID: "3", Answer: "2"}, {ID: "4", Answer: "3"}},
		Scoring{Task: datasets.VQA, Asked: Asked{Model: "n", Prompt: "p", Shots: 2, Sampling: map[string]any{"temperature": 0.7, "top_p": 0.9}}}))
	c, err := Compare(t.Context(), a, b, "")
	if err != nil {
		t.Fatal(err)
	}
	s, found := c.Score(vqaAccuracy)
	if !found || s.A != 0.5 || s.B != 0.75 || s.Change != 0.25 || s.N != 4 || s.Low >= 0 || s.High != 1 || s.Difference().Better() != 0 {
		t.Errorf("%+v", c.Scores)
	}
	if c.Items != 4 || c.Better != 2 || c.Worse != 1 || len(c.Changed) != 3 || c.By != vqaAccuracy || len(c.Notes) != 0 {
		t.Errorf("%+v", c)
	}
	if x := c.Changed[2]; x.ID != "4" || x.A != "(gone)" || x.B != "3" || x.Right != "3" || x.ScoreA != 0 || x.ScoreB != 1 {
		t.Errorf("%+v", x)
	}
	want := []Difference{{"model", "m", "n"}, {"shots", "0", "2"}, {"temperature", "0", "0.7"}}
	if !slices.Equal(c.Differs, want) {
		t.Errorf("%+v", c.Differs)
	}
	same, err := Compare(t.Context(), a, a, "")
	if err != nil || len(same.Differs) != 0 || len(same.Changed) != 0 || same.Scores[0].Low != 0 || same.Scores[0].High != 0 {
		t.Errorf("%+v, %v", same, err)
	}
	if _, err := Compare(t.Context(), a, b, "BLEU-4"); err == nil || !strings.Contains(err.Error(), `no score "BLEU-4"`) {
		t.Errorf("%v", err)
	}
}

// Of datasets that are not the same, what both have is compared.
func TestCompareOtherData(t *testing.T) {
	t.Parallel()
	right := []Prediction{{ID: "1", Answer: "red"}, {ID: "2", Answer: "blue"}, {ID: "3", Answer: "2"}, {ID: "4", Answer: "3"}, {ID: "9", Answer: "x"}}
	a := newReport(t, questions(), right, Scoring{Task: datasets.VQA})
	other := questions()
	other.SHA256 = "def"
	other.Items[0].References = []string{"pink"}
	other.Items[1].ID = "9"
	b := newReport(t, other, right, Scoring{Task: datasets.VQA})
	c, err := Compare(t.Context(), a, b, "")
	if err != nil {
		t.Fatal(err)
	}
	if c.Items != 2 || c.Scores[0].N != 2 || c.Scores[0].A != 1 || len(c.Notes) != 2 || !strings.Contains(c.Notes[1], "The 2 items that both have are compared: 1 are only in A, 1 only in B, and 1 have other") {
		t.Errorf("%+v", c)
	}
	other.Items = other.Items[:2]
	b = newReport(t, other, right, Scoring{Task: datasets.VQA})
	if _, err := Compare(t.Context(), a, b, ""); err == nil {
		t.Error("nothing is compared")
	}
	b.Task = "caption"
	if _, err := Compare(t.Context(), a, b, ""); err == nil || !strings.Contains(err.Error(), "no score in common") {
		t.Errorf("answers and captions are compared: %v", err)
	}
}

// Less is better of a perplexity, and a text that one side has no number of is left out on both.
func TestCompareTexts(t *testing.T) {
	t.Parallel()
	set := &datasets.Set{Name: "p", Items: []datasets.Item{{ID: "1"}, {ID: "2"}, {ID: "3"}}}
	texts := func(logprobs ...float64) *Report {
		var said []Prediction
		for i, x := range logprobs {
			said = append(said, Prediction{ID: set.Items[i].ID, Logprob: x, Tokens: 2})
		}
		return newReport(t, set, said, Scoring{Task: datasets.Perplexity})
	}
	c, err := Compare(t.Context(), texts(-2, -4, -9), texts(-1, -2), "")
	if err != nil {
		t.Fatal(err)
	}
	if s := c.Scores[0]; s.N != 2 || s.B >= s.A || s.Difference().Better() != 1 || c.Better != 2 || c.Worse != 0 {
		t.Errorf("%+v", c)
	}
}

// A metric that took data of its own is compared by what it said of each item.
func TestCompareWhatIsKnown(t *testing.T) {
	t.Parallel()
	a := newReport(t, questions(), []Prediction{{ID: "1", Answer: "red"}}, Scoring{Task: datasets.VQA})
	a.Scores = append(a.Scores, Score{Name: "SPICE", Value: 0.5})
	for i := range a.Items {
		a.Items[i].Scores["SPICE"] = 0.5
	}
	b := written(t, a)
	b.Items[0].Scores["SPICE"] = 0.9
	c, err := Compare(t.Context(), a, b, "SPICE")
	if s, _ := c.Score("SPICE"); err != nil || s.A != 0.5 || !near(s.Change, 0.1) || c.Better != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	delete(b.Items[1].Scores, "SPICE")
	if _, err := Compare(t.Context(), a, b, "SPICE"); err == nil {
		t.Error("a score that not all have is compared")
	}
}

func TestReadReport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write("begun/answers.jsonl", "")
	for path, want := range map[string]string{
		filepath.Join(dir, "nowhere"):                               "there is no report",
		filepath.Join(dir, "begun"):                                 "did not come to its end",
		write("text.json", "hello"):                                 "is no report of 'vlmchat eval'",
		write("other.json", `{"format":"vlmchat-answer"}`):          `its format is "vlmchat-answer"`,
		write("new.json", `{"format":"vlmchat-eval","version":99}`): "a report of version 99",
	} {
		if _, err := ReadReport(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Whatever a file says that calls itself a report, it is compared or refused.
func FuzzReport(f *testing.F) {
	f.Add([]byte(`{"format":"vlmchat-eval","version":1,"task":"vqa","scores":[{"name":"VQA accuracy","n":1}],"items":[{"id":"1","references":["x"],"answer":"x","scores":{"VQA accuracy":1}}]}`))
	f.Add([]byte(`{"format":"vlmchat-eval","version":1,"task":"caption","scores":[{"name":"CIDEr","n":2},{"name":"METEOR"},{"name":"BLEU-4"}],"items":[{"id":"1","references":["a cat","The cats."],"answer":"a cat","scores":{"METEOR":1}},{"id":"2","references":[""],"error":"x","scores":{"METEOR":0}}]}`))
	f.Add([]byte(`{"format":"vlmchat-eval","version":1,"task":"retrieval","items":[{"id":"1","rankings":[{"direction":"text-to-image","ranks":[0,-5],"of":1}]},{"id":"1"}]}`))
	f.Add([]byte(`{"format":"vlmchat-eval","version":1,"task":"perplexity","scores":[{"name":"perplexity"}],"items":[{"id":"a","logprob":1e308,"tokens":-1},{"id":"b","logprob":-1e308,"tokens":1}]}`))
	f.Add([]byte(`{"format":"vlmchat-eval","version":1,"task":"classify","items":[{"id":"a","label":"x","labels":[{"label":"y"}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parseReport("report.json", data)
		if err != nil || len(r.Items) > 20 {
			return
		}
		if err := r.WritePage(&strings.Builder{}, nil); err != nil {
			t.Fatal(err)
		}
		c, err := Compare(t.Context(), r, r, "")
		if err != nil {
			return
		}
		if _, err := json.Marshal(c); err != nil {
			t.Fatal(err)
		}
		if c.Better+c.Worse > 0 {
			t.Errorf("a report is not what it is: %+v", c)
		}
	})
}
