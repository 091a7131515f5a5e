package eval

import (
	"encoding/json"
	"fmt"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/tasks/batch"
)

// JournalName is the file in a run's folder that has what came of each item, as the records
// of a batch (batch.Record): one that finds it goes on with it. What a record is about its
// input says, as Own. What came of an item besides words is the record's JSON, as Value.
const JournalName = "answers.jsonl"

// Own is the input of a record of a run.
type Own struct {
	Task    datasets.Task `json:"task"`
	Data    string        `json:"data"` // name of the dataset
	Split   string        `json:"split,omitempty"`
	Item    string        `json:"item"`
	Variant string        `json:"variant,omitempty"`
}

// Value is what came of an item besides words, as Prediction has it.
type Value struct {
	Labels   []tasks.Labelled `json:"labels,omitempty"`
	Logprob  float64          `json:"logprob,omitempty"`
	Tokens   int              `json:"tokens,omitempty"`
	Blank    float64          `json:"blank_logprob,omitempty"`
	Rankings []Ranking        `json:"rankings,omitempty"`
}

// predictionOf is what a record of a run says.
func predictionOf(r batch.Record) (Prediction, error) {
	var own Own
	if err := json.Unmarshal(r.Input, &own); err != nil || own.Item == "" {
		return Prediction{}, fmt.Errorf("the record %q is none of an evaluation: its input does not say of which item it is", r.ID)
	}
	p := Prediction{ID: own.Item, Variant: own.Variant}
	p.Took = Took{number(r.ImageTokens), number(r.PromptTokens), number(r.GeneratedTokens), float64(r.Seconds)}
	if r.Status != batch.Answered {
		p.fail(r)
		return p, nil
	}
	if r.Answer != nil {
		p.Answer = *r.Answer
	}
	p.Cut = r.Finish != nil && *r.Finish == "length"
	if err := p.take(r.JSON); err != nil {
		return p, fmt.Errorf("the record %q: %w", r.ID, err)
	}
	return p, nil
}

// fail has a prediction be that of a failure.
func (p *Prediction) fail(r batch.Record) {
	p.Error = "it was not answered"
	if r.Error != nil {
		p.Error = *r.Error
	}
	if r.ErrorKind != nil {
		p.ErrorKind = engine.ErrorKind(*r.ErrorKind)
	}
}

func number(n *int) float64 {
	if n == nil {
		return 0
	}
	return float64(*n)
}
