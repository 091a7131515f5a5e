package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/vlmchat/vlmchat/datasets"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/tasks/batch"
)

// Predicting asks for the likelihood of an item's texts as answers to the prompt, given the
// picture, and given a blank one.
func Predicting(e engine.Engine) (func(datasets.Item) Judge, error) {
	s, err := tasks.ScorerOf(e, "perplexity")
	if err != nil {
		return nil, err
	}
	return func(of datasets.Item) Judge {
		return func(ctx context.Context, req engine.Request) (batch.Judged, error) {
			ask := engine.ScoreRequest{Messages: req.Messages, Candidates: of.References}
			given, err := s.Score(ctx, ask)
			if err != nil {
				return batch.Judged{}, err
			}
			ask.Messages = tasks.BlankLast(req.Messages) // examples stay
			blank, err := s.Score(ctx, ask)
			if err != nil {
				return batch.Judged{}, err
			}
			var v Value
			for i := range given {
				v.Tokens += len(given[i].Tokens)
				v.Logprob += given[i].Logprob()
				v.Blank += blank[i].Logprob()
			}
			return judged("", v)
		}
	}, nil
}

// Choosing asks which of an item's choices the model takes, as 'vlmchat ask --choices' does.
// Items without choices are asked for words.
func (r *Run) Choosing(e engine.Engine) func(datasets.Item) Judge {
	asker := &tasks.Asker{Engine: e}
	return func(of datasets.Item) Judge {
		if len(of.Choices) == 0 {
			return nil
		}
		return func(ctx context.Context, req engine.Request) (batch.Judged, error) {
			c := tasks.Chooser{Asker: asker, Choices: choiceOf(of.Choices).Labels, Form: tasks.FormPlain}
			question := r.question(of)
			if r.Prompt == vqaPrompt {
				c.Form, question = tasks.FormInstruct, of.Question
			}
			chosen, err := c.Choose(ctx, question, func(question string) []engine.Message { return asking(req.Messages, question) })
			if err != nil {
				return batch.Judged{}, err
			}
			return judged(chosen.Answer, Value{Labels: chosen.Choices})
		}
	}
}

// asking are messages at whose end something else is asked about the same pictures.
func asking(messages []engine.Message, question string) []engine.Message {
	last := len(messages) - 1
	asked := messages[last]
	asked.Parts = append(asked.Parts[:len(asked.Parts)-1:len(asked.Parts)-1], engine.Part{Text: question})
	return append(messages[:last:last], asked)
}

// Classifying asks which label fits an item's picture, of those that it has itself, or else
// of all that the dataset has.
func Classifying(c tasks.Classifier, set *datasets.Set) func(datasets.Item) Judge {
	prepared := &fitters{classifier: c, of: map[string]*fitter{}}
	return func(of datasets.Item) Judge {
		labels := of.Choices
		if len(labels) == 0 {
			labels = set.Labels
		}
		return func(ctx context.Context, req engine.Request) (batch.Judged, error) {
			choice := choiceOf(labels)
			f, err := prepared.get(ctx, choice)
			if err != nil {
				return batch.Judged{}, err
			}
			fits, err := f.Fit(ctx, engine.Pictures(req.Messages), nil)
			if err != nil {
				return batch.Judged{}, err
			}
			return labelled(choice, fits[0])
		}
	}
}

func choiceOf(labels []string) tasks.Choice {
	c := tasks.Choice{Labels: make([]tasks.Label, len(labels))}
	for i, name := range labels {
		c.Labels[i] = tasks.Label{Name: name}
	}
	return c
}

// fitters are those of the choices that a dataset has: mostly one, or one for each item.
type fitters struct {
	classifier tasks.Classifier
	mu         sync.Mutex
	of         map[string]*fitter
}

type fitter struct {
	sync.Mutex
	tasks.Fitter
}

// mostFitters are kept: a dataset with more has rather one for each item.
const mostFitters = 64

func (f *fitters) get(ctx context.Context, choice tasks.Choice) (tasks.Fitter, error) {
	var names []string
	for _, l := range choice.Labels {
		names = append(names, l.Name)
	}
	key := strings.Join(names, "\n")
	f.mu.Lock()
	one := f.of[key]
	if one == nil {
		if len(f.of) >= mostFitters {
			clear(f.of)
		}
		one = &fitter{}
		f.of[key] = one
	}
	f.mu.Unlock()
	one.Lock()
	defer one.Unlock()
	if one.Fitter != nil {
		return one.Fitter, nil
	}
	made, err := f.classifier.Prepare(ctx, choice, nil)
	if err != nil {
		return nil, fmt.Errorf("the labels can't be used: %w", err)
	}
	one.Fitter = made
	return made, nil
}

// mostLabels are kept of an item, the likeliest: of a thousand classes nobody reads more.
const mostLabels = 20

// labelled is the likeliest label, and how likely others are.
func labelled(choice tasks.Choice, logits []float64) (batch.Judged, error) {
	found, err := choice.Of(logits)
	if err != nil {
		return batch.Judged{}, err
	}
	return judged(found[0].Label, Value{Labels: found[:min(len(found), mostLabels)]})
}

func judged(answer string, v Value) (batch.Judged, error) {
	value, err := json.Marshal(v)
	if err != nil {
		return batch.Judged{}, &engine.Error{Kind: engine.Failed, Message: "the model computed something that is no number, so it can't be told how likely it is"}
	}
	return batch.Judged{Answer: answer, Value: value}, nil
}
