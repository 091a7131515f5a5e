// Package prompts is the library of prompts: templates with fields, which a person fills
// in. A template is a Markdown file; what it has besides its text stands before that in
// TOML, between two lines of +++. Filling one in is replacing {{name}} by what was
// written, and no more: a template can't do anything.
package prompts

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/lazyregexp"
)

// Template is a prompt of the library.
type Template struct {
	Name        string
	Description string // a phrase, for lists
	File        string // where it was read; empty of one that is built in
	Source      string // all of it, as it is written

	System   string // in place of the conversation's system message; empty leaves that
	Text     string
	Fields   []Field
	Examples []Example
	Pictures int             // that it is about, at least
	Schema   json.RawMessage // a JSON Schema to which the answer conforms; nil for none
	Sampling Sampling
	Hidden   bool // it only takes the place of the built-in one, which then is not there
}

// Origin names the template's file, for errors.
func (t *Template) Origin() string {
	if t.File == "" {
		return t.Name
	}
	return t.File
}

// Beside is where a file lies that the template names.
func (t *Template) Beside(file string) string {
	if filepath.IsAbs(file) || t.File == "" {
		return file
	}
	return filepath.Join(filepath.Dir(t.File), file)
}

// Field is what a person fills in.
type Field struct {
	Name     string   `toml:"name"`
	About    string   `toml:"about"`   // what it is for, a phrase
	Default  string   `toml:"default"` // it has this unless something is written
	Choices  []string `toml:"choices"` // it has one of these; empty leaves it free
	Required bool     `toml:"required"`
}

// Example is a question that was answered well, for the model to go by.
type Example struct {
	Pictures []string `toml:"pictures"` // files, from the folder of the template
	Question string   `toml:"question"` // the template's own text if it is empty
	Answer   string   `toml:"answer"`
	Line     int      `toml:"-"` // of the template's file, where it begins
}

// Sampling is how the answer is drawn; what is nil is left to the settings.
type Sampling struct {
	Temperature *float64 `toml:"temperature" json:"temperature,omitempty"`
	TopP        *float64 `toml:"top-p" json:"top_p,omitempty"`
	Seed        *uint32  `toml:"seed" json:"seed,omitempty"`
	MaxTokens   *int     `toml:"max-tokens" json:"max_tokens,omitempty"`
}

// Filled is a template whose fields have values.
type Filled struct {
	*Template
	System string
	Text   string
}

// FieldError says which field can't have the value that it was given.
type FieldError struct {
	Field  string
	Detail string // a phrase about it
}

func (e *FieldError) Error() string { return e.Field + " " + e.Detail }

// placeholder is where the value of a field goes.
var placeholder = lazyregexp.New(`\{\{ *([A-Za-z0-9_-]+) *\}\}`)

// Fill puts values in the place of the fields. Those without one have their default. A
// line of the text is left out if it has fields and none of them a value. The errors,
// in the order of the fields, are FieldErrors.
func (t *Template) Fill(values map[string]string) (Filled, []error) {
	var problems []error
	all := map[string]string{}
	for _, f := range t.Fields {
		value, err := f.accept(values[f.Name])
		if err != nil {
			problems = append(problems, err)
		}
		all[f.Name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Name == name }) {
			problems = append(problems, &FieldError{name, "is no field of " + t.Name + t.fieldNames()})
		}
	}
	if problems != nil {
		return Filled{}, problems
	}
	return Filled{t, fill(t.System, all), fill(t.Text, all)}, nil
}

// fieldNames lists the fields, for an error.
func (t *Template) fieldNames() string {
	var names []string
	for _, f := range t.Fields {
		names = append(names, f.Name)
	}
	if names == nil {
		return ", which has none"
	}
	return ", which has: " + strings.Join(names, ", ")
}

// accept returns what the field has if that was written.
func (f Field) accept(written string) (string, error) {
	written = strings.TrimSpace(written)
	if written == "" {
		written = f.Default
	}
	if written == "" {
		if f.Required {
			return "", &FieldError{f.Name, "is needed"}
		}
		return "", nil
	}
	if len(f.Choices) == 0 {
		return written, nil
	}
	for _, c := range f.Choices {
		if strings.EqualFold(c, written) {
			return c, nil
		}
	}
	return "", &FieldError{f.Name, fmt.Sprintf("is %s: not %q", orList(f.Choices), written)}
}

// orList writes "a, b or c".
func orList(all []string) string {
	if len(all) == 1 {
		return all[0]
	}
	return strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
}

func fill(text string, values map[string]string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		fields, filled := 0, 0
		line = placeholder().ReplaceAllStringFunc(line, func(field string) string {
			value := values[placeholder().FindStringSubmatch(field)[1]]
			fields++
			if value != "" {
				filled++
			}
			return value
		})
		if fields == 0 || filled > 0 {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
