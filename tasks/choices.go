package tasks

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/lazyregexp"
)

// Choosing is which of some answers to a question a model takes, and how that was found.
type Choosing struct {
	Answer string // the choice that fits best
	// Choices are all, the most probable first; nil where the engine told nothing from which
	// probabilities could be had.
	Choices []Labelled
	Method  ChoosingMethod
	// Question is how the question was put to the model.
	Question string
	// Calibrated says that what the model says of a blank picture was taken off.
	Calibrated bool
}

// ChoosingMethod is how a choice was found.
type ChoosingMethod string

// By how likely the model is to answer with each choice; by the letter that it says for one,
// and how likely the others were; by an answer that had to be one of the choices.
const (
	ChosenByLikelihood ChoosingMethod = "likelihood"
	ChosenByLetter     ChoosingMethod = "letter"
	ChosenBySchema     ChoosingMethod = "schema"
)

// mostLettered is how many choices there are letters for.
const mostLettered = 26

// Chooser asks questions with choices.
type Chooser struct {
	Asker   *Asker
	Choices []Label
	Form    Form // in which the question is put, where choices are not lettered
	// Calibrate takes off half of what the model says of a blank picture, as ByLikelihood does
	// for labels. A question says itself what kind of answer is due, so that less is due to
	// which words a model likes: of 580 questions about fresh scenes of the demo model 93 in
	// 100 are right without it, 92 with, and 70 with the whole of it.
	Calibrate bool
}

// Check refuses choices among which there is nothing to choose.
func (c Chooser) Check() error { return Choice{Labels: c.Choices}.Check() }

// Choose asks a question. conversation makes the messages that end with a question and are
// sent as they are: examples, pictures, system message.
func (c Chooser) Choose(ctx context.Context, question string, conversation func(question string) []engine.Message) (Choosing, error) {
	if err := c.Check(); err != nil {
		return Choosing{}, err
	}
	if s, ok := c.Asker.Engine.(engine.Scorer); ok {
		return c.byLikelihood(ctx, s, question, conversation)
	}
	return c.byLetter(ctx, question, conversation)
}

// said is what is said for each choice.
func (c Chooser) said() []string {
	var said []string
	for _, l := range c.Choices {
		said = append(said, l.texts()[0])
	}
	return said
}

// byLikelihood compares the mean log-probability of the choices' tokens. The choices are not
// listed in the question: of the 580 questions 63 in 100 are right with a list.
func (c Chooser) byLikelihood(ctx context.Context, s engine.Scorer, question string, conversation func(string) []engine.Message) (Choosing, error) {
	said := c.said()
	question = c.Form.Put(question)
	messages := conversation(question)
	step := func() {} // of one question there is no progress to tell
	logits, err := meanLogprobs(ctx, s, messages, said, step)
	if err != nil {
		return Choosing{}, err
	}
	if c.Calibrate {
		blind, err := meanLogprobs(ctx, s, BlankLast(messages), said, step)
		if err != nil {
			return Choosing{}, err
		}
		for i, p := range logPrior(blind) {
			logits[i] -= p
		}
	}
	return c.chosen(logits, Choosing{Method: ChosenByLikelihood, Question: question, Calibrated: c.Calibrate})
}

// chosen puts the choices in order.
func (c Chooser) chosen(logits []float64, how Choosing) (Choosing, error) {
	found, err := Choice{Labels: c.Choices}.Of(logits)
	if err != nil {
		return how, err
	}
	how.Answer, how.Choices = found[0].Label, found
	return how, nil
}

// lettered asks for the letter of a choice, as multiple-choice benchmarks do (LLaVA 1.5,
// arXiv:2310.03744, table 7).
func (c Chooser) lettered(question string) string {
	var b strings.Builder
	b.WriteString(question)
	for i, s := range c.said() {
		fmt.Fprintf(&b, "\n%c. %s", 'A'+i, s)
	}
	b.WriteString("\nAnswer with the option's letter from the given choices directly.")
	return b.String()
}

// byLetter asks for the letter of a choice. An answer that is neither a letter nor a choice
// is asked for again, and then held to the choices.
func (c Chooser) byLetter(ctx context.Context, question string, conversation func(string) []engine.Message) (Choosing, error) {
	if len(c.Choices) > mostLettered {
		return Choosing{}, &engine.Error{
			Kind:    engine.BadOption,
			Message: fmt.Sprintf("there are %d choices, and this engine is asked for a letter, of which there are %d", len(c.Choices), mostLettered),
			Hint:    "the native engine takes any number, as it tells how likely each is",
		}
	}
	how := Choosing{Method: ChosenByLetter, Question: c.lettered(question)}
	answer, err := c.Asker.Ask(ctx, engine.Request{
		Messages: conversation(how.Question), Sampling: engine.Sampling{TopP: 1, MaxTokens: shortAnswer}, Thinking: new(bool), TopLogprobs: toplist,
	}, nil)
	if err != nil {
		return how, err
	}
	if i := c.read(answer.Text()); i >= 0 {
		if logits := answer.letters(len(c.Choices)); logits != nil && slices.Max(logits) == logits[i] {
			return c.chosen(logits, how)
		}
		how.Answer = c.Choices[i].Name
		return how, nil
	}
	return c.bySchema(ctx, question, conversation)
}

// letter is how an answer begins that is one. Of "A cat is there" the letter is a word.
var letter = lazyregexp.New(`^[\s("'*\[]*(?:([A-Za-z])(?:[).:,"'*\]]|\s*$)|([B-HJ-Z])\s)`)

// read finds the choice that an answer means, -1 for none.
func (c Chooser) read(answer string) int {
	plain := (Label{Name: strings.Trim(strings.TrimSpace(answer), ".")}).plain()
	for i, l := range c.Choices {
		if l.plain() == plain || (Label{Name: c.said()[i]}).plain() == plain {
			return i
		}
	}
	if m := letter().FindStringSubmatch(answer); m != nil {
		if i := int(strings.ToUpper(m[1] + m[2])[0] - 'A'); i < len(c.Choices) {
			return i
		}
	}
	return -1
}

// letters are the log-probabilities of the first letters of the alphabet, where the answer
// has its letter; nil if they are not known. What is not among the likeliest tokens is at most
// as likely as the last of them.
func (c *Collector) letters(n int) []float64 {
	for _, t := range c.logprobs {
		if strings.Trim(t.Text, " \n\t(\"'*[") == "" {
			continue
		}
		if len(t.Top) == 0 {
			return nil
		}
		logits := make([]float64, n)
		for i := range logits {
			p := math.Exp(t.Top[len(t.Top)-1].Logprob)
			sum := 0.0
			for _, other := range t.Top {
				if strings.Trim(other.Text, " (\"'*[") == string(rune('A'+i)) {
					sum += math.Exp(other.Logprob)
				}
			}
			logits[i] = math.Log(max(p, sum))
		}
		return logits
	}
	return nil
}

// bySchema has the answer held to the choices.
func (c Chooser) bySchema(ctx context.Context, question string, conversation func(string) []engine.Message) (Choosing, error) {
	said := c.said()
	how := Choosing{Method: ChosenBySchema, Question: question + " Choose one: " + strings.Join(said, ", ") + "."}
	schema, err := json.Marshal(map[string]any{
		"type": "object", "properties": map[string]any{"answer": map[string]any{"enum": said}}, "required": []string{"answer"}, "additionalProperties": false,
	})
	if err != nil {
		return how, err
	}
	var answer Collector
	for ev, err := range c.Asker.Engine.Chat(ctx, engine.Request{
		Messages: conversation(how.Question), Sampling: engine.Sampling{TopP: 1, MaxTokens: 64}, Thinking: new(bool), Schema: schema, Restart: true,
	}) {
		if err != nil {
			return how, err
		}
		answer.Take(ev)
	}
	var held struct{ Answer string }
	if err := json.Unmarshal([]byte(answer.Text()), &held); err == nil {
		if i := slices.Index(said, held.Answer); i >= 0 {
			how.Answer = c.Choices[i].Name
			return how, nil
		}
	}
	return how, &engine.Error{
		Kind:    engine.Failed,
		Message: "the model answered with none of the choices, even when its answer was to be held to them",
		Hint:    "ask without --choices to see what it says",
	}
}
