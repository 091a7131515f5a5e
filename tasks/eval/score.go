package eval

import (
	"context"
	"fmt"
	"slices"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/engine"
)

// Scoring says how predictions are scored.
type Scoring struct {
	Task     datasets.Task
	Asked    Asked
	Variants []string // those that there are besides the pictures as they are, in the order in which they are shown
	Vlmchat  string   // the version that scores
	// MeteorData is the folder that has the reference METEOR's data. "" leaves its synonyms and
	// paraphrases out, and the score's name says so.
	MeteorData string
	SpiceJar   string // of the reference SPICE; "" leaves it out
	// Step hears what is computed of that which takes a while. Nil is silence.
	Step func(what string)

	again bool // what takes data of its own is not computed
}

// NewReport scores what came of a set's items. An item without a prediction, or of which there is
// an error, counts as answered wrongly; so it does in every variant. Predictions of other items
// and other variants are left aside.
func NewReport(ctx context.Context, set *datasets.Set, predictions []Prediction, how Scoring) (*Report, error) {
	r := &Report{
		Format: ReportFormat, Version: ReportVersion, Task: string(how.Task), Vlmchat: how.Vlmchat, Asked: how.Asked,
		Dataset: Dataset{Name: set.Name, Layout: set.Layout, Split: set.Split, SHA256: set.SHA256},
		Scores:  []Score{}, Items: []Item{},
	}
	r.leaveOut(set.Problems)
	if len(set.Items) == 0 {
		return nil, &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("there is nothing to score: %s has no item that could be asked", set.Name)}
	}
	found, foreign := arrange(set.Items, predictions, how.Variants)
	if foreign > 0 && foreign == len(predictions) {
		return nil, &engine.Error{
			Kind: engine.BadOption, Message: fmt.Sprintf("none of the %d answers is to an item of %s", foreign, set.Name),
			Hint: fmt.Sprintf("its items have names such as %q, and the answers such as %q", set.Items[0].ID, predictions[0].ID),
		}
	}
	if foreign > 0 {
		r.note("Of the answers, %d belong to no item of the dataset: left aside.", foreign)
	}
	r.count(found[0])
	rule, done, err := newRuler(set.Items, how)
	if err != nil {
		return nil, err
	}
	defer done()
	var plain []measure
	for i, name := range append([]string{""}, how.Variants...) {
		of, notes, err := rule(ctx, found[i])
		if err != nil {
			return nil, err
		}
		r.addNotes(notes)
		r.addItems(set.Items, found[i], name, of)
		if i == 0 {
			plain, r.Took = of, meanTook(found[i])
			r.Scores = scores(of, measure.score)
			continue
		}
		r.Variants = append(r.Variants, Variant{
			Name: name, Took: meanTook(found[i]), Scores: scores(of, measure.score), Changes: scores(of, changeFrom(plain)),
		})
	}
	grouped := set.Items
	if how.Task == datasets.Classify {
		grouped = byClass(set.Items)
		r.Confusions = confusions(set.Items, found[0])
	}
	all, notes := groups(grouped, plain)
	r.Groups = all
	r.addNotes(notes)
	return r, ctx.Err()
}

// ruler measures what came of a set's items in one variant, in their order. Notes are what a
// reader has to know about the numbers.
type ruler func(ctx context.Context, found []Prediction) (of []measure, notes []string, err error)

// newRuler is the ruler of a task; done lets go of what it has opened.
func newRuler(items []datasets.Item, how Scoring) (r ruler, done func(), err error) {
	switch how.Task {
	case datasets.Caption:
		c := newCaptions(items, how)
		return c.measure, c.Close, nil
	case datasets.VQA:
		r = quick(items, measureAnswers)
	case datasets.Classify:
		r = quick(items, measureLabels)
	case datasets.Retrieval:
		r = quick(items, measureRankings)
	case datasets.Perplexity:
		r = quick(items, measureTexts)
	default:
		return nil, nil, fmt.Errorf("there is no way to score %q", how.Task)
	}
	return r, func() {}, nil
}

// quick is a ruler of what takes no time and can't fail.
func quick(items []datasets.Item, measures func([]datasets.Item, []Prediction) ([]measure, []string)) ruler {
	return func(_ context.Context, found []Prediction) ([]measure, []string, error) {
		of, notes := measures(items, found)
		return of, notes, nil
	}
}

// changeFrom compares with the same metric of the pictures as they are. Where there is none, the
// change is of nothing.
func changeFrom(plain []measure) func(measure) Score {
	return func(m measure) Score {
		i := slices.IndexFunc(plain, func(p measure) bool { return p.Name == m.Name })
		if i < 0 {
			return measure{}.score()
		}
		return m.change(plain[i])
	}
}

// noAnswer is the error of an item of which there is no prediction.
const noAnswer = "there is no answer to it"

// arrange puts predictions into the order of the items, variant by variant; the first is the
// pictures as they are. foreign is how many are to other items.
func arrange(items []datasets.Item, predictions []Prediction, variants []string) (found [][]Prediction, foreign int) {
	at := make(map[string]int, len(items))
	for i, item := range items {
		at[item.ID] = i
	}
	of := map[string]int{}
	for i, name := range append([]string{""}, variants...) {
		of[name] = i
		all := make([]Prediction, len(items))
		for j, item := range items {
			all[j] = Prediction{ID: item.ID, Variant: name, Error: noAnswer}
		}
		found = append(found, all)
	}
	for _, p := range predictions {
		i, known := at[p.ID]
		if !known {
			foreign++
		} else if v, asked := of[p.Variant]; asked {
			found[v][i] = p
		}
	}
	return found, foreign
}

// meanTook is what an answer took.
func meanTook(found []Prediction) (mean Took) {
	n := 0.0
	for _, p := range found {
		if p.Error != "" {
			continue
		}
		n++
		mean.ImageTokens += p.Took.ImageTokens
		mean.PromptTokens += p.Took.PromptTokens
		mean.GeneratedTokens += p.Took.GeneratedTokens
		mean.Seconds += p.Took.Seconds
	}
	if n == 0 {
		return Took{}
	}
	return Took{mean.ImageTokens / n, mean.PromptTokens / n, mean.GeneratedTokens / n, mean.Seconds / n}
}
