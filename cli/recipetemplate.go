package cli

import (
	"errors"
	"strings"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/prompts"
	"github.com/vlmchat/vlmchat/tasks"
)

// fill takes what the template of the flags says.
func (r *recipe) fill(a *app, flags recipeFlags, text string) error {
	t, err := a.findPrompt(flags.template)
	if err != nil {
		return err
	}
	values, err := flags.values()
	if err != nil {
		return err
	}
	switch {
	case text == "":
	case len(t.Fields) == 0:
		return usagef("the prompt %s has no field that -p could be for", t.Name)
	case values[t.Fields[0].Name] != "":
		return usagef("the field %s of the prompt %s is given twice: by --field, and by -p as the first field", t.Fields[0].Name, t.Name)
	default:
		values[t.Fields[0].Name] = text
	}
	return r.apply(a, t, values)
}

// values are those of the fields that --field fills in.
func (r *recipeFlags) values() (map[string]string, error) {
	values := map[string]string{}
	for _, field := range r.fields {
		name, value, found := strings.Cut(field, "=")
		if !found {
			return nil, usagef("--field %q is not NAME=VALUE", field)
		}
		values[name] = value
	}
	return values, nil
}

// apply takes what a template says, whose fields have these values.
func (r *recipe) apply(a *app, t *prompts.Template, values map[string]string) error {
	filled, problems := t.Fill(values)
	if problems != nil {
		how := ""
		if len(values) == 0 {
			how = "; -F NAME=VALUE fills in a field"
		}
		return usagef("the prompt %s can't be asked: %w%s", t.Name, errors.Join(problems...), how)
	}
	r.template, r.text = &filled, filled.Text
	given := func(name string) bool { _, ok := a.flags(name); return ok }
	if filled.System != "" && !given(config.System) {
		r.system, r.own.system = filled.System, filled.System
	}
	if filled.Schema != nil && !r.held.given() {
		r.held = structure{file: "the prompt " + t.Name, schema: filled.Schema}
	}
	s := &r.own.sampling
	if s.Temperature = filled.Sampling.Temperature; s.Temperature != nil && given(config.Temperature) {
		s.Temperature = nil
	}
	if s.TopP = filled.Sampling.TopP; s.TopP != nil && given(config.TopP) {
		s.TopP = nil
	}
	if s.Seed = filled.Sampling.Seed; s.Seed != nil && given(config.Seed) {
		s.Seed = nil
	}
	if s.MaxTokens = filled.Sampling.MaxTokens; s.MaxTokens != nil && given(config.MaxTokens) {
		s.MaxTokens = nil
	}
	override(&r.sampling.Temperature, s.Temperature)
	override(&r.sampling.TopP, s.TopP)
	override(&r.sampling.MaxTokens, s.MaxTokens)
	if s.Seed != nil {
		r.sampling.Seed = s.Seed
	}
	return nil
}

// enough refuses a conversation with fewer pictures than its prompt is about.
func (r *recipe) enough(messages []engine.Message) error {
	if r.template == nil {
		return nil
	}
	there := len(tasks.Images(messages)) - len(tasks.Images(r.examples))
	switch wanted := r.template.Pictures; {
	case there >= wanted:
		return nil
	case wanted == 1:
		return usagef("the prompt %s is about a picture, and there is none", r.template.Name)
	default:
		return usagef("the prompt %s is about %d pictures, and here are %d", r.template.Name, wanted, there)
	}
}

// override sets what a template, or a job, says, if it says anything.
func override[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}
