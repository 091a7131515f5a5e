package eval

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/tasks"
)

// Given makes predictions of answers that are there already.
func Given(p *datasets.Predictions) ([]Prediction, error) {
	var all []Prediction
	for _, id := range slices.Sorted(maps.Keys(p.Given)) {
		g := p.Given[id]
		one := Prediction{ID: id, Answer: g.Answer, Cut: g.Cut, Error: g.Error}
		for _, l := range g.Labels {
			one.Labels = append(one.Labels, tasks.Labelled{Label: l.Label, Probability: l.Probability})
		}
		if len(g.Value) > 0 && g.Error == "" {
			if err := one.take(g.Value); err != nil {
				return nil, fmt.Errorf("%s: %w", g.Place, err)
			}
		}
		all = append(all, one)
	}
	return all, nil
}

// take takes the value of a record.
func (p *Prediction) take(value json.RawMessage) error {
	if len(value) == 0 || string(value) == "null" {
		return nil
	}
	var v Value
	if err := json.Unmarshal(value, &v); err != nil {
		return fmt.Errorf("its value is none of an evaluation: %w", err)
	}
	if v.Labels != nil {
		p.Labels = v.Labels
	}
	p.Logprob, p.Tokens, p.Blank, p.Rankings = v.Logprob, v.Tokens, v.Blank, v.Rankings
	return nil
}
