package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/images"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/tasks/batch"
)

// Run is what is asked about the items of a dataset, and how. Each item is asked with its
// picture as it is, and then once more with each change of it: what a person waits for most
// comes first.
type Run struct {
	Task    datasets.Task
	Set     *datasets.Set
	Changes []Change

	// Prompt is what is asked, with {question} in the place of an item's own question.
	Prompt string
	// Judge asks of an item in another way than by a chat; where it is nil, or what it returns
	// is, the item is asked by one.
	Judge    func(datasets.Item) Judge
	System   string
	Sampling engine.Sampling
	Thinking *bool
	Shots    *Shots // nil for none
	Model    string // a digest of what answers
	Load     tasks.Load
}

// Judge asks for something else than an answer. The request has what an item is asked, and
// its picture.
type Judge func(ctx context.Context, req engine.Request) (batch.Judged, error)

// Change shows an item's picture in another way.
type Change struct {
	Name string // of the variant
	// Key is what there is to know of it besides the name: with another, an answer is
	// one to another question.
	Key  string
	Show func(*images.Picture) ([]*images.Picture, error)
}

// digested is what a digest is made of; of nil it is that of the picture as it is.
func (c *Change) digested() []string {
	if c == nil {
		return nil
	}
	return []string{c.Name, c.Key}
}

// Items are those that a journal has a record of, each.
func (r *Run) Items() iter.Seq2[batch.Item, error] {
	return func(yield func(batch.Item, error) bool) {
		n := 0
		for range 1 + len(r.Changes) {
			for range r.Set.Items {
				if !yield(r.item(n), nil) {
					return
				}
				n++
			}
		}
	}
}

// at is an item of the dataset and how it is shown; nil is as it is.
func (r *Run) at(n int) (datasets.Item, *Change) {
	of := r.Set.Items[n%len(r.Set.Items)]
	if change := n / len(r.Set.Items); change > 0 {
		return of, &r.Changes[change-1]
	}
	return of, nil
}

func (r *Run) item(n int) batch.Item {
	of, change := r.at(n)
	own := Own{Task: r.Task, Data: r.Set.Name, Split: r.Set.Split, Item: of.ID}
	if change != nil {
		own.Variant = change.Name
	}
	input, _ := json.Marshal(own) // texts have a JSON
	return batch.Item{N: n, ID: recordID(own.Item, own.Variant), Place: of.Place, Images: []string{of.Image}, Own: input}
}

// recordID is what the record of an item in a variant is called.
func recordID(item, variant string) string {
	if variant == "" {
		return item
	}
	return item + " [" + variant + "]"
}

// Ask says how an item is asked.
func (r *Run) Ask(item batch.Item) (batch.Question, error) {
	of, change := r.at(item.N)
	text := r.question(of)
	q := batch.Question{Prompt: text, Shown: len(r.Shots.of(of)), Asked: r.asked(text, of, change)}
	if r.Judge != nil {
		q.Judge = r.Judge(of)
	}
	q.Read = func(ctx context.Context) (engine.Request, error) { return r.request(ctx, text, of, change) }
	return q, nil
}

// question is what is asked of an item. One of a dataset that asks nothing of a model may have
// a question all the same, which goes before the usual one.
func (r *Run) question(of datasets.Item) string {
	if of.Question != "" && r.Prompt == DefaultPrompt(r.Task) && r.Task != datasets.VQA {
		return of.Question
	}
	return fill(r.Prompt, of)
}

// asked sums up how an item is asked.
func (r *Run) asked(text string, of datasets.Item, change *Change) batch.Asked {
	// What a chat has no use for stands with the prompt: choices, and texts whose likelihood is asked.
	asked := []any{text, of.Choices}
	switch r.Task {
	case datasets.Classify:
		if len(of.Choices) == 0 {
			asked = append(asked, r.Set.Labels)
		}
	case datasets.Perplexity:
		asked = append(asked, of.References)
	}
	return batch.Asked{
		Prompt: batch.Digest(asked), System: batch.Digest(r.System), Examples: r.Shots.digest(of), Model: r.Model,
		Sampling: batch.Digest([]any{r.Sampling, r.Thinking}), Structure: batch.Digest(nil), Pictures: batch.Digest(change.digested()),
	}
}

// request reads an item's picture.
func (r *Run) request(ctx context.Context, text string, of datasets.Item, change *Change) (engine.Request, error) {
	picture, err := readOne(ctx, r.Load, of.Image)
	if err != nil {
		return engine.Request{}, err
	}
	shown := []*images.Picture{picture}
	if change != nil {
		if shown, err = change.Show(picture); err != nil {
			return engine.Request{}, err
		}
	}
	messages, err := r.Shots.messages(ctx, of)
	if err != nil {
		return engine.Request{}, err
	}
	if r.System != "" {
		messages = append([]engine.Message{engine.Text(engine.System, r.System)}, messages...)
	}
	messages = append(messages, engine.Ask(text, shown...))
	return engine.Request{Messages: messages, Sampling: r.Sampling, Thinking: r.Thinking}, nil
}

// readOne reads a file that has one picture.
func readOne(ctx context.Context, load tasks.Load, source string) (*images.Picture, error) {
	pictures, err := load(ctx, source)
	if err != nil {
		return nil, err
	}
	if len(pictures) != 1 {
		return nil, &images.Error{Source: source, Reason: images.Unsupported, Detail: fmt.Sprintf("it has %d pictures, and an item of a dataset is about one", len(pictures))}
	}
	return pictures[0], nil
}

// Belongs refuses records that are those of another evaluation.
func (r *Run) Belongs(records iter.Seq2[batch.Record, error]) error {
	return belongs(r.Task, r.Set, records)
}

func belongs(task datasets.Task, set *datasets.Set, records iter.Seq2[batch.Record, error]) error {
	for record, err := range records {
		if err != nil {
			return err
		}
		var own Own
		if err := json.Unmarshal(record.Input, &own); err != nil || own.Item == "" {
			return fmt.Errorf("its record %q is none of an evaluation", record.ID)
		}
		if own.Task != task || own.Data != set.Name || own.Split != set.Split {
			return fmt.Errorf("it has answers of %s about %s, and this is %s about %s", own.Task, dataName(own.Data, own.Split), task, dataName(set.Name, set.Split))
		}
		return nil // those of one run are all alike
	}
	return nil
}

func dataName(name, split string) string {
	if split == "" {
		return name
	}
	return name + " (" + split + ")"
}

// Predictions is what the records say of the items that are asked.
func (r *Run) Predictions(records iter.Seq2[batch.Record, error]) ([]Prediction, error) {
	known := map[string]bool{}
	for n := range (1 + len(r.Changes)) * len(r.Set.Items) {
		known[r.item(n).ID] = true
	}
	var all []Prediction
	for record, err := range records {
		if err != nil {
			return nil, err
		}
		if !known[record.ID] {
			continue
		}
		p, err := predictionOf(record)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}
