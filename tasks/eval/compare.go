package eval

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/metrics"
)

// ComparisonFormat and ComparisonVersion are what a Comparison calls itself in JSON.
// docs/schemas/eval-diff.schema.json has the format.
const (
	ComparisonFormat  = "vlmchat-eval-diff"
	ComparisonVersion = 1
)

// Comparison is two evaluations of the same task side by side, of the items that both have and
// about the pictures as they are.
type Comparison struct {
	Format  string          `json:"format"`
	Version int             `json:"version"`
	Task    string          `json:"task"`
	A       Side            `json:"a"`
	B       Side            `json:"b"`
	Items   int             `json:"items"`             // that both have
	Differs []Difference    `json:"differs"`           // of how they were asked, and about what
	Scores  []ComparedScore `json:"scores"`            // of the items that both have
	By      string          `json:"by,omitempty"`      // the score by which items got better or worse
	Better  int             `json:"better"`            // items
	Worse   int             `json:"worse"`             // items
	Changed []ComparedItem  `json:"changed,omitempty"` // those that changed the most first
	Notes   []string        `json:"notes,omitempty"`
	Vlmchat string          `json:"vlmchat"`
}

// Side is one of two evaluations.
type Side struct {
	Path    string  `json:"path"`
	Dataset Dataset `json:"dataset"`
	Asked   Asked   `json:"asked"`
	Counts  Counts  `json:"counts"`
}

// Difference is something that is not the same in both.
type Difference struct {
	What string `json:"what"`
	A    string `json:"a"`
	B    string `json:"b"`
}

// ComparedScore is a metric's numbers, and by how much B's is higher: from Low to High in 95 of
// 100 cases, by a bootstrap of pairs.
type ComparedScore struct {
	Name   string  `json:"name"`
	A      float64 `json:"a"`
	B      float64 `json:"b"`
	Change float64 `json:"change"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	N      int     `json:"n"` // items, or queries
	Lower  bool    `json:"lower,omitempty"`
}

// Difference is the change as a score.
func (s ComparedScore) Difference() Score {
	return Score{Name: s.Name, Value: s.Change, Low: s.Low, High: s.High, N: s.N, Lower: s.Lower}
}

// ComparedItem is an item whose answers are not equally good.
type ComparedItem struct {
	ID       string  `json:"id"`
	Image    string  `json:"image,omitempty"`
	Question string  `json:"question,omitempty"`
	Right    string  `json:"right,omitempty"` // a reference, or the label
	A        string  `json:"a"`               // the answers
	B        string  `json:"b"`
	ScoreA   float64 `json:"score_a"`
	ScoreB   float64 `json:"score_b"`
}

// Compare compares two reports. by is the score by which items are compared, "" for the one that
// says most of the task.
func Compare(ctx context.Context, a, b *Report, by string) (*Comparison, error) {
	if a.Task != b.Task {
		return nil, &engine.Error{
			Kind: engine.BadOption, Message: fmt.Sprintf("one report is of %q and the other of %q: they have no score in common", a.Task, b.Task),
		}
	}
	c := &Comparison{
		Format: ComparisonFormat, Version: ComparisonVersion, Task: a.Task,
		A: Side{Dataset: a.Dataset, Asked: a.Asked, Counts: a.Counts}, B: Side{Dataset: b.Dataset, Asked: b.Asked, Counts: b.Counts},
		Differs: differences(a, b), Scores: []ComparedScore{},
	}
	p, err := pair(a, b)
	if err != nil {
		return nil, err
	}
	c.Items = len(p.a)
	measuredA, measuredB, err := p.measure(ctx, a, b)
	if err != nil {
		return nil, err
	}
	c.Notes = p.notes
	for _, m := range measuredA {
		i := slices.IndexFunc(measuredB, func(o measure) bool { return o.Name == m.Name })
		if i < 0 {
			continue
		}
		of, with := both(m, measuredB[i])
		change := with.change(of)
		s := ComparedScore{m.Name, of.Score(), with.Score(), change.Value, change.Low, change.High, change.N, m.Lower}
		if finite(s.A) && finite(s.B) && finite(s.Change) && finite(s.Low) && finite(s.High) {
			c.Scores = append(c.Scores, s)
		}
	}
	c.onlyInOne(a.Scores, b.Scores)
	if err := c.chooseBy(by); err != nil {
		return nil, err
	}
	at := func(all []measure) []float64 {
		for _, m := range all {
			if m.Name == c.By {
				return m.means(len(p.a))
			}
		}
		return nil
	}
	c.compareItems(p, at(measuredA), at(measuredB))
	return c, ctx.Err()
}

// onlyInOne says which scores can't be compared.
func (c *Comparison) onlyInOne(a, b []Score) {
	for i, sides := range [][2][]Score{{a, b}, {b, a}} {
		for _, s := range sides[0] {
			if _, both := Find(sides[1], s.Name); !both {
				c.Notes = append(c.Notes, fmt.Sprintf("Only %s has the score %s.", []string{"A", "B"}[i], s.Name))
			}
		}
	}
}

// chooseBy finds the score by which items are compared.
func (c *Comparison) chooseBy(name string) error {
	if name != "" {
		if _, found := c.Score(name); !found {
			return &engine.Error{Kind: engine.BadOption, Message: fmt.Sprintf("the reports have no score %q in common", name), Hint: "they have " + c.names()}
		}
		c.By = name
		return nil
	}
	for _, name := range ranksBy[datasets.Task(c.Task)] {
		if _, found := c.Score(name); found {
			c.By = name
			return nil
		}
	}
	return nil
}

// Score is the compared score of this name.
func (c *Comparison) Score(name string) (ComparedScore, bool) {
	i := slices.IndexFunc(c.Scores, func(s ComparedScore) bool { return s.Name == name })
	if i < 0 {
		return ComparedScore{}, false
	}
	return c.Scores[i], true
}

func (c *Comparison) names() string {
	text := ""
	for i, s := range c.Scores {
		if i > 0 {
			text += ", "
		}
		text += s.Name
	}
	return text
}

// compareItems lists which items got better or worse, those that changed the most first.
func (c *Comparison) compareItems(p *pairs, a, b []float64) {
	score, _ := c.Score(c.By)
	for i := range min(len(a), len(b)) {
		change := b[i] - a[i]
		if !finite(change) || change == 0 {
			continue
		}
		if (change > 0) != score.Lower {
			c.Better++
		} else {
			c.Worse++
		}
		item := p.items[i]
		one := ComparedItem{
			ID: item.ID, Image: item.Image, Question: item.Question, Right: item.Label, A: p.a[i].shown(), B: p.b[i].shown(), ScoreA: a[i], ScoreB: b[i],
		}
		if one.Right == "" && len(item.References) > 0 {
			one.Right = item.References[0]
		}
		c.Changed = append(c.Changed, one)
	}
	slices.SortStableFunc(c.Changed, func(x, y ComparedItem) int {
		return cmp.Compare(math.Abs(y.ScoreB-y.ScoreA), math.Abs(x.ScoreB-x.ScoreA))
	})
}

// shown is an answer, or why there is none.
func (i Item) shown() string {
	if i.Error != "" {
		return "(" + i.Error + ")"
	}
	return i.Said()
}

// pairs are the items that two reports have, in the order of the first, and what came of them.
type pairs struct {
	items []datasets.Item
	a, b  []Item
	notes []string
}

func pair(a, b *Report) (*pairs, error) {
	p := &pairs{}
	there := map[string]Item{}
	for _, item := range b.Items {
		if item.Variant == "" {
			there[item.ID] = item
		}
	}
	plain, other, onlyA := 0, 0, 0
	for _, item := range a.Items {
		if item.Variant != "" {
			continue
		}
		plain++
		same, found := there[item.ID]
		delete(there, item.ID)
		switch {
		case !found:
			onlyA++
			continue
		case item.Question != same.Question || item.Label != same.Label || !slices.Equal(item.References, same.References) || !slices.Equal(item.Choices, same.Choices):
			other++
			continue
		}
		p.a, p.b = append(p.a, item), append(p.b, same)
		p.items = append(p.items, datasets.Item{
			ID: item.ID, Image: item.Image, Question: item.Question, References: item.References, Choices: item.Choices, Label: item.Label, Groups: item.Groups,
		})
	}
	if len(p.a) == 0 {
		return nil, &engine.Error{Kind: engine.BadOption, Message: "the reports have no item in common", Hint: fmt.Sprintf("they are of %s and of %s", a.Dataset.Name, b.Dataset.Name)}
	}
	onlyB := len(there)
	if a.Dataset.SHA256 != b.Dataset.SHA256 {
		p.notes = append(p.notes, "The datasets are not the same.")
	}
	if onlyA+onlyB+other > 0 {
		p.notes = append(p.notes, fmt.Sprintf("The %d items that both have are compared: %d are only in A, %d only in B, and %d have other questions or references in both.", len(p.a), onlyA, onlyB, other))
	}
	return p, nil
}

// measure measures both sides by their items alone. What was measured with data of its own
// (METEOR, SPICE) is not computed again: it is the mean of the items' scores then.
func (p *pairs) measure(ctx context.Context, a, b *Report) (x, y []measure, err error) {
	sides := [][]Prediction{predictionsOf(p.a), predictionsOf(p.b)}
	all, _, err := measureAll(ctx, p.items, sides, Scoring{Task: datasets.Task(a.Task), again: true})
	if err != nil {
		return nil, nil, err
	}
	x, y = all[0], all[1]
	computed := func(name string) bool { return slices.ContainsFunc(x, func(m measure) bool { return m.Name == name }) }
	for _, s := range a.Scores {
		if _, both := Find(b.Scores, s.Name); !both || computed(s.Name) {
			continue
		}
		ofA, okA := known(s.Name, p.a)
		ofB, okB := known(s.Name, p.b)
		if okA && okB {
			x, y = append(x, ofA), append(y, ofB)
			if strings.HasPrefix(s.Name, "METEOR") {
				p.notes = append(p.notes, "METEOR is compared as the mean of the captions' scores, which is not quite the score of all of them together.")
			}
		}
	}
	// In the order of the first report, and only what it has.
	var ordered []measure
	for _, s := range a.Scores {
		if i := slices.IndexFunc(x, func(m measure) bool { return m.Name == s.Name }); i >= 0 {
			ordered = append(ordered, x[i])
		}
	}
	return ordered, y, nil
}

// known is a metric of which only the items' scores are known.
func known(name string, items []Item) (measure, bool) {
	m := measure{metrics.Result{Name: name, Items: make([]float64, len(items))}, whole(len(items))}
	for i, item := range items {
		value, there := item.Scores[name]
		if !there {
			return m, false
		}
		m.Items[i] = value
	}
	return m, true
}

func predictionsOf(items []Item) []Prediction {
	all := make([]Prediction, len(items))
	for i, item := range items {
		all[i] = Prediction{
			ID: item.ID, Answer: item.Answer, Labels: item.Labels, Logprob: item.Logprob, Tokens: item.Tokens, Blank: item.Blank,
			Rankings: item.Rankings, Cut: item.Cut, Error: item.Error,
		}
	}
	return all
}

// differences are what is not the same of how two reports came about.
func differences(a, b *Report) []Difference {
	all := []Difference{}
	add := func(what string, x, y any) {
		if !reflect.DeepEqual(x, y) {
			all = append(all, Difference{what, text(x), text(y)})
		}
	}
	add("dataset", a.Dataset.About(), b.Dataset.About())
	add("data", a.Dataset.SHA256, b.Dataset.SHA256)
	add("answers given", a.Asked.Predictions, b.Asked.Predictions)
	add("engine", a.Asked.Engine, b.Asked.Engine)
	add("model", a.Asked.Model, b.Asked.Model)
	add("device", a.Asked.Device, b.Asked.Device)
	add("prompt", a.Asked.Prompt, b.Asked.Prompt)
	add("system message", a.Asked.System, b.Asked.System)
	add("shots", a.Asked.Shots, b.Asked.Shots)
	if a.Asked.Shots > 0 && b.Asked.Shots > 0 {
		add("shots drawn by", a.Asked.ShotSeed, b.Asked.ShotSeed)
	}
	var names []string
	for name := range a.Asked.Sampling {
		names = append(names, name)
	}
	for name := range b.Asked.Sampling {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		add(name, a.Asked.Sampling[name], b.Asked.Sampling[name])
	}
	add("vlmchat", a.Vlmchat, b.Vlmchat)
	return all
}

func text(x any) string {
	if x == nil {
		return ""
	}
	return fmt.Sprint(x)
}
