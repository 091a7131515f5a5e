package prompts

import (
	"math"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/jsonschema"
)

// Check returns what is wrong with a template, and what is odd about it, as it would surprise
// whoever asks it: a field that goes nowhere, a schema for which the native engine has no
// grammar. All are *Error, in the order of their lines.
func Check(file string, data []byte) (wrong, odd []error) {
	t, p := parse(file, data)
	if len(p.problems) > 0 {
		return p.problems, nil
	}
	for i, f := range t.Fields {
		if !t.mentions(f.Name) {
			p.fail(p.lineOf("[[fields]]", i), "the field %s goes nowhere: {{%s}} in the text is its place", f.Name, f.Name)
		}
	}
	if t.Schema != nil {
		if _, err := jsonschema.Grammar(t.Schema); err != nil {
			p.fail(p.lineOf("schema", 0), "the native engine can't hold an answer to the schema: %v", err)
		}
	}
	p.sort()
	return nil, p.problems
}

// mentions tells whether the value of a field goes anywhere.
func (t *Template) mentions(field string) bool {
	return slices.ContainsFunc(placeholder().FindAllStringSubmatch(t.System+"\n"+t.Text, -1), func(found []string) bool { return found[1] == field })
}

// check finds what can't be in a template.
func (p *parser) check(t *Template, name, body string) {
	if name != "" && name != t.Name {
		p.fail(p.lineOf("name", 0), "it calls itself %q, and its file %q: the file's name is what counts", name, t.Name)
	}
	if t.Text == "" && !t.Hidden {
		p.fail(p.bodyLine, "there is no text to ask")
	}
	if t.Pictures < 0 || t.Pictures > maxPictures {
		p.fail(p.lineOf("pictures", 0), "pictures is a number from 0 to %d", maxPictures)
	}
	if t.Schema != nil {
		if err := jsonschema.Supported(t.Schema); err != nil {
			p.fail(p.lineOf("schema", 0), "the schema can't be used: %v", err)
		}
	}
	p.checkFields(t)
	p.checkExamples(t)
	p.checkSampling(t.Sampling)
	p.checkPlaceholders(t, t.System, p.lineOf("system", 0))
	line := p.bodyLine
	for text := range strings.Lines(body) {
		p.checkPlaceholders(t, text, line)
		line++
	}
}

func (p *parser) checkFields(t *Template) {
	if len(t.Fields) > maxFields {
		p.fail(p.lineOf("[[fields]]", maxFields), "there are more than %d fields", maxFields)
		return
	}
	for i, f := range t.Fields {
		line := p.lineOf("[[fields]]", i)
		earlier := slices.ContainsFunc(t.Fields[:i], func(e Field) bool { return e.Name == f.Name })
		blank := slices.ContainsFunc(f.Choices, func(c string) bool { return strings.TrimSpace(c) != c || c == "" })
		switch {
		case !ValidName(f.Name):
			p.fail(line, "field %d has the name %q: small letters, digits, - and _ make one", i+1, f.Name)
		case earlier:
			p.fail(line, "there are two fields called %s", f.Name)
		case len(f.Choices) > maxChoices:
			p.fail(line, "the field %s has more than %d choices", f.Name, maxChoices)
		case blank:
			p.fail(line, "a choice of the field %s is empty, or has blanks around it", f.Name)
		case f.Default != "" && len(f.Choices) > 0 && !slices.Contains(f.Choices, f.Default):
			p.fail(line, "the field %s is %q by default, which is none of its choices", f.Name, f.Default)
		}
	}
}

func (p *parser) checkExamples(t *Template) {
	if len(t.Examples) > maxExamples {
		p.fail(p.lineOf("[[examples]]", maxExamples), "there are more than %d examples", maxExamples)
		return
	}
	for i, e := range t.Examples {
		line := p.lineOf("[[examples]]", i)
		t.Examples[i].Line = line
		if strings.TrimSpace(e.Answer) == "" {
			p.fail(line, "example %d has no answer", i+1)
		}
		if len(e.Pictures) > maxPictures || slices.Contains(e.Pictures, "") {
			p.fail(line, "the pictures of example %d are names of files, at most %d", i+1, maxPictures)
		}
		if at := slices.IndexFunc(e.Pictures, func(name string) bool { return strings.Contains(name, "://") }); at >= 0 {
			p.fail(line, "example %d has the address %s: its pictures are files beside the template", i+1, e.Pictures[at])
		}
	}
}

func (p *parser) checkSampling(s Sampling) {
	within := func(v *float64, most float64) bool { return v == nil || *v >= 0 && *v <= most && !math.IsNaN(*v) }
	if !within(s.Temperature, 100) {
		p.fail(p.lineOf("temperature", 0), "the temperature is a number from 0 to 100")
	}
	if !within(s.TopP, 1) {
		p.fail(p.lineOf("top-p", 0), "top-p is a number from 0 to 1")
	}
	if s.MaxTokens != nil && (*s.MaxTokens < 1 || *s.MaxTokens > math.MaxInt32) {
		p.fail(p.lineOf("max-tokens", 0), "max-tokens is a number of tokens from 1 up")
	}
}

// checkPlaceholders makes sure that there is a field for each place of one.
func (p *parser) checkPlaceholders(t *Template, text string, line int) {
	for _, found := range placeholder().FindAllStringSubmatch(text, -1) {
		if !slices.ContainsFunc(t.Fields, func(f Field) bool { return f.Name == found[1] }) {
			p.fail(line, "%s has no field: name = %q in a part [[fields]] makes one", found[0], found[1])
		}
	}
}
