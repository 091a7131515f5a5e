package datasets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzRead: whatever a file has in it, reading it ends with items that can be asked, all with an
// ID of their own, or with an error for people.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"coco/annotations/captions_val2014.json", "vqav2/v2_mscoco_val2014_annotations.json", "karpathy/dataset_coco.json"} {
		content, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	for _, text := range []string{
		`{"image": "a.png", "question": "Which?", "answers": [{"answer": "a"}], "choices": ["a", "b"], "label": 0, "labels": ["x"], "text": "x", "split": "val"}`,
		"[{\"image\": \"a.png\", \"caption\": \"\\ud800\"}]", "a.png#0\tOne.\na.png#1\tTwo.", "image|comment\na.png|x", "id;image;label\n1;\"a\"\"\n\";b",
		`{"questions": [{"question_id": 1, "image_id": 2, "question": "x"}], "annotations": [{"question_id": 1, "multiple_choice_answer": "x"}]}`,
		"\x1f\x8b\x08\x00", "\ufeff",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, "data")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, task := range []Task{Caption, VQA, Classify, Retrieval, Perplexity} {
			s, err := Read(context.Background(), task, path, Options{Answered: true})
			if err != nil {
				if _, ok := errors.AsType[*Error](err); !ok {
					t.Fatalf("%s: %v", task, err)
				}
				continue
			}
			seen := map[string]bool{}
			for _, i := range s.Items {
				right := len(i.References) > 0
				if task == Classify {
					right = i.Label != ""
				}
				if seen[i.ID] || i.ID == "" || i.Image == "" || !right || task == VQA && i.Question == "" || task == Perplexity && len(i.References) != 1 {
					t.Fatalf("%s: %+v", task, i)
				}
				seen[i.ID] = true
			}
			again, err := Read(context.Background(), task, path, Options{Answered: true})
			if err != nil || again.SHA256 != s.SHA256 || len(again.Problems) != len(s.Problems) {
				t.Fatalf("%s: the second time it is %+v, %v; it was %+v", task, again, err, s)
			}
		}
	})
}

// FuzzReadPredictions: whatever a file of answers has in it, each belongs to an item.
func FuzzReadPredictions(f *testing.F) {
	for _, text := range []string{
		`[{"image_id": 42, "caption": "x"}]`, `[{"question_id": 1, "answer": "x"}]`, "id,answer\n1,x\n", "image|caption\na.png|x",
		`{"image": "a.png", "question": "Which?", "labels": [{"label": "x", "probability": 0.5}]}`,
		`{"format": "vlmchat-batch-record", "id": "a.png", "status": "answered", "answer": "x", "json": {"labels": []}, "input": {"item": "1"}}`,
	} {
		f.Add([]byte(text))
	}
	set := &Set{Name: "set", Items: []Item{{ID: "1", Image: "a.png", Question: "Which?"}, {ID: "2", Image: "b/COCO_val2014_000000000042.jpg"}, {ID: "3", Image: "b/a.png", Question: "How many?"}}}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "answers")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, task := range []Task{Caption, VQA, Classify, Retrieval, Perplexity} {
			p, err := ReadPredictions(context.Background(), task, path, set)
			if err != nil {
				if _, ok := errors.AsType[*Error](err); !ok {
					t.Fatalf("%s: %v", task, err)
				}
				continue
			}
			missing := 0
			for _, problem := range p.Problems {
				if problem.Kind == NoAnswer {
					missing++
				}
			}
			if len(p.Given) == 0 || len(p.Given)+missing != len(set.Items) {
				t.Fatalf("%s: %+v", task, p)
			}
		}
	})
}
