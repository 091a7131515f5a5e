package datasets

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Predictions are answers that are there already, for the items of a set.
type Predictions struct {
	Name     string           // of the file
	Given    map[string]Given // by the items' IDs
	Problems []Problem        // lines of no use, answers to nothing, items without an answer
}

// Given is an answer that is there already, or why there is none.
type Given struct {
	Answer string       // caption, vqa
	Labels []GivenLabel // of classification and multiple choice, the likeliest first
	// Value is what else came of an item, as a run of 'vlmchat eval' writes it: the logprob
	// and the tokens of perplexity, the rankings of retrieval.
	Value json.RawMessage
	Cut   bool   // it came to its limit of tokens
	Error string // why there is no answer
	Place string // FILE:LINE, or FILE and the number in it
}

// GivenLabel is a label, and how probable it was, where that is told.
type GivenLabel struct {
	Label       string  `json:"label"`
	Probability float64 `json:"probability"`
}

// What can be wrong with predictions.
const (
	NoItem   ProblemKind = "no such item" // an answer to nothing
	NoAnswer ProblemKind = "no answer"    // an item to which there is none
)

// ReadPredictions reads answers to the items of a set: the results that COCO's and VQAv2's
// servers take, JSONL, a JSON array or a table with a header, the records of 'vlmchat batch', or
// those of a run of 'vlmchat eval', also by its folder. They belong to items by their IDs, or
// else by the pictures' names, if no two items are meant by one; the error says so.
func ReadPredictions(ctx context.Context, task Task, path string, set *Set) (*Predictions, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, absent(path, err)
	}
	name := filepath.Base(path)
	if info.IsDir() {
		path = filepath.Join(path, "answers.jsonl")
	}
	g := &giver{reader: reader{ctx: ctx, task: task, path: path, set: &Set{}}}
	if err := g.file(); err != nil {
		return nil, err
	}
	p := &Predictions{Name: name, Given: map[string]Given{}}
	if err := g.match(set, p); err != nil {
		return nil, err
	}
	return p, nil
}

// giver reads predictions.
type giver struct {
	reader
	all []prediction
}

// prediction is an answer, and how its item is called.
type prediction struct {
	Given
	id       string
	image    string
	question string
}

// The names that the members of predictions and the columns of tables of them go by.
var (
	answerNames = []string{"answer", "caption", "prediction", "predicted", "output", "response"}
	labelNames  = []string{"labels", "label"}
	givenNames  = slices.Concat(idFields, imageFields, questionFields, answerNames, labelNames, []string{"image_id", "error", "logprob", "tokens"})
)

func (g *giver) file() error {
	t, err := openText(g.ctx, g.path)
	if err != nil {
		return err
	}
	defer t.Close()
	head, err := t.head()
	if err != nil {
		return err
	}
	kind, err := recognise(g.path, head, givenNames)
	switch kind {
	case "jsonl":
		return g.lines(t, func(line string, number int) error {
			g.object(json.RawMessage(line), g.at(number))
			return nil
		})
	case "json":
		return g.array(t, g.object)
	case "csv":
		from, _ := tableOf(firstLine(head), givenNames)
		return g.csv(t, from, g.row)
	}
	hint := "answers are the results that COCO's and VQAv2's servers take, JSONL or a table with id or image and caption, answer or label, or what 'vlmchat batch' and 'vlmchat eval -o' write: docs/evaluation.md"
	if kind != "" {
		return &Error{Place: g.path, Message: "this is a dataset, and no answers", Hint: hint}
	}
	if e, ok := err.(*Error); ok && e.Hint == expected {
		e.Hint = hint
	}
	return err
}

// row reads a row of a table.
func (g *giver) row(o object, place string) {
	members := map[string]json.RawMessage{}
	for name, v := range o {
		var texts any = v.texts
		if !v.list {
			texts = v.texts[0]
		}
		members[name], _ = json.Marshal(texts) // texts have a JSON
	}
	g.members(members, nil, place)
}

// object reads a line or an element.
func (g *giver) object(b json.RawMessage, place string) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil || members == nil {
		_, err := objectOf(b)
		g.broken(place, err.Error())
		return
	}
	if string(members["format"]) == `"vlmchat-batch-record"` {
		g.record(b, place)
		return
	}
	g.members(members, b, place)
}

// members reads an object of which nothing else is known.
func (g *giver) members(members map[string]json.RawMessage, whole json.RawMessage, place string) {
	o := object{}
	for _, name := range givenNames {
		b, there := members[name]
		if !there || string(b) == "null" || name == "labels" {
			continue
		}
		var v value
		if err := json.Unmarshal(b, &v); err != nil {
			g.broken(place, fmt.Sprintf("its %s is %v", name, err))
			return
		}
		o[name] = v
	}
	p := prediction{Given: Given{Place: place}}
	for _, field := range []struct {
		to    *string
		names []string
	}{
		{&p.id, append(slices.Clip(idFields), "image_id")}, {&p.image, imageFields}, {&p.question, questionFields},
		{&p.Answer, answerNames}, {&p.Error, []string{"error"}},
	} {
		var err error
		if *field.to, err = o.text(field.names); err != nil {
			g.broken(place, err.Error())
			return
		}
	}
	for _, name := range labelNames {
		labels, err := givenLabels(members[name])
		if err != nil {
			g.broken(place, fmt.Sprintf("its %s is %v", name, err))
			return
		}
		if p.Labels = labels; len(labels) > 0 {
			break
		}
	}
	valued := g.task == Perplexity || g.task == Retrieval
	if valued {
		p.Value = slices.Clone(whole)
	}
	answered := len(o.texts(answerNames)) > 0
	if g.task == Classify && answered && len(p.Labels) == 0 {
		p.Labels = []GivenLabel{{Label: p.Answer}}
	}
	switch {
	case p.id == "" && p.image == "":
		g.broken(place, "it says neither by id nor by image of what it is")
	case p.Error == "" && !answered && len(p.Labels) == 0 && !valued:
		g.broken(place, "there is no answer in it: "+map[Task]string{Caption: "caption", VQA: "answer", Classify: "label or labels"}[g.task]+" is looked for")
	default:
		g.all = append(g.all, p)
	}
}

// givenLabels reads a label, or several: texts, or objects with their probabilities.
func givenLabels(b json.RawMessage) ([]GivenLabel, error) {
	if len(b) == 0 || string(b) == "null" {
		return nil, nil
	}
	var labels []GivenLabel
	if b[0] == '[' && json.Unmarshal(b, &labels) == nil {
		slices.SortStableFunc(labels, func(a, b GivenLabel) int {
			switch {
			case a.Probability > b.Probability:
				return -1
			case a.Probability < b.Probability:
				return 1
			}
			return 0
		})
	} else {
		var v value
		if err := json.Unmarshal(b, &v); err != nil {
			return nil, err
		}
		labels = nil
		for _, text := range v.texts {
			labels = append(labels, GivenLabel{Label: text})
		}
	}
	return slices.DeleteFunc(labels, func(l GivenLabel) bool { return l.Label == "" }), nil
}

// givenRecord is what of a batch's record is looked at: docs/schemas/batch-record.schema.json.
type givenRecord struct {
	ID     string          `json:"id"`
	Status string          `json:"status"`
	Answer string          `json:"answer"`
	JSON   json.RawMessage `json:"json"`
	Error  string          `json:"error"`
	Finish string          `json:"finish"`
	Image  string          `json:"image"`
	Prompt string          `json:"prompt"`
	Input  struct {
		Item       string `json:"item"`    // of a run of 'vlmchat eval'
		Variant    string `json:"variant"` // the same
		QuestionID ident  `json:"question_id"`
		Question   string `json:"question"`
	} `json:"input"`
}

// record reads a record of a batch, or of a run.
func (g *giver) record(b json.RawMessage, place string) {
	var r givenRecord
	if err := json.Unmarshal(b, &r); err != nil {
		problem := formOf(err)
		if problem == nil {
			problem = err
		}
		g.broken(place, problem.Error())
		return
	}
	if r.Input.Variant != "" {
		return // of a changed picture
	}
	p := prediction{Given: Given{Answer: r.Answer, Cut: r.Finish == "length", Place: place}, id: r.ID, image: r.Image, question: r.Input.Question}
	switch {
	case r.Input.Item != "":
		p.id, p.image = r.Input.Item, ""
	case r.Input.QuestionID != "":
		p.id = string(r.Input.QuestionID)
	}
	if p.question == "" {
		p.question = r.Prompt
	}
	if r.Status != "answered" {
		if p.Answer, p.Error = "", r.Error; p.Error == "" {
			p.Error = "it was not answered"
		}
		g.all = append(g.all, p)
		return
	}
	if len(r.JSON) > 0 && string(r.JSON) != "null" {
		p.Value = r.JSON
		var v struct {
			Labels []GivenLabel `json:"labels"`
		}
		if json.Unmarshal(r.JSON, &v) == nil {
			p.Labels = v.Labels
		}
	}
	if g.task == Classify && len(p.Labels) == 0 && strings.TrimSpace(p.Answer) != "" {
		p.Labels = []GivenLabel{{Label: p.Answer}}
	}
	g.all = append(g.all, p)
}
