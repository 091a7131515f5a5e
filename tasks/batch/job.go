package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Job is what a line of jobs says of how it is asked. What it does not say, the
// command's flags do.
type Job struct {
	Prompt   *string
	System   *string
	Template string
	Fields   map[string]string
	Messages json.RawMessage // a conversation in OpenAI's format, in place of all above
	Sampling JobSampling
	Schema   json.RawMessage // a JSON Schema
	Folder   string          // from which relative paths in it are read
}

// JobSampling is how a job's answer is drawn; what is nil the flags say.
type JobSampling struct {
	Temperature *float64
	TopP        *float64
	Seed        *uint32
	MaxTokens   *int
	Stop        []string
}

// jobLine is a line of jobs as it is written.
type jobLine struct {
	ID          json.RawMessage            `json:"id"`
	Image       *string                    `json:"image"`
	Images      []string                   `json:"images"`
	Prompt      *string                    `json:"prompt"`
	System      *string                    `json:"system"`
	Template    *string                    `json:"template"`
	Fields      map[string]json.RawMessage `json:"fields"`
	Messages    json.RawMessage            `json:"messages"`
	Temperature *float64                   `json:"temperature"`
	TopP        *float64                   `json:"top_p"`
	Seed        *uint32                    `json:"seed"`
	MaxTokens   *int                       `json:"max_tokens"`
	Stop        json.RawMessage            `json:"stop"`
	Schema      json.RawMessage            `json:"schema"`
}

// jobMembers are those of a jobLine: all others are the person's own.
var jobMembers = map[string]bool{
	"id": true, "image": true, "images": true, "prompt": true, "system": true, "template": true, "fields": true, "messages": true,
	"temperature": true, "top_p": true, "seed": true, "max_tokens": true, "stop": true, "schema": true,
}

// parseJob reads a line of jobs: of ours, or of OpenAI's batches. Its errors go on from the
// line's place. The item has no ID where the line has none.
func parseJob(line []byte, folder string) (Item, error) {
	if !utf8.Valid(line) {
		return Item{}, errors.New("this is not UTF-8, as JSON is")
	}
	members, err := membersOf(line)
	if err != nil {
		return Item{}, err
	}
	for _, m := range members {
		switch {
		case m.name == "custom_id":
			return parseOpenAI(line, folder)
		case m.name == "format" && string(m.value) == `"`+RecordFormat+`"`:
			return parseEarlier(line)
		}
	}
	var l jobLine
	if err := decode(object(members, func(name string) bool { return jobMembers[name] }), &l); err != nil {
		return Item{}, err
	}
	item := Item{Job: &Job{Prompt: l.Prompt, System: l.System, Folder: folder}}
	if item.ID, err = plain(l.ID); err != nil {
		return item, errors.New("its id is neither a text nor a number")
	}
	if l.Image != nil {
		item.Images = append(item.Images, *l.Image)
	}
	item.Images = append(item.Images, l.Images...)
	if slices.Contains(item.Images, "-") {
		return item, errors.New("a job's picture can't be standard input (-)")
	}
	job := item.Job
	if l.Template != nil {
		job.Template = *l.Template
	}
	for name, value := range l.Fields {
		text, err := plain(value)
		if err != nil {
			return item, fmt.Errorf("its field %s is neither a text nor a number", name)
		}
		if job.Fields == nil {
			job.Fields = map[string]string{}
		}
		job.Fields[name] = text
	}
	if len(job.Fields) > 0 && job.Template == "" && job.Prompt != nil {
		return item, errors.New("it has fields, which are a template's, and a prompt of its own")
	}
	if written(l.Messages) {
		job.Messages = l.Messages
	}
	if job.Sampling, err = sampling(l.Temperature, l.TopP, l.Seed, l.MaxTokens, l.Stop); err != nil {
		return item, err
	}
	if written(l.Schema) {
		job.Schema = l.Schema
	}
	if own := object(members, func(name string) bool { return !jobMembers[name] }); string(own) != "{}" {
		item.Own = own
	}
	return item, nil
}

// openAILine is a line of OpenAI's batches: a request to their chat completions.
type openAILine struct {
	ID   string `json:"custom_id"`
	URL  string `json:"url"`
	Body struct {
		Messages            json.RawMessage `json:"messages"`
		Temperature         *float64        `json:"temperature"`
		TopP                *float64        `json:"top_p"`
		Seed                *uint32         `json:"seed"`
		MaxTokens           *int            `json:"max_tokens"`
		MaxCompletionTokens *int            `json:"max_completion_tokens"`
		Stop                json.RawMessage `json:"stop"`
		N                   *int            `json:"n"`
		Tools               json.RawMessage `json:"tools"`
		ResponseFormat      struct {
			Type       string `json:"type"`
			JSONSchema struct {
				Schema json.RawMessage `json:"schema"`
			} `json:"json_schema"`
		} `json:"response_format"`
	} `json:"body"`
}

func parseOpenAI(line []byte, folder string) (Item, error) {
	var l openAILine
	if err := decode(line, &l); err != nil {
		return Item{}, err
	}
	body := l.Body
	item := Item{ID: l.ID, Job: &Job{Messages: body.Messages, Folder: folder, Schema: body.ResponseFormat.JSONSchema.Schema}}
	switch {
	case l.ID == "":
		return item, errors.New("its custom_id is empty")
	case l.URL != "" && !strings.HasSuffix(l.URL, "/chat/completions"):
		return item, fmt.Errorf("it is for %s, and only chat completions are answered", l.URL)
	case !written(body.Messages):
		return item, errors.New("its body has no messages")
	case body.N != nil && *body.N > 1:
		return item, errors.New("it asks for several answers (n), and an item has one")
	case written(body.Tools):
		return item, errors.New("it offers the model tools, which are not called here")
	case body.ResponseFormat.Type == "json_object":
		item.Job.Schema = json.RawMessage(`{"type":"object"}`)
	}
	most := body.MaxTokens
	if body.MaxCompletionTokens != nil {
		most = body.MaxCompletionTokens
	}
	var err error
	item.Job.Sampling, err = sampling(body.Temperature, body.TopP, body.Seed, most, body.Stop)
	return item, err
}

func sampling(temperature, topP *float64, seed *uint32, most *int, stop json.RawMessage) (JobSampling, error) {
	s := JobSampling{Temperature: temperature, TopP: topP, Seed: seed, MaxTokens: most}
	switch {
	case temperature != nil && *temperature < 0:
		return s, fmt.Errorf("its temperature, %g, is below 0", *temperature)
	case topP != nil && (*topP < 0 || *topP > 1):
		return s, fmt.Errorf("its top_p, %g, is not from 0 to 1", *topP)
	case most != nil && *most < 1:
		return s, fmt.Errorf("its max_tokens, %d, is below 1", *most)
	}
	var one string
	if written(stop) && json.Unmarshal(stop, &one) == nil {
		s.Stop = []string{one}
	} else if written(stop) && json.Unmarshal(stop, &s.Stop) != nil {
		return s, errors.New("its stop is neither a text nor a list of texts")
	}
	return s, nil
}

// member is one of an object.
type member struct {
	name  string
	value json.RawMessage
}

// membersOf reads the members of an object in their order.
func membersOf(line []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		if json.Valid(line) {
			return nil, errors.New("this is no JSON object")
		}
		return nil, errors.New("this is no JSON")
	}
	var all []member
	seen := map[string]bool{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, broken(err)
		}
		m := member{name: name.(string)}
		if err := d.Decode(&m.value); err != nil {
			return nil, broken(err)
		}
		if seen[m.name] {
			return nil, fmt.Errorf("it has two members %q", m.name)
		}
		seen[m.name] = true
		all = append(all, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, broken(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows its JSON object")
	}
	return all, nil
}

// decode reads a line whose JSON is sound.
func decode(line []byte, into any) error {
	err := json.Unmarshal(line, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("its %s can't be %s", wrong.Field, kindName(wrong.Value))
	}
	return err
}

// kindName is what a value that encoding/json could not use is called.
func kindName(kind string) string {
	switch kind {
	case "string":
		return "a text"
	case "bool":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "number":
		return "a number"
	}
	return "the " + kind // "number 1.5"
}

func broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errors.New("its JSON has no end")
	}
	return fmt.Errorf("this is no JSON: %w", err)
}

// object is an object of those of some members that are wanted by their names. Names are
// told apart by their letters' case, as encoding/json does not do by itself: ID is not id.
func object(members []member, wanted func(name string) bool) json.RawMessage {
	b := bytes.NewBufferString("{")
	for _, m := range members {
		if !wanted(m.name) {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(m.name) // a text has a JSON
		b.Write(name)
		b.WriteByte(':')
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// plain is a member as a text: what it is, of a text, and what is written of a number or
// true and false. A member that is not there, or null, is none.
func plain(value json.RawMessage) (string, error) {
	if !written(value) {
		return "", nil
	}
	var s string
	if json.Unmarshal(value, &s) == nil {
		return s, nil
	}
	if value[0] == '{' || value[0] == '[' {
		return "", errors.New("neither a text nor a number")
	}
	return string(value), nil
}

// written tells whether a member is there.
func written(value json.RawMessage) bool { return len(value) > 0 && string(value) != "null" }

// OwnValue is the person's own member of that name, as a text: an object or a list as its
// JSON.
func (i Item) OwnValue(name string) (string, bool) {
	if i.Own == nil {
		return "", false
	}
	members, err := membersOf(i.Own)
	if err != nil {
		return "", false
	}
	for _, m := range members {
		if m.name == name {
			if text, err := plain(m.value); err == nil {
				return text, true
			}
			return string(m.value), true
		}
	}
	return "", false
}
