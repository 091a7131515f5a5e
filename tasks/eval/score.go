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
	measured, notes, err := measureAll(ctx, set.Items, found, how)
	if err != nil {
		return nil, err
	}
	r.addNotes(notes)
	plain := measured[0]
	r.Scores, r.Took = scores(plain, measure.score), meanTook(found[0])
	r.addItems(set.Items, found[0], "", plain)
	for i, name := range how.Variants {
		of, answers := measured[i+1], found[i+1]
		r.addItems(set.Items, answers, name, of)
		r.Variants = append(r.Variants, Variant{
			Name: name, Took: meanTook(answers), Scores: scores(of, measure.score), Changes: scores(of, changeFrom(plain)),
		})
	}
	grouped := set.Items
	if how.Task == datasets.Classify {
		grouped = byClass(set.Items)
		r.Confusions = confusions(set.Items, found[0])
	}
	r.Groups, notes = groups(grouped, plain)
	r.addNotes(notes)
	return r, ctx.Err()
}

// measureAll measures what came of a set's items, in their order, in each variant. Notes are what
// a reader has to know about the numbers.
func measureAll(ctx context.Context, items []datasets.Item, found [][]Prediction, how Scoring) (all [][]measure, notes []string, err error) {
	var one func([]datasets.Item, []Prediction) ([]measure, []string)
	switch how.Task {
	case datasets.Caption:
		return measureCaptions(ctx, items, found, how)
	case datasets.VQA:
		one = measureAnswers
	case datasets.Classify:
		one = measureLabels
	case datasets.Retrieval:
		one = measureRankings
	case datasets.Perplexity:
		one = measureTexts
	default:
		return nil, nil, fmt.Errorf("there is no way to score %q", how.Task)
	}
	for _, answers := range found {
		of, said := one(items, answers)
		all, notes = append(all, of), append(notes, said...)
	}
	return all, notes, nil
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
