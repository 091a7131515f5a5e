package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/lazyregexp"
	"github.com/vlmchat/vlmchat/prompts"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/tasks/batch"
)

// compose finds the text of the question, by a template if there is one.
func (s *batchAsker) compose(how *recipe, item batch.Item, job *batch.Job) error {
	prompt := s.prompt
	if job.Prompt != nil {
		prompt = *job.Prompt
	}
	name := s.flags.template
	if job.Template != "" {
		name = job.Template
	}
	var err error
	switch {
	case job.Messages != nil && job.Prompt == nil && job.Template == "":
		how.text = "" // the conversation asks
		if _, err := parseMessages(job.Messages); err != nil {
			return fmt.Errorf("its messages%w", err)
		}
		return nil
	case name == "":
		if how.text, err = fillIn(prompt, item); err != nil {
			return err
		}
		if len(job.Fields) > 0 {
			return errors.New("it has fields, and there is no template that has them: -t, or its member template, names one")
		}
		if strings.TrimSpace(how.text) == "" && len(how.examples) == 0 {
			return errors.New("there is no question: -p or -t asks the same of all, and a job has its own as its prompt")
		}
		how.examples = withQuestion(how.examples, how.text)
		return nil
	}
	t, err := s.find(name)
	if err != nil {
		return err
	}
	values, err := s.values(t, item, job, prompt)
	if err != nil {
		return err
	}
	if err := how.apply(s.app, t, values); err != nil {
		return err
	}
	shown, err := s.shown(t)
	how.examples = withQuestion(slices.Concat(shown, how.examples), how.text)
	return err
}

// values are those of a template's fields: the flags', over these the item's own members,
// and over these what it says of the fields.
func (s *batchAsker) values(t *prompts.Template, item batch.Item, job *batch.Job, prompt string) (map[string]string, error) {
	values, err := s.flags.values()
	if err != nil {
		return nil, err
	}
	for _, f := range t.Fields {
		if value, ok := item.OwnValue(f.Name); ok {
			values[f.Name] = value
		}
	}
	for name, value := range job.Fields {
		values[name] = value
	}
	switch {
	case prompt == "":
	case len(t.Fields) == 0:
		return nil, fmt.Errorf("the prompt %s has no field that a question could be for", t.Name)
	default:
		text, err := fillIn(prompt, item)
		if err != nil {
			return nil, err
		}
		values[t.Fields[0].Name] = text
	}
	return values, nil
}

// ownMember is where a job's own member goes in a prompt.
var ownMember = lazyregexp.New(`\{\{ *([^{}\s]+) *\}\}`)

// fillIn puts a job's own members in the place of their names. Of a picture that was found
// there are none, and its prompt is taken as it is.
func fillIn(prompt string, item batch.Item) (string, error) {
	if item.Job == nil || !strings.Contains(prompt, "{{") {
		return prompt, nil
	}
	var missing error
	text := ownMember().ReplaceAllStringFunc(prompt, func(place string) string {
		name := ownMember().FindStringSubmatch(place)[1]
		value, ok := item.OwnValue(name)
		if !ok && name == "id" {
			return item.ID
		}
		if !ok && missing == nil {
			missing = fmt.Errorf("it has no member %q, which the prompt has a place for: %s", name, place)
		}
		return value
	})
	return text, missing
}

// shown are the examples of a template, whose pictures are read once.
func (s *batchAsker) shown(t *prompts.Template) ([]engine.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if shown, read := s.examples[t.Name]; read || len(t.Examples) == 0 {
		return shown, nil
	}
	shown, err := tasks.Examples(s.ctx, prompts.Filled{Template: t}, s.app.loader.Load)
	if err == nil {
		s.examples[t.Name] = shown
	}
	return shown, err
}

// withQuestion has examples that have no question of their own be about the one that is
// asked.
func withQuestion(examples []engine.Message, text string) []engine.Message {
	all := slices.Clone(examples)
	for i, m := range all {
		last := len(m.Parts) - 1
		if m.Role != engine.User || last >= 0 && m.Parts[last].Picture == nil && m.Parts[last].URL == "" && m.Parts[last].Text != "" {
			continue
		}
		parts := slices.DeleteFunc(slices.Clone(m.Parts), func(p engine.Part) bool { return p == engine.Part{} })
		all[i].Parts = append(parts, engine.Part{Text: text})
	}
	return all
}
