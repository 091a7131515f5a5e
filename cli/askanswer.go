package cli

import (
	"context"
	"fmt"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/termtext"
	"github.com/vlmchat/vlmchat/ui"
)

// vqaFormat and vqaVersion are what an answer of 'vlmchat ask' calls itself in JSON.
// docs/schemas/ask.schema.json has the format.
const (
	vqaFormat  = "vlmchat-ask"
	vqaVersion = 1
)

// vqa asks one question.
type vqa struct {
	*answerer
	flags    vqaFlags
	question string
	form     tasks.Form
	choices  []tasks.Label
	printed  int
}

// vqaAnswer is what came of it.
type vqaAnswer struct {
	text   string
	answer *tasks.Collector // nil of a choice
	chosen *tasks.Choosing  // nil without choices
}

// answer asks about pictures.
func (q *vqa) answer(ctx context.Context, pictures []engine.Part, hear func(engine.Event)) (vqaAnswer, error) {
	if len(q.choices) == 0 {
		answer, err := q.asker.Ask(ctx, q.how.request(q.how.messages(nil, pictures)), hear)
		if err != nil {
			return vqaAnswer{}, err
		}
		return vqaAnswer{text: tasks.OneLine(answer.Text()), answer: answer}, nil
	}
	chosen, err := tasks.Chooser{Asker: q.asker, Choices: q.choices, Form: q.form, Calibrate: q.flags.calibrate}.Choose(ctx, q.question,
		func(question string) []engine.Message { return q.how.asking(question).messages(nil, pictures) })
	if err != nil {
		return vqaAnswer{}, err
	}
	return vqaAnswer{text: chosen.Answer, chosen: &chosen}, nil
}

// all asks about all pictures at once.
func (q *vqa) all(ctx context.Context, sources []string) error {
	listening, finish := reading(ctx, q.status, q.status.note)
	loaded, err := q.picturesToShow(listening, sources)
	if err == nil && q.flags.clipboard {
		copied, wrong := q.fromClipboard(listening)
		loaded, err = append(loaded, copied...), wrong
	}
	finish()
	if err != nil {
		return err
	}
	parts := engine.PictureParts(loaded...)
	found, err := q.answer(ctx, parts, q.hear)
	q.status.clear()
	if err != nil {
		return err
	}
	q.noteOn(found)
	doc := q.document(ctx, tasks.Images([]engine.Message{{Parts: parts}}), found, nil)
	switch {
	case q.flags.jsonl:
		return printLine(q.stdout, doc)
	case q.flags.json:
		return printJSON(q.stdout, doc)
	}
	return unread(q.print(found))
}

// take prints what came of one of several pictures.
func (q *vqa) take(ctx context.Context, one *asked[vqaAnswer]) error {
	images := []tasks.Image{one.of}
	switch {
	case q.flags.jsonl:
		return printLine(q.stdout, q.document(ctx, images, one.found, one.err))
	case one.err != nil:
		return nil
	case q.flags.json:
		return printJSON(q.stdout, q.document(ctx, images, one.found, nil))
	}
	q.noteOn(one.found)
	if !isTerminal(q.stdout) {
		_, err := fmt.Fprintf(q.stdout, "%s\t%s\n", column(one.of.Source), column(one.found.text))
		return unread(err)
	}
	blank := ""
	if q.printed++; q.printed > 1 {
		blank = "\n"
	}
	if _, err := fmt.Fprintf(q.stdout, "%s%s\n", blank, termtext.Line(one.of.Source)); err != nil {
		return unread(err)
	}
	return unread(q.print(one.found))
}

// print prints an answer: of choices a bar for each on a terminal, where it is known how
// probable they are.
func (q *vqa) print(found vqaAnswer) error {
	if c := found.chosen; c != nil && c.Choices != nil && isTerminal(q.stdout) {
		columns, profile := lookOf(q.stdout)
		return ui.DrawBars(q.stdout, c.Choices, 0, columns, profile)
	}
	_, err := fmt.Fprintln(q.stdout, termtext.Line(found.text))
	return err
}

// noteOn says what a person should know of an answer.
func (q *vqa) noteOn(found vqaAnswer) {
	switch a := found.answer; {
	case a == nil:
	case found.text == "" && a.Thinking() != "":
		q.status.note("The model thought and came to no answer: --max-tokens allows more of both")
	case a.Finish() == engine.Length:
		q.status.note("The answer came to its limit of tokens: --max-tokens allows more, and 'vlmchat -p' asks for one in full")
	}
}

// vqaDocument is an answer as programs read it.
type vqaDocument struct {
	Format   string        `json:"format"`
	Version  int           `json:"version"`
	Images   []tasks.Image `json:"images"`
	Question string        `json:"question"`
	Answer   string        `json:"answer"`
	// Of choices, the most probable first, where the engine tells it; and how they were judged.
	Choices    []tasks.Labelled     `json:"choices,omitempty"`
	Method     tasks.ChoosingMethod `json:"method,omitempty"`
	Calibrated bool                 `json:"calibrated,omitempty"`
	Cut        bool                 `json:"cut,omitempty"` // it came to its limit of tokens
	Prompt     string               `json:"prompt,omitempty"`
	System     string               `json:"system,omitempty"`
	Shots      int                  `json:"shots,omitempty"`
	answerHead
}

func (q *vqa) document(ctx context.Context, pictures []tasks.Image, found vqaAnswer, failed error) vqaDocument {
	d := vqaDocument{
		Format: vqaFormat, Version: vqaVersion, Images: pictures, Question: q.question, Answer: found.text, Prompt: q.how.text,
		System: q.how.system, Shots: len(q.how.examples) / 2, answerHead: q.head(ctx, found.answer, failed),
	}
	if c := found.chosen; c != nil {
		d.Choices, d.Method, d.Calibrated, d.Prompt = c.Choices, c.Method, c.Calibrated, c.Question
	}
	d.Cut = found.answer != nil && found.answer.Finish() == engine.Length
	return d
}

// asking is the recipe with another question, in the examples that have no own, too.
func (r recipe) asking(question string) *recipe {
	before := r.text
	r.text = question
	all := make([]engine.Message, len(r.examples))
	for i, m := range r.examples {
		all[i] = m
		if last := len(m.Parts) - 1; m.Role == engine.User && last >= 0 && m.Parts[last].Text == before {
			all[i].Parts = append(m.Parts[:last:last], engine.Part{Text: question})
		}
	}
	r.examples = all
	return &r
}
