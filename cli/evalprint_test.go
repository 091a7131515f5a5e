package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/tasks/eval"
)

var updateReports = flag.Bool("update-reports", false, "write the golden reports of evaluations anew")

// someReports are reports of fixed predictions, by name.
func someReports(t *testing.T) map[string]*eval.Report {
	t.Helper()
	make := func(set *datasets.Set, said []eval.Prediction, how eval.Scoring) *eval.Report {
		r, err := eval.NewReport(t.Context(), set, said, how)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	vqa := &datasets.Set{Name: "questions.jsonl", Layout: "jsonl", SHA256: "abc", Problems: []datasets.Problem{
		{Kind: datasets.MissingPicture, Place: "questions.jsonl:7", Item: "x", Detail: "there is no file lost.png"},
		{Kind: datasets.UnknownField, Place: "questions.jsonl:1", Detail: `"colour" is not known`},
	}}
	var answers []eval.Prediction
	for i := range 60 {
		kind := []string{"color", "number", "yes/no"}[i%3]
		id := fmt.Sprintf("q%d", i)
		vqa.Items = append(vqa.Items, datasets.Item{
			ID: id, Image: fmt.Sprintf("pictures/scene-%02d.png", i), Question: "What is in the " + kind + " corner?", References: []string{"a ring"},
			Groups: []datasets.Group{{By: "question type", Name: kind}},
		})
		one := eval.Prediction{ID: id, Answer: []string{"ring", "a ring.", "circle", "The ring", "square"}[i%5], Took: eval.Took{ImageTokens: 64, Seconds: 0.25}}
		if i == 59 {
			one = eval.Prediction{ID: id, Error: "the server 127.0.0.1 does not answer"}
		}
		tiled := eval.Prediction{ID: id, Variant: "tiles 2x2", Answer: "ring", Took: eval.Took{ImageTokens: 320, Seconds: 1}}
		answers = append(answers, one, tiled, eval.Prediction{ID: id, Variant: "flip", Answer: "hexagon", Took: eval.Took{ImageTokens: 64, Seconds: 0.25}})
	}
	labels := &datasets.Set{Name: "labels", Layout: "folder"}
	var classes []eval.Prediction
	for i := range 90 {
		right := fmt.Sprintf("class %02d", i%30)
		labels.Items = append(labels.Items, datasets.Item{ID: fmt.Sprint(i), Image: fmt.Sprintf("%d.png", i), Label: right})
		said := fmt.Sprintf("class %02d", i*i%30)
		classes = append(classes, eval.Prediction{ID: fmt.Sprint(i), Labels: []tasks.Labelled{{Label: said, Probability: 0.7}, {Label: right, Probability: 0.2}}})
	}
	hostile := &datasets.Set{Name: "evil\x1b]0;title\a.jsonl", Layout: "jsonl"}
	long := strings.Repeat("verylong", 200)
	hostile.Items = []datasets.Item{
		{ID: "a\x1b[2J", Image: "evil\x1b[31m.png", Question: "<script>alert(1)</script>\x00\n\n" + strings.Repeat("many words ", 200), References: []string{"\u202egnp.exe", "שלום"}},
		{ID: "b", Image: long + ".png", Question: long, References: []string{long}},
	}
	evil := []eval.Prediction{{ID: "a\x1b[2J", Answer: "\x1b[1Aover\rwritten"}, {ID: "b", Error: "no\nsuch\x1b[H"}}
	return map[string]*eval.Report{
		"vqa": make(vqa, answers, eval.Scoring{
			Task: datasets.VQA, Variants: []string{"flip", "tiles 2x2"},
			Asked: eval.Asked{Engine: "native", Model: "tinyvlm", Device: "CPU", Prompt: "Answer with one word.", Shots: 2, Seconds: 83.42, PromptTokens: 12345, GeneratedTokens: 240},
		}),
		"classify": make(labels, classes, eval.Scoring{Task: datasets.Classify, Asked: eval.Asked{Predictions: "said.jsonl"}}),
		"hostile":  make(hostile, evil, eval.Scoring{Task: datasets.VQA, Asked: eval.Asked{Model: "m\x1b[5m", Prompt: "p\x07"}}),
	}
}

// vqaReport is one of them as JSON.
func vqaReport(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(someReports(t)["vqa"])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEvaluationOnTerminals(t *testing.T) {
	t.Parallel()
	for name, report := range someReports(t) {
		var out bytes.Buffer
		newEvalText(&out).report(report)
		compareGolden(t, filepath.Join("testdata", "eval", name+".txt"), out.Bytes())
		for line := range strings.Lines(out.String()) {
			if n := ansi.StringWidth(strings.TrimRight(line, "\n")); n > 80 || strings.HasSuffix(line, " \n") || strings.ContainsAny(line, "\x1b\x07\x00\r\u202e") {
				t.Errorf("%s: a line of %d columns: %q", name, n, line)
			}
		}
	}
}

func TestComparisonOnTerminals(t *testing.T) {
	t.Parallel()
	a, b := someReports(t)["vqa"], someReports(t)["vqa"]
	b.Asked.Model, b.Asked.Prompt, b.Dataset.SHA256 = "other\x1b[31m", strings.Repeat("Answer with as many words as you like. ", 5), "def"
	for i := range b.Items {
		if item := &b.Items[i]; item.Variant == "" && i%7 == 0 {
			item.Answer = []string{"a \x1b[2Jring", "hexagon", strings.Repeat("long", 100)}[i%3]
		}
	}
	c, err := eval.Compare(t.Context(), a, b, "")
	if err != nil {
		t.Fatal(err)
	}
	c.A.Path, c.B.Path = "runs/tiny", "runs/evil\x1b]0;t\a"
	var out bytes.Buffer
	newEvalText(&out).comparison(c, 2)
	compareGolden(t, filepath.Join("testdata", "eval", "diff.txt"), out.Bytes())
	for line := range strings.Lines(out.String()) {
		if n := ansi.StringWidth(strings.TrimRight(line, "\n")); n > 80 || strings.ContainsAny(line, "\x1b\a") {
			t.Errorf("a line of %d columns: %q", n, line)
		}
	}
}

// Where there is room for less, less is shown of each line, and where there are colours the
// headings are bold.
func TestEvaluationOnNarrowTerminals(t *testing.T) {
	t.Parallel()
	for name, report := range someReports(t) {
		var out bytes.Buffer
		(&evalText{w: &out, width: 60, worst: 5, colour: true}).report(report)
		for line := range strings.Lines(out.String()) {
			if n := ansi.StringWidth(strings.TrimRight(line, "\n")); n > 60 {
				t.Errorf("%s: a line of %d columns: %q", name, n, line)
			}
		}
		if !strings.Contains(out.String(), "\x1b[1m") {
			t.Errorf("%s: nothing is bold", name)
		}
	}
}

// compareGolden holds what was made against a file, which -update-reports writes.
func compareGolden(t *testing.T, file string, made []byte) {
	t.Helper()
	if *updateReports {
		if err := os.WriteFile(file, made, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, want) {
		t.Errorf("%s is not what was made (-update-reports writes it anew):\n%s", file, made)
	}
}

// Continuous integration hears by the exit code that a score is surely worse.
func TestDiffFailsIfWorse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, change func(*eval.Item)) string {
		r := someReports(t)["vqa"]
		for i := range r.Items {
			change(&r.Items[i])
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	as := write("as.json", func(*eval.Item) {})
	worse := write("worse.json", func(i *eval.Item) { i.Answer = "hexagon" })
	for _, c := range []struct {
		a, b string
		code int
	}{{as, worse, exitFailed}, {worse, as, exitOK}, {as, as, exitOK}} {
		var out, log bytes.Buffer
		if code := run(t.Context(), []string{"eval", "diff", c.a, c.b, "--fail-if-worse"}, strings.NewReader(""), &out, &log); code != c.code {
			t.Errorf("%s and %s: %d, want %d\n%s%s", c.a, c.b, code, c.code, &out, &log)
		}
		if c.code != exitOK && !strings.Contains(log.String(), "VQA accuracy is worse in") {
			t.Errorf("%q", log.String())
		}
	}
}
