package tasks

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/vlmchat/vlmchat/engine"
)

// kindsOfAnswers are what answers of the samples' questions are one of, by the kind of question.
var kindsOfAnswers = map[string][]string{
	"color": strings.Fields("red orange yellow green blue purple pink brown black white"), "background": strings.Fields("red orange yellow green blue purple pink brown black white gray"),
	"size": {"small", "large"}, "shape": strings.Fields("circle square triangle star cross diamond heart ring"),
	"position": {"top left", "top", "top right", "left", "center", "right", "bottom left", "bottom", "bottom right"},
	"count":    strings.Fields("0 1 2 3 4"), "exist": {"yes", "no"}, "yesno": {"yes", "no"},
}

// Most questions with choices are answered rightly.
func TestChooseByLikelihood(t *testing.T) {
	t.Parallel()
	e := openNative(t)
	n, right := 0, 0
	for i, row := range rows[struct{ Image, Question, Answer, Type string }](t, "vqa.jsonl") {
		choices := kindsOfAnswers[row.Type]
		if i%3 > 0 || !slices.Contains(choices, row.Answer) {
			continue
		}
		p := scene(t, row.Image)
		got, err := Chooser{Asker: &Asker{Engine: e}, Choices: Labels(strings.Join(choices, ",")), Form: FormInstruct}.Choose(t.Context(), row.Question,
			func(q string) []engine.Message { return []engine.Message{engine.Ask(q, p)} })
		if err != nil {
			t.Fatal(err)
		}
		if got.Method != ChosenByLikelihood || got.Calibrated || len(got.Choices) != len(choices) || got.Answer != got.Choices[0].Label {
			t.Fatalf("%+v", got)
		}
		n++
		if got.Answer == row.Answer {
			right++
		}
	}
	t.Logf("%d of %d are right", right, n)
	if right*100 < n*85 {
		t.Errorf("%d of %d are right", right, n)
	}
}

func TestChooseByLetter(t *testing.T) {
	t.Parallel()
	choices := Labels("a dog, a cat, neither")
	top := func(pairs ...any) []engine.TokenLogprob {
		var all []engine.TokenLogprob
		for i := 0; i < len(pairs); i += 2 {
			all = append(all, engine.TokenLogprob{Text: pairs[i].(string), Logprob: math.Log(pairs[i+1].(float64))})
		}
		return []engine.TokenLogprob{{Text: all[0].Text, Logprob: all[0].Logprob, Top: all}}
	}
	for _, test := range []struct {
		says     string
		logprobs []engine.TokenLogprob
		want     string
		method   ChoosingMethod
		first    float64 // probability of the first, 0 for one that is not known
	}{
		{"B", top("B", 0.6, " A", 0.2, "C", 0.1, "The", 0.05), "a cat", ChosenByLetter, 0.6 / 0.9},
		{"(B) a cat", nil, "a cat", ChosenByLetter, 0},
		{"c.", nil, "neither", ChosenByLetter, 0},
		{"A cat.", nil, "a cat", ChosenByLetter, 0},
		{"A cat is there", nil, "neither", ChosenBySchema, 0},
		{"It is a cat.", nil, "neither", ChosenBySchema, 0},
	} {
		e := sayer{say: func(r engine.Request) (string, []engine.TokenLogprob, error) {
			if r.Schema != nil {
				if q := lastQuestion(r); q != "What is it? Choose one: a dog, a cat, neither." {
					t.Errorf("asked %q", q)
				}
				return `{"answer": "neither"}`, nil, nil
			}
			if q := lastQuestion(r); q != "What is it?\nA. a dog\nB. a cat\nC. neither\nAnswer with the option's letter from the given choices directly." {
				t.Errorf("asked %q", q)
			}
			return test.says, test.logprobs, nil
		}}
		got, err := Chooser{Asker: &Asker{Engine: e}, Choices: choices, Form: FormInstruct}.Choose(t.Context(), "What is it?",
			func(q string) []engine.Message { return []engine.Message{engine.Text(engine.User, q)} })
		if err != nil || got.Answer != test.want || got.Method != test.method {
			t.Errorf("%q: %+v, %v", test.says, got, err)
			continue
		}
		first := 0.0
		if got.Choices != nil {
			first = got.Choices[0].Probability
		}
		if math.Abs(first-test.first) > 1e-9 {
			t.Errorf("%q: the first has %v, want %v", test.says, first, test.first)
		}
	}
}

func TestChooseRefuses(t *testing.T) {
	t.Parallel()
	conversation := func(q string) []engine.Message { return []engine.Message{engine.Text(engine.User, q)} }
	e := sayer{say: func(engine.Request) (string, []engine.TokenLogprob, error) { return "I can't.", nil, nil }}
	for _, test := range []struct {
		choices string
		want    engine.ErrorKind
	}{
		{"one", engine.BadOption},
		{"a,b", engine.Failed},
		{strings.Join(strings.Split("abcdefghijklmnopqrstuvwxyz!", ""), ",") + "x,yy", engine.BadOption},
	} {
		if _, err := (Chooser{Asker: &Asker{Engine: e}, Choices: Labels(test.choices)}).Choose(t.Context(), "What?", conversation); engine.KindOf(err) != test.want {
			t.Errorf("%s: %v", test.choices, err)
		}
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	for form, want := range map[Form]string{
		FormInstruct: "What?\nAnswer the question using a single word or phrase.", FormBLIP2: "Question: What? Answer:", FormPlain: "What?",
	} {
		if got := form.Put("What?"); got != want {
			t.Errorf("%s: %q", form, got)
		}
	}
}
