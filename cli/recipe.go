package cli

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/spf13/pflag"

	"github.com/vlmchat/vlmchat/config"
	"github.com/vlmchat/vlmchat/engine"
	"github.com/vlmchat/vlmchat/prompts"
	"github.com/vlmchat/vlmchat/tasks"
	"github.com/vlmchat/vlmchat/ui"
)

// recipeFlags say how a command asks about its pictures.
type recipeFlags struct {
	prompt    string
	hasPrompt bool // --prompt was given
	template  string
	fields    []string
	shots     []string
	schema    string
	grammar   string
	logprobs  int
}

func (r *recipeFlags) add(f *pflag.FlagSet) {
	f.StringVarP(&r.prompt, "prompt", "p", "", "ask this and print the answer")
	f.StringVarP(&r.template, "template", "t", "", "ask the prompt of this name, of 'vlmchat prompts list'; -p is then its first field")
	f.StringArrayVarP(&r.fields, "field", "F", nil, "fill in a field of the prompt, NAME=VALUE; may be repeated")
	f.StringArrayVar(&r.shots, "shot", nil, "show how to answer by an example, PICTURE=ANSWER; may be repeated")
	f.StringVar(&r.schema, "schema", "", "hold the answer to the JSON schema in this file")
	f.StringVar(&r.grammar, "grammar", "", "hold the answer to the GBNF grammar in this file (native engine)")
	f.IntVar(&r.logprobs, "logprobs", 0, "with --json and --jsonl: the log-probability of each token, and of so many of the likeliest in its place")
}

// given tells whether any flag says that something is asked at once.
func (r *recipeFlags) given() bool {
	return r.hasPrompt || r.template != "" || r.schema != "" || r.grammar != "" || len(r.shots) > 0 || r.logprobs > 0
}

// recipe is how questions are asked: what all that a command asks have in common.
type recipe struct {
	template *prompts.Filled // nil without one
	text     string          // what is asked about the pictures
	system   string
	examples []engine.Message
	held     structure
	sampling engine.Sampling
	thinking *bool
	logprobs int
}

// recipe reads how questions are asked. text is the question that was found without a
// template, or the value of its first field; setup has what the settings say.
func (a *app) recipe(ctx context.Context, flags recipeFlags, text string, setup ui.Setup) (recipe, error) {
	r := recipe{text: text, system: a.config.String(config.System), sampling: setup.Sampling, thinking: setup.Thinking, logprobs: flags.logprobs}
	var err error
	if r.held, err = readStructure(flags); err != nil {
		return r, err
	}
	if flags.template != "" {
		if err := r.fill(a, flags, text); err != nil {
			return r, err
		}
		if r.examples, err = tasks.Examples(ctx, *r.template, a.loader.Load); err != nil {
			return r, err
		}
	} else if len(flags.fields) > 0 {
		return r, usagef("--field fills in a prompt of the library: -t names it")
	}
	for _, shot := range flags.shots {
		source, answer, found := strings.Cut(shot, "=")
		if !found || source == "" || strings.TrimSpace(answer) == "" {
			return r, usagef("--shot %q is not PICTURE=ANSWER", shot)
		}
		if err := r.example(ctx, a, []string{source}, "", answer); err != nil {
			return r, err
		}
	}
	return r, nil
}

// fill takes what the template of the flags says.
func (r *recipe) fill(a *app, flags recipeFlags, text string) error {
	l := library()
	t, err := l.Find(flags.template)
	if err != nil {
		a.tellProblems(l)
		return usagef("%w; 'vlmchat prompts list' lists them", err)
	}
	values := map[string]string{}
	for _, field := range flags.fields {
		name, value, found := strings.Cut(field, "=")
		if !found {
			return usagef("--field %q is not NAME=VALUE", field)
		}
		values[name] = value
	}
	if text != "" && len(t.Fields) > 0 {
		values[t.Fields[0].Name] = text
	} else if text != "" {
		return usagef("the prompt %s has no field that -p could be for", t.Name)
	}
	return r.apply(a, t, values)
}

// apply takes what a template says, whose fields have these values.
func (r *recipe) apply(a *app, t *prompts.Template, values map[string]string) error {
	filled, problems := t.Fill(values)
	if problems != nil {
		return usagef("the prompt %s can't be asked: %w", t.Name, errors.Join(problems...))
	}
	r.template, r.text = &filled, filled.Text
	given := func(name string) bool { _, ok := a.flags(name); return ok }
	if filled.System != "" && !given(config.System) {
		r.system = filled.System
	}
	if filled.Schema != nil && !r.held.given() {
		r.held = structure{file: "the prompt " + t.Name, schema: json.RawMessage(filled.Schema)}
	}
	s := filled.Sampling
	if s.Temperature != nil && !given(config.Temperature) {
		r.sampling.Temperature = *s.Temperature
	}
	if s.TopP != nil && !given(config.TopP) {
		r.sampling.TopP = *s.TopP
	}
	if s.Seed != nil && !given(config.Seed) {
		r.sampling.Seed = s.Seed
	}
	if s.MaxTokens != nil && !given(config.MaxTokens) {
		r.sampling.MaxTokens = *s.MaxTokens
	}
	return nil
}

// example adds a question that was answered well; without a question of its own it is the
// recipe's.
func (r *recipe) example(ctx context.Context, a *app, sources []string, question, answer string) error {
	if question == "" {
		question = r.text
	}
	parts, err := a.pictures(ctx, sources)
	if err != nil {
		return err
	}
	r.examples = append(r.examples,
		engine.Message{Role: engine.User, Parts: append(parts, engine.Part{Text: question})},
		engine.Text(engine.Assistant, answer))
	return nil
}

// messages are the conversation at whose end pictures are asked about; earlier is what was
// said before.
func (r *recipe) messages(earlier []engine.Message, pictures []engine.Part) []engine.Message {
	var all []engine.Message
	if r.system != "" {
		all = append(all, engine.Text(engine.System, r.system))
	}
	all = append(append(all, r.examples...), earlier...)
	last := engine.Message{Role: engine.User, Parts: pictures}
	if r.text != "" {
		last.Parts = append(last.Parts[:len(last.Parts):len(last.Parts)], engine.Part{Text: r.text})
	}
	if len(last.Parts) > 0 {
		all = append(all, last)
	}
	return all
}

// request asks about these messages, as the recipe says.
func (r *recipe) request(messages []engine.Message) engine.Request {
	return engine.Request{
		Messages: messages, Sampling: r.sampling, Thinking: r.thinking, Schema: r.held.schema, Grammar: r.held.grammar,
		Logprobs: r.logprobs > 0, TopLogprobs: r.logprobs,
	}
}
