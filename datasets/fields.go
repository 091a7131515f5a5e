package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/spelling"
)

// The names that the members of plain objects and the columns of tables go by, in the order in
// which they are looked at: where several are there, the first says it.
var (
	idFields       = []string{"id", "question_id"}
	imageFields    = []string{"image", "file_name", "filename", "image_path", "image_name", "path", "file", "img"}
	questionFields = []string{"question"}
	answerFields   = []string{"answers", "answer", "references", "multiple_choice_answer"}
	captionFields  = []string{"references", "captions", "caption", "comment", "raw", "text"}
	textFields     = []string{"text", "references", "captions", "caption", "comment", "raw", "answers", "answer"}
	labelFields    = []string{"label"}
	labelsFields   = []string{"labels"}
	choiceFields   = []string{"choices"}
	groupFields    = []string{"type", "group", "answer_type", "question_type"}
	splitFields    = []string{"split"}
	// silentFields are the numbers that published tables have, of which nothing follows.
	silentFields = []string{"image_id", "img_id", "imgid", "sentids", "comment_number", "sentid"}
)

// isKnown tells whether a field says something of an item.
func isKnown(name string) bool { return slices.Contains(knownFields, name) }

// knownFields are all of them.
var knownFields = slices.Concat(idFields, imageFields, questionFields, answerFields, captionFields, labelFields, labelsFields, choiceFields, groupFields, splitFields, silentFields)

// value is what a field has: one text, or several.
type value struct {
	texts []string
	list  bool
	// number says that it is one number, not a text with digits.
	number bool
}

// UnmarshalJSON reads a text, a number, true or false, a list of these, or a list of objects
// that hold a text, as VQAv2 has answers and Karpathy's files have sentences. Null is nothing.
func (v *value) UnmarshalJSON(b []byte) error {
	*v = value{}
	switch b[0] {
	case 'n':
		return nil
	case '[':
		var all []json.RawMessage
		if err := json.Unmarshal(b, &all); err != nil {
			return err
		}
		v.list = true
		for _, one := range all {
			text, err := textIn(one)
			if err != nil {
				return err
			}
			v.texts = append(v.texts, text)
		}
		return nil
	}
	text, err := textIn(b)
	v.texts = []string{text}
	v.number = b[0] == '-' || b[0] >= '0' && b[0] <= '9'
	return err
}

// errNoText says that a member has neither a text nor a list of them.
var errNoText = &badForm{"neither a text nor a list of texts"}

func textIn(b json.RawMessage) (string, error) {
	switch b[0] {
	case '"':
		var s string
		err := json.Unmarshal(b, &s)
		return s, err
	case '{':
		var o struct{ Answer, Raw, Caption, Text json.RawMessage }
		if err := json.Unmarshal(b, &o); err != nil {
			return "", err
		}
		for _, inner := range []json.RawMessage{o.Answer, o.Raw, o.Caption, o.Text} {
			if len(inner) > 0 && inner[0] != '{' {
				return textIn(inner)
			}
		}
		return "", errNoText
	case '[':
		return "", errNoText
	case 'n':
		return "", nil
	}
	return string(b), nil
}

// object is a plain object, or a row of a table, by the names of its fields.
type object map[string]value

// first is what the first of some fields has that is there, and its name.
func (o object) first(names []string) (v value, name string) {
	for _, name := range names {
		if v := o[name]; len(v.texts) > 0 {
			return v, name
		}
	}
	return value{}, ""
}

// texts is that as a list of texts.
func (o object) texts(names []string) []string {
	v, _ := o.first(names)
	return v.texts
}

// text is that as one text.
func (o object) text(names []string) (string, error) {
	v, name := o.first(names)
	switch {
	case name == "":
		return "", nil
	case len(v.texts) != 1:
		return "", fmt.Errorf("its %s is a list, and has to be one text", name)
	}
	return v.texts[0], nil
}

// plain adds an item of a plain object.
func (r *reader) plain(o object, place string) {
	for name := range o {
		if !isKnown(name) {
			r.meets(name, place)
		}
	}
	i, err := r.itemOf(o)
	if err != nil {
		r.broken(place, err.Error())
		return
	}
	split, err := o.text(splitFields)
	if err != nil {
		r.broken(place, err.Error())
		return
	}
	i.Place = place
	r.add(i, split)
}

func (r *reader) itemOf(o object) (i Item, err error) {
	for _, field := range []struct {
		to    *string
		names []string
	}{{&i.ID, idFields}, {&i.Image, imageFields}, {&i.Question, questionFields}, {&i.Label, labelFields}} {
		if *field.to, err = o.text(field.names); err != nil {
			return i, err
		}
	}
	if r.task != Classify {
		i.Label = ""
	}
	references, _ := o.first(map[Task][]string{Caption: captionFields, Retrieval: captionFields, VQA: answerFields, Perplexity: textFields}[r.task])
	for _, text := range references.texts {
		i.References = append(i.References, r.one(text))
	}
	for _, name := range groupFields {
		for _, text := range o[name].texts {
			if text = strings.TrimSpace(text); text != "" {
				i.Groups = append(i.Groups, Group{By: strings.ReplaceAll(name, "_", " "), Name: r.one(text)})
			}
		}
	}
	switch r.task { // an answer may be the number of a choice, counted before empty ones go
	case VQA:
		i.Choices = o.texts(choiceFields)
		if len(i.Choices) > 0 && len(i.References) == 1 {
			i.References = []string{chosen(references, i.Choices)}
		}
	case Classify:
		i.Choices = o.texts(slices.Concat(labelsFields, choiceFields))
		if label, _ := o.first(labelFields); len(i.Choices) > 0 && len(label.texts) == 1 {
			i.Label = chosen(label, i.Choices)
		}
	}
	for n, choice := range i.Choices {
		i.Choices[n] = r.one(strings.TrimSpace(choice))
	}
	i.Choices = slices.DeleteFunc(i.Choices, func(s string) bool { return s == "" })
	for _, text := range slices.Concat([]string{i.ID, i.Image, i.Question, i.Label}, i.References, i.Choices) {
		if strings.ContainsRune(text, 0) {
			return i, errors.New("there is a NUL in one of its texts")
		}
	}
	return i, nil
}

// chosen is the one of some choices that an answer names: itself, its number from 0, or, of
// up to 26, its letter.
func chosen(answer value, choices []string) string {
	text := strings.TrimSpace(answer.texts[0])
	if slices.Contains(choices, text) {
		return text
	}
	at := -1
	switch {
	case answer.number:
		if _, err := fmt.Sscan(text, &at); err != nil {
			return text
		}
	case len(text) == 1:
		at = int(text[0]) - 'A'
	}
	if at < 0 || at >= len(choices) {
		return text
	}
	return choices[at]
}

// unknownField is a field that nothing is known of.
type unknownField struct {
	place string // where it was first
	count int
}

func (r *reader) meets(name, place string) {
	u := r.unknown[name]
	if u == nil {
		if len(r.unknown) == mostUnknown {
			return
		}
		u = &unknownField{place: place}
		r.unknown[strings.Clone(name)] = u
	}
	u.count++
}

// mostUnknown is how many unknown fields are told of: a file of other things may have any
// number.
const mostUnknown = 100

// tellUnknown says once of each unknown field that there is it.
func (r *reader) tellUnknown() {
	names := make([]string, 0, len(r.unknown))
	for name := range r.unknown {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		u := r.unknown[name]
		detail := fmt.Sprintf("the field %q is not known, and left aside", name)
		if u.count > 1 {
			detail += fmt.Sprintf(" (%d times)", u.count)
		}
		if near := nearest(name, knownFields); near != "" {
			detail += fmt.Sprintf("; did you mean %q?", near)
		}
		r.problem(UnknownField, u.place, "", detail)
	}
}

// nearest is the one of some names that may have been meant by another one.
func nearest(name string, names []string) string {
	return spelling.Nearest(name, names, min(len(name)/2, 3))
}
