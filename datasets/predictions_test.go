package datasets

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// given is what was given to the items of a set, in their order.
func given(s *Set, p *Predictions) (all []string) {
	for _, i := range s.Items {
		g, ok := p.Given[i.ID]
		if !ok {
			all = append(all, i.ID+": nothing")
			continue
		}
		line := i.ID + ": " + g.Answer
		for _, l := range g.Labels {
			line += fmt.Sprintf(" <%s %g>", l.Label, l.Probability)
		}
		if g.Error != "" {
			line += " error " + g.Error
		}
		if g.Cut {
			line += " cut"
		}
		all = append(all, line+string(g.Value))
	}
	return all
}

func TestPredictions(t *testing.T) {
	t.Parallel()
	const captions = `{"id": "x", "image": "a.png", "caption": "One."}
{"image": "deep/b.png", "caption": "Two."}
{"image": "deep/COCO_val2014_000000000042.jpg", "caption": "Three."}`
	const questions = `{"question_id": 1, "image": "a.png", "question": "Which?", "answer": "a"}
{"image": "a.png", "question": "How many?", "answer": "1"}
{"image": "deep/b.png", "question": "Which?", "answer": "b"}`
	const labels = `{"image": "a.png", "label": "ring"}
{"image": "deep/b.png", "label": "star"}`
	for _, test := range []struct {
		name       string
		task       Task
		data       string
		answers    string
		want, told []string
	}{
		{"COCO's results", Caption, captions, `[{"image_id": 42, "caption": "Yes."}, {"image_id": 7, "caption": "Other."}]`,
			[]string{"x: nothing", "deep/b.png: nothing", "deep/COCO_val2014_000000000042.jpg: Yes."},
			[]string{"no such item answers: element 2 [7] there is no such item in data.jsonl", "no answer data.jsonl:1 [x] there is no answer to it", "no answer data.jsonl:2 [deep/b.png] there is no answer to it"}},
		{"by picture", Caption, captions, `{"image": "/elsewhere/a.png", "caption": "A."}
{"image": "b.png", "prediction": ""}
{"file_name": "./deep/COCO_val2014_000000000042.jpg", "answer": "C", "error": null}
{"image": "b.png", "prediction": "Again"}
{"image": "b.png"}
{"caption": "Of what?"}
{"image": "b.png", "caption": ["One", "Two"]}
nonsense`,
			[]string{"x: A.", "deep/b.png: Again", "deep/COCO_val2014_000000000042.jpg: C"},
			[]string{
				"broken line answers:5 [] there is no answer in it: caption is looked for",
				"broken line answers:6 [] it says neither by id nor by image of what it is",
				"broken line answers:7 [] its caption is a list, and has to be one text",
				"broken line answers:8 [] this is no JSON: column 2: invalid character 'o' in literal null (expecting 'u')",
				"twice there answers:4 [deep/b.png] it is answered already, at answers:2; the last counts",
			}},
		{"VQAv2's results", VQA, questions, `[{"question_id": 1, "answer": "a"}, {"question_id": 2, "answer": "x", "image": "b.png"}]`,
			[]string{"1: a", "a.png#ba352e24: nothing", "deep/b.png#f04329d6: nothing"},
			[]string{"no such item answers: element 2 [2] there is no such item in data.jsonl", "no answer data.jsonl:2 [a.png#ba352e24] there is no answer to it", "no answer data.jsonl:3 [deep/b.png#f04329d6] there is no answer to it"}},
		{"by picture and question", VQA, questions, "image,question,answer\na.png,How many?,2\nb.png,Which?,b\n",
			[]string{"1: nothing", "a.png#ba352e24: 2", "deep/b.png#f04329d6: b"},
			[]string{"no answer data.jsonl:1 [1] there is no answer to it"}},
		{"folders whose names end alike", Caption, `{"image": "xdeep/b.png", "caption": "X."}
{"image": "deep/b.png", "caption": "Y."}`, `{"image": "deep/b.png", "caption": "B."}`,
			[]string{"xdeep/b.png: nothing", "deep/b.png: B."}, []string{"no answer data.jsonl:1 [xdeep/b.png] there is no answer to it"}},
		{"a question with blanks around it", VQA, questions, `{"image": "a.png", "question": " How many?\n", "answer": "3"}`,
			[]string{"1: nothing", "a.png#ba352e24: 3", "deep/b.png#f04329d6: nothing"},
			[]string{"no answer data.jsonl:1 [1] there is no answer to it", "no answer data.jsonl:3 [deep/b.png#f04329d6] there is no answer to it"}},
		{"failed again and again", Caption, captions, `{"id": "x", "error": "first"}
{"id": "x", "error": "second"}
{"image": "b.png", "caption": "B."}
{"image": "b.png", "error": "late"}
{"image": "COCO_val2014_000000000042.jpg", "error": "early"}
{"image": "COCO_val2014_000000000042.jpg", "caption": "C."}`,
			[]string{"x:  error second", "deep/b.png: B.", "deep/COCO_val2014_000000000042.jpg: C."}, nil},
		{"records of a batch", VQA, questions, `{"format": "vlmchat-batch-record", "version": 1, "id": "a.png", "status": "answered", "answer": "two", "finish": "length", "image": "a.png", "prompt": "How many?", "input": null}
{"format": "vlmchat-batch-record", "version": 1, "id": "n", "status": "answered", "answer": "A", "json": null, "finish": "stop", "image": "a.png", "prompt": "Say it. Which?", "input": {"question": "Which?", "answer": "a"}}
{"format": "vlmchat-batch-record", "version": 1, "id": "b.png", "status": "failed", "answer": null, "error": "no picture", "image": "deep/b.png", "prompt": "Which?"}`,
			[]string{"1: A", "a.png#ba352e24: two cut", "deep/b.png#f04329d6:  error no picture"}, nil},
		{"a run", Classify, labels, `{"format": "vlmchat-batch-record", "version": 1, "id": "k", "status": "failed", "answer": null, "error": "gone", "image": "a.png", "input": {"task": "classify", "item": "a.png"}}
{"format": "vlmchat-batch-record", "version": 1, "id": "k", "status": "answered", "answer": "ring", "json": {"labels": [{"label": "ring", "probability": 0.7}, {"label": "star", "probability": 0.3}]}, "image": "a.png", "input": {"task": "classify", "item": "a.png"}}
{"format": "vlmchat-batch-record", "version": 1, "id": "k2", "status": "answered", "answer": "star", "json": {}, "image": "a.png", "input": {"task": "classify", "item": "a.png", "variant": "flip"}}
{"format": "vlmchat-batch-record", "version": 1, "id": "k3", "status": 5}`,
			[]string{`a.png: ring <ring 0.7> <star 0.3>{"labels": [{"label": "ring", "probability": 0.7}, {"label": "star", "probability": 0.3}]}`, "deep/b.png: nothing"},
			[]string{"broken line answers:4 [] its status can't be this: number", "no answer data.jsonl:2 [deep/b.png] there is no answer to it"}},
		{"labels", Classify, labels, `{"image": "a.png", "labels": [{"label": "star", "probability": 0.2}, {"label": "ring", "probability": 0.8}]}
{"image": "b.png", "prediction": "star"}`,
			[]string{"a.png:  <ring 0.8> <star 0.2>", "deep/b.png: star <star 0>"}, nil},
		{"labels in order", Classify, labels, `{"image": "a.png", "labels": ["star", "ring"]}
{"image": "b.png", "label": "star", "labels": null}`,
			[]string{"a.png:  <star 0> <ring 0>", "deep/b.png:  <star 0>"}, nil},
		{"logprobs", Perplexity, captions, `{"id": "x", "logprob": -3.5, "tokens": 4}`,
			[]string{`x: {"id": "x", "logprob": -3.5, "tokens": 4}`, "deep/b.png: nothing", "deep/COCO_val2014_000000000042.jpg: nothing"},
			[]string{"no answer data.jsonl:2 [deep/b.png] there is no answer to it", "no answer data.jsonl:3 [deep/COCO_val2014_000000000042.jpg] there is no answer to it"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := put(t, "", "a.png", "deep/b.png", "xdeep/b.png", "deep/COCO_val2014_000000000042.jpg")
			s := read(t, test.task, write(t, dir, "data.jsonl", test.data), Options{})
			p, err := ReadPredictions(t.Context(), test.task, write(t, dir, "answers", test.answers), s)
			if err != nil {
				t.Fatal(err)
			}
			if got := given(s, p); !slices.Equal(got, test.want) {
				t.Errorf("given is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
			if got := told(&Set{Problems: p.Problems}, dir); !slices.Equal(got, test.told) {
				t.Errorf("told is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.told, "\n"))
			}
		})
	}
}

func TestPredictionsOfNoUse(t *testing.T) {
	t.Parallel()
	dir := put(t, "", "a.png", "deep/a.png")
	s := read(t, VQA, write(t, dir, "data.jsonl", `{"image": "a.png", "question": "Which?", "answer": "a"}
{"image": "a.png", "question": "How many?", "answer": "1"}
{"image": "deep/a.png", "question": "Which?", "answer": "a"}`), Options{})
	for name, test := range map[string]struct{ answers, want string }{
		"several questions": {`{"image": "deep/../a.png", "answer": "1"}`, `may be any of 3 items of data.jsonl`},
		"several pictures":  {`{"image": "else/a.png", "question": "Which?", "answer": "1"}`, `may be any of 2 items of data.jsonl`},
		"others":            {`[{"question_id": 9, "answer": "1"}]`, `none of its 1 answers is about an item of data.jsonl: they call theirs "9", and items are called "a.png#`},
		"nothing":           {" \n", "it is empty"},
		"no answers":        {"[]", "there is no answer in it"},
		"broken":            {`{"image": }`, "there is no answer in it; the first problem"},
		"a dataset":         {`{"images": [{"id": 1}], "annotations": []}`, "this is a dataset, and no answers"},
		"prose":             {"The answer is 3.", `its layout is not known; it begins with "The answer is 3."`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ReadPredictions(t.Context(), VQA, write(t, t.TempDir(), "answers", test.answers), s)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v", err)
			}
		})
	}
	if _, err := ReadPredictions(t.Context(), VQA, filepath.Join(dir, "dta.jsonl"), s); err == nil || !strings.Contains(hintOf(err), "data.jsonl") {
		t.Errorf("%v (%s)", err, hintOf(err))
	}
	run := write(t, dir, "run/answers.jsonl", `{"image": "deep/a.png", "question": "Which?", "answer": "x"}`)
	p, err := ReadPredictions(t.Context(), VQA, filepath.Dir(run), s)
	if err != nil || p.Name != "run" || p.Given[s.Items[2].ID].Answer != "x" {
		t.Errorf("of a run's folder: %+v, %v", p, err)
	}
}
