package eval

import (
	"context"
	"fmt"

	"github.com/vlmchat/vlmchat/datasets"
)

// Scoring says how predictions are scored.
type Scoring struct {
	Task     datasets.Task
	Asked    Asked
	Variants []string // those that there are besides the pictures as they are, in the order in which they are shown
	// MeteorData is where METEOR's synonyms and paraphrases are: the folder of the reference
	// implementation's jar. "" leaves those two modules out, and the score's name says so.
	MeteorData string
	SpiceJar   string // of the reference implementation of SPICE; "" leaves it out
	Vlmchat    string // the version that scores
	// Step hears what is computed, of what may take minutes. Nil is silence.
	Step func(what string)
}

// NewReport scores what came of a set's items. An item without a prediction, or of which
// there is an error, counts as answered wrongly: in the variants that were asked, too.
func NewReport(ctx context.Context, set *datasets.Set, predictions []Prediction, how Scoring) (*Report, error) {
	r := &Report{
		Format: ReportFormat, Version: ReportVersion, Task: string(how.Task), Vlmchat: how.Vlmchat, Asked: how.Asked,
		Dataset: Dataset{Name: set.Name, Layout: set.Layout, Split: set.Split, SHA256: set.SHA256},
	}
	r.leaveOut(set.Problems)
	found, err := arrange(set, predictions, how.Variants)
	if err != nil {
		return nil, err
	}
	for i, variant := range append([]string{""}, how.Variants...) {
		r.Items = append(r.Items, reported(set, found[i], variant)...)
	}
	r.count(found[0])
	return r, ctx.Err()
}

// arrange puts predictions into the order of the set's items, variant by variant; the first is the
// pictures as they are.
func arrange(set *datasets.Set, predictions []Prediction, variants []string) ([][]Prediction, error) {
	at := make(map[string]int, len(set.Items))
	for i, item := range set.Items {
		at[item.ID] = i
	}
	of := map[string]int{"": 0}
	found := make([][]Prediction, 1+len(variants))
	for i, name := range append([]string{""}, variants...) {
		of[name] = i
		found[i] = make([]Prediction, len(set.Items))
		for j, item := range set.Items {
			found[i][j] = Prediction{ID: item.ID, Variant: name, Error: "there is no answer"}
		}
	}
	for _, p := range predictions {
		i, known := at[p.ID]
		v, asked := of[p.Variant]
		switch {
		case !known:
			return nil, fmt.Errorf("there is an answer to %q, and the dataset has no such item", p.ID)
		case !asked:
			return nil, fmt.Errorf("there is an answer to %q as %q, and that is no variant of this evaluation", p.ID, p.Variant)
		}
		found[v][i] = p
	}
	return found, nil
}

// leaveOut says what of the dataset could not be asked.
func (r *Report) leaveOut(problems []datasets.Problem) {
	for _, p := range problems {
		r.Problems = append(r.Problems, Problem{Kind: string(p.Kind), Place: p.Place, Item: p.Item, Detail: p.Detail})
		if !p.Kind.LeavesOut() {
			continue
		}
		if r.Counts.LeftOut == nil {
			r.Counts.LeftOut = map[string]int{}
		}
		r.Counts.LeftOut[string(p.Kind)]++
	}
}

// reported are a set's items as the report has them.
func reported(set *datasets.Set, found []Prediction, variant string) []Item {
	all := make([]Item, len(set.Items))
	for i, item := range set.Items {
		p := found[i]
		all[i] = Item{
			ID: item.ID, Image: item.Image, Question: item.Question, References: item.References, Choices: item.Choices, Label: item.Label,
			Groups: item.Groups, Variant: variant, Answer: p.Answer, Labels: p.Labels, Scores: map[string]float64{}, Cut: p.Cut, Error: p.Error,
		}
	}
	return all
}

// count counts what came of the pictures as they are.
func (r *Report) count(found []Prediction) {
	r.Counts.Items = len(found)
	for _, p := range found {
		switch {
		case p.Error != "":
			r.Counts.Failed++
			continue
		case p.wordless():
			r.Counts.Empty++
		}
		r.Counts.Answered++
		if p.Cut {
			r.Counts.Cut++
		}
	}
}

// wordless says of an answer that it has none, where there should be words.
func (p Prediction) wordless() bool {
	return p.Answer == "" && len(p.Labels) == 0 && len(p.Rankings) == 0 && p.Tokens == 0
}
