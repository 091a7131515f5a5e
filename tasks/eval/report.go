package eval

import (
	"fmt"
	"slices"

	"github.com/vlmchat/vlmchat/datasets"
)

// note says something that a reader has to know.
func (r *Report) note(format string, args ...any) { r.addNotes([]string{fmt.Sprintf(format, args...)}) }

// addNotes adds what was not said yet: each variant may have the same to say.
func (r *Report) addNotes(notes []string) {
	for _, n := range notes {
		if !slices.Contains(r.Notes, n) {
			r.Notes = append(r.Notes, n)
		}
	}
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

// addItems adds what came of the items in one variant. What is known of the items themselves is
// told once, with the pictures as they are.
func (r *Report) addItems(items []datasets.Item, found []Prediction, variant string, of []measure) {
	begin := len(r.Items)
	for i, item := range items {
		p := found[i]
		one := Item{
			ID: item.ID, Variant: variant, Answer: p.Answer, Labels: p.Labels, Rankings: p.Rankings,
			Logprob: p.Logprob, Tokens: p.Tokens, Blank: p.Blank, Cut: p.Cut, Error: p.Error, Scores: map[string]float64{},
		}
		if variant == "" {
			one.Image, one.Question, one.References = item.Image, item.Question, item.References
			one.Choices, one.Label, one.Groups = item.Choices, item.Label, item.Groups
		}
		r.Items = append(r.Items, one)
	}
	for _, m := range of {
		for i, value := range m.means(len(items)) {
			if finite(value) {
				r.Items[begin+i].Scores[m.Name] = value
			}
		}
	}
}

// count counts what came of the pictures as they are.
func (r *Report) count(found []Prediction) {
	r.Counts.Items = len(found)
	for _, p := range found {
		if p.Error != "" {
			r.Counts.Failed++
			continue
		}
		r.Counts.Answered++
		if p.wordless() {
			r.Counts.Empty++
		}
		if p.Cut {
			r.Counts.Cut++
		}
	}
}

// wordless says of an answer that it has nothing, where there should be words.
func (p Prediction) wordless() bool {
	return p.Answer == "" && len(p.Labels) == 0 && len(p.Rankings) == 0 && p.Tokens == 0
}
