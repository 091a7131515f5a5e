package eval

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks/batch"
)

// sampled are questions about the demo model's sample scenes, one about each.
func sampled(t *testing.T, n int) *datasets.Set {
	t.Helper()
	found, err := filepath.Glob("../../testdata/tinyvlm/samples/scene-*")
	if err != nil || len(found) < n {
		t.Fatalf("%d samples, %v", len(found), err)
	}
	s := &datasets.Set{Name: "samples"}
	for i, path := range found[:n] {
		s.Items = append(s.Items, datasets.Item{ID: fmt.Sprint("q", i), Image: path, Question: fmt.Sprint("Number ", i, "?"), References: []string{"one", fmt.Sprint("answer ", i), fmt.Sprint("answer ", i)}})
	}
	return s
}

func newRun(set *datasets.Set) *Run {
	return &Run{Task: datasets.VQA, Set: set, Prompt: "Q: {question} A:", System: "Be short.", Load: new(images.Loader).Load}
}

// asks reads all that a run would ask, by the records' IDs.
func asks(t *testing.T, r *Run) (map[string]engine.Request, map[string]batch.Question) {
	t.Helper()
	requests, questions := map[string]engine.Request{}, map[string]batch.Question{}
	for item, err := range r.Items() {
		if err != nil {
			t.Fatal(err)
		}
		q, err := r.Ask(item)
		if err != nil {
			t.Fatal(err)
		}
		questions[item.ID] = q
		if requests[item.ID], err = q.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return requests, questions
}

// spoken is a conversation as text, with the first digits of pictures.
func spoken(messages []engine.Message) string {
	var parts []string
	for _, m := range messages {
		parts = append(parts, string(m.Role))
		for _, p := range m.Parts {
			if p.Picture != nil {
				parts = append(parts, filepath.Base(p.Picture.Source))
			} else {
				parts = append(parts, p.Text)
			}
		}
	}
	return strings.Join(parts, "|")
}

// Examples stand before the question, pictures and answers in turns, the same for all; and
// nobody is shown the answer to what is asked.
func TestShotsStandBeforeEachQuestion(t *testing.T) {
	t.Parallel()
	set := sampled(t, 6)
	r := newRun(set)
	r.Shots = r.NewShots(set.Draw(2, 0))
	if r.Shots.Count() != 2 {
		t.Fatalf("%d examples", r.Shots.Count())
	}
	if err := r.Shots.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	requests, questions := asks(t, r)
	prefixes, digests := map[string]int{}, map[string]int{}
	for i, item := range set.Items {
		req := requests[item.ID]
		if len(req.Messages) != 6 || questions[item.ID].Shown != 2 {
			t.Fatalf("%s: %s", item.ID, spoken(req.Messages))
		}
		before, last := spoken(req.Messages[:5]), spoken(req.Messages[5:])
		if want := fmt.Sprintf("user|%s|Q: Number %d? A:", filepath.Base(item.Image), i); last != want {
			t.Errorf("asked: %s", last)
		}
		if strings.Contains(before, filepath.Base(item.Image)) || strings.Contains(before, fmt.Sprint("answer ", i)) {
			t.Errorf("%s is shown its own answer: %s", item.ID, before)
		}
		prefixes[before]++
		digests[questions[item.ID].Asked.Examples]++
	}
	most := 0
	for before, n := range prefixes {
		most = max(most, n)
		if !strings.HasPrefix(before, "system|Be short.|user|scene-") || !strings.Contains(before, "|assistant|answer ") {
			t.Errorf("shown: %s", before)
		}
	}
	if most != 4 || len(prefixes) != len(digests) { // but the two that are examples themselves
		t.Errorf("%v, %v", prefixes, digests)
	}
	if other := r.NewShots(set.Draw(2, 1)); other.digest(set.Items[5]) == r.Shots.digest(set.Items[5]) {
		t.Error("other examples have the same digest")
	}
}

// Each change of the pictures asks of all items once more, behind those as they are.
func TestChangesAskOnceMore(t *testing.T) {
	t.Parallel()
	r := newRun(sampled(t, 2))
	r.Changes = []Change{Augmented("flip", "flip"), Tiled(images.Grid{Columns: 2, Rows: 2})}
	var ids []string
	for item := range allItems(t, r.Items()) {
		ids = append(ids, item.ID)
	}
	if want := []string{"q0", "q1", "q0 [flip]", "q1 [flip]", "q0 [tiles 2x2]", "q1 [tiles 2x2]"}; !slices.Equal(ids, want) {
		t.Errorf("%q", ids)
	}
	requests, questions := asks(t, r)
	pictures := func(id string) []*images.Picture { return engine.Pictures(requests[id].Messages) }
	if len(pictures("q0")) != 1 || len(pictures("q0 [flip]")) != 1 || len(pictures("q0 [tiles 2x2]")) != 5 {
		t.Error("other numbers of pictures")
	}
	if pictures("q0")[0].SHA256 == pictures("q0 [flip]")[0].SHA256 {
		t.Error("a picture that is flipped is the same")
	}
	if questions["q0"].Asked == questions["q0 [flip]"].Asked || questions["q0"].Asked.Prompt != questions["q0 [flip]"].Asked.Prompt {
		t.Error("a changed picture is another question in its pictures alone")
	}
}

func allItems(t *testing.T, items iter.Seq2[batch.Item, error]) iter.Seq[batch.Item] {
	return func(yield func(batch.Item) bool) {
		for item, err := range items {
			if err != nil {
				t.Fatal(err)
			}
			if !yield(item) {
				return
			}
		}
	}
}

// counting is an encoder that makes a vector of how long a text is, and refuses some.
type counting struct {
	engine.Encoder
	mu       sync.Mutex
	requests []int
}

func (c *counting) EncodeTexts(_ context.Context, texts []string) ([][]float32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, len(texts))
	var all [][]float32
	for _, text := range texts {
		if text == "bad" {
			return nil, errors.New("refused")
		}
		all = append(all, []float32{float32(len(text))})
	}
	return all, nil
}

// Callers have their own vectors, some together in a request, and errors of their own.
func TestGatheredRequests(t *testing.T) {
	t.Parallel()
	c := &counting{}
	e := Gathered(c)
	var all sync.WaitGroup
	for i := range 500 {
		all.Go(func() {
			text := strings.Repeat("x", i)
			if i%100 == 7 {
				text = "bad"
			}
			v, err := e.EncodeTexts(t.Context(), []string{text})
			switch {
			case text == "bad" && err == nil:
				t.Errorf("%d: no error", i)
			case text != "bad" && (err != nil || v[0][0] != float32(i)):
				t.Errorf("%d: %v, %v", i, v, err)
			}
		})
	}
	all.Wait()
	if most := slices.Max(c.requests); most > mostTexts {
		t.Errorf("%d texts in a request", most)
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	if _, err := e.EncodeTexts(ended, []string{"x"}); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
